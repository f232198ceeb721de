"""What waits and what alarmed, for staff.  Meets `ports.LinkBook`."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.alarms import load_facts
from adapter.domain.errors import NotFound
from adapter.domain.link import Alarm, Backlog
from adapter.domain.stuck import Act
from adapter.ports import Clock
from adapter.store.backlog import read_backlog
from adapter.store.database import Database
from adapter.store.tables import alarms, payments

# Accounts that some partner may read now.
Connected = Callable[[Connection, dt.datetime], Collection[str]]
# Writes an act into the audit log, in the transaction of the act itself.
RecordAct = Callable[[Connection, Act, Alarm], None]

_ALARMS = sa.select(
    alarms.c.id, alarms.c.kind, alarms.c.subject, alarms.c.detail, alarms.c.at, payments.c.id.label("payment_id")
).select_from(alarms.outerjoin(payments, payments.c.id == alarms.c.subject))
OPEN = _ALARMS.where(alarms.c.acknowledged_at.is_(None)).order_by(alarms.c.id.desc()).limit(sa.bindparam("limit"))
READ = _ALARMS.where(alarms.c.id == sa.bindparam("of_id"))
ACKNOWLEDGE = (
    alarms.update()
    .where(alarms.c.id == sa.bindparam("of_id"), alarms.c.acknowledged_at.is_(None))
    .values(acknowledged_at=sa.bindparam("now"))
)


class CoreLinkRecords:
    """`connected` tells whose feeds matter, `record` writes the audit log."""

    def __init__(self, database: Database, clock: Clock, connected: Connected, record: RecordAct) -> None:
        self._database = database
        self._clock = clock
        self._connected = connected
        self._record = record

    def read_backlog(self) -> Backlog:
        now = self._clock.now()
        with self._database.reading() as connection:
            return read_backlog(connection, sorted(self._connected(connection, now)), now)

    def list_alarms(self, limit: int) -> Sequence[Alarm]:
        with self._database.reading() as connection:
            return [_load(row) for row in connection.execute(OPEN, {"limit": limit})]

    def acknowledge(self, alarm_id: int, act: Act) -> None:
        with self._database.transaction() as tx:
            row = tx.execute(READ, {"of_id": alarm_id}).one_or_none()
            if row is None:
                raise NotFound
            if tx.execute(ACKNOWLEDGE, {"of_id": alarm_id, "now": self._clock.now()}).rowcount:
                self._record(tx, act, _load(row))


def _load(row: Any) -> Alarm:
    facts = load_facts(row.detail)
    return Alarm(
        id=row.id,
        kind=row.kind,
        subject=row.subject,
        payment_id=row.payment_id,
        facts=facts or {},
        text=row.detail if facts is None else "",
        at=row.at,
    )
