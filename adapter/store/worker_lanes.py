"""What the worker processes tell of their lanes to the core.  Meets `ports.LaneBook`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
import structlog

from adapter.domain.lanes import LaneState, WorkerLane
from adapter.store.backlog import age
from adapter.store.database import Database, insert_into
from adapter.store.tables import worker_lanes

log = structlog.get_logger("adapter.worker_lanes")

KEPT = dt.timedelta(hours=1)  # of a process that was killed; one that stops takes its word back itself

_LIST = sa.select(worker_lanes).order_by(worker_lanes.c.told_at.desc(), worker_lanes.c.process, worker_lanes.c.lane)
_FORGET_OLD = worker_lanes.delete().where(worker_lanes.c.told_at < sa.bindparam("before"))
_FORGET = worker_lanes.delete().where(worker_lanes.c.process == sa.bindparam("of_process"))


class WorkerLanes:
    def __init__(self, database: Database) -> None:
        self._database = database

    def tell(self, process: str, lanes: Sequence[LaneState], now: dt.datetime) -> None:
        with self._database.transaction() as tx:
            for lane in lanes:
                told = _dump(lane, now)
                statement = insert_into(tx, worker_lanes).values({"process": process, "lane": lane.name, **told})
                tx.execute(statement.on_conflict_do_update(index_elements=["process", "lane"], set_=told))
            tx.execute(_FORGET_OLD, {"before": now - KEPT})

    def take_back(self, process: str) -> None:
        try:
            with self._database.transaction() as tx:
                tx.execute(_FORGET, {"of_process": process})
        except sa.exc.SQLAlchemyError as error:  # the word grows old by itself
            log.warning("the worker's word about its lanes cannot be taken back", error=type(error).__name__)

    def list_told(self, now: dt.datetime) -> Sequence[WorkerLane]:
        with self._database.reading() as connection:
            return [_load(row, now) for row in connection.execute(_LIST)]


def _dump(lane: LaneState, now: dt.datetime) -> dict[str, Any]:
    return {
        "opened_at": now - dt.timedelta(seconds=lane.open_for_s) if lane.is_open else None,
        "rests_until": now + dt.timedelta(seconds=lane.rests_s) if lane.rests_s else None,
        "failures": lane.failures,
        "running": lane.running,
        "calls_max": lane.calls_max,
        "asked_at": now - dt.timedelta(seconds=lane.asked_s) if lane.asked_s is not None else None,
        "told_at": now,
    }


def _load(row: Any, now: dt.datetime) -> WorkerLane:
    state = LaneState(
        name=row.lane,
        is_open=row.opened_at is not None,
        open_for_s=age(now, row.opened_at),
        rests_s=max(0.0, (row.rests_until - now).total_seconds()) if row.rests_until else 0.0,
        failures=row.failures,
        running=row.running,
        calls_max=row.calls_max,
        asked_s=age(now, row.asked_at) if row.asked_at else None,
    )
    return WorkerLane(process=row.process, told_s=age(now, row.told_at), state=state)
