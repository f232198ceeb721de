"""The worker's side of ordered statements: leases, pieces of files, and what is kept no longer.

Each lease is a new attempt, and whatever a maker writes names its attempt in the same statement: one whose lease was
taken over, however late it wakes up, writes nothing.  A piece is a transaction of its own, so no lock is held while the
file is made.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.statement_orders import (
    Failure,
    LeaseLost,
    StatementFile,
    StatementOrder,
    StatementOrderStatus,
)
from adapter.store.database import Database
from adapter.store.lists import is_one_of
from adapter.store.statement_orders import UNFINISHED, load_order
from adapter.store.tables import statement_order_chunks as chunks
from adapter.store.tables import statement_orders as orders

# Accounts whose statements living consents give now, by consent; one that is over is not in the answer.
StatementPermits = Callable[[Connection, Collection[str], dt.datetime], Mapping[str, Collection[str]]]

PIECES_AT_ONCE = 16  # dropped in one transaction

QUEUED, MAKING, READY, FAILED, EXPIRED = (status.value for status in StatementOrderStatus)

DUE = (
    sa.select(orders)
    .where(
        UNFINISHED,
        orders.c.due_at <= sa.bindparam("now"),
        sa.or_(orders.c.lease_until.is_(None), orders.c.lease_until <= sa.bindparam("now")),
    )
    .order_by(orders.c.due_at, orders.c.id)
    .limit(1)
    .with_for_update(skip_locked=True)
)
LEASE = (
    orders.update()
    .where(orders.c.id == sa.bindparam("of_id"))
    .values(
        status=MAKING,
        attempt=orders.c.attempt + 1,
        entries_done=0,
        lease_owner=sa.bindparam("owner"),
        lease_until=sa.bindparam("until"),
    )
    .returning(orders)
)
OURS = orders.update().where(
    orders.c.id == sa.bindparam("of_id"), orders.c.attempt == sa.bindparam("of_attempt"), orders.c.status == MAKING
)
LET_GO: Mapping[str, Any] = {"lease_owner": None, "lease_until": None}

EXPIRE = (
    orders.update().where(orders.c.status == READY, orders.c.expires_at <= sa.bindparam("now")).values(status=EXPIRED)
)
LIVING = sa.select(orders.c.id, orders.c.consent_id, orders.c.account_id).where(
    orders.c.status.in_([QUEUED, MAKING, READY])
)
END = orders.update().where(is_one_of(orders.c.id, "ids")).values(status=EXPIRED, **LET_GO)
IS_DEAD = sa.or_(orders.c.status.in_([FAILED, EXPIRED]), chunks.c.attempt < orders.c.attempt)
WITH_DEAD_PIECES = sa.select(chunks.c.order_id).join(orders, orders.c.id == chunks.c.order_id).where(IS_DEAD).distinct()
DROP = chunks.delete().where(
    sa.tuple_(chunks.c.order_id, chunks.c.attempt, chunks.c.place).in_(
        sa.select(chunks.c.order_id, chunks.c.attempt, chunks.c.place)
        .join(orders, orders.c.id == chunks.c.order_id)
        .where(chunks.c.order_id == sa.bindparam("of_id"), IS_DEAD)
        .limit(PIECES_AT_ONCE)
    )
)
FORGET = orders.delete().where(
    orders.c.created_at < sa.bindparam("before"),
    orders.c.status.in_([FAILED, EXPIRED]),
    ~sa.exists().where(chunks.c.order_id == orders.c.id),
)


class StatementMakings:
    """Meets `ports.StatementWorkshop`.  `permits` tells whose files may still be fetched."""

    def __init__(self, database: Database, permits: StatementPermits) -> None:
        self._database = database
        self._permits = permits

    def lease(self, owner: str, now: dt.datetime, until: dt.datetime) -> StatementOrder | None:
        with self._database.transaction() as tx:
            due = tx.execute(DUE, {"now": now}).one_or_none()
            if due is None:
                return None
            leased = tx.execute(LEASE, {"of_id": due.id, "owner": owner, "until": until}).one()
        self._drop_pieces(leased.id)
        return load_order(leased)

    def note_progress(self, order: StatementOrder, entries: int, done: int, until: dt.datetime) -> None:
        with self._database.transaction() as tx:
            _write(tx, order, entries=entries, entries_done=done, lease_until=until)

    def add_piece(self, order: StatementOrder, place: int, data: bytes, until: dt.datetime) -> None:
        with self._database.transaction() as tx:
            _write(tx, order, lease_until=until)
            tx.execute(chunks.insert(), {"order_id": order.id, "attempt": order.attempt, "place": place, "data": data})

    def finish(
        self, order: StatementOrder, file: StatementFile, ready_at: dt.datetime, expires_at: dt.datetime
    ) -> None:
        with self._database.transaction() as tx:
            _write(
                tx,
                order,
                status=READY,
                media_type=file.media_type,
                file_name=file.name,
                size=file.size,
                sha256=file.sha256,
                as_of=file.as_of,
                ready_at=ready_at,
                expires_at=expires_at,
                **LET_GO,
            )

    def put_back(self, order: StatementOrder, due_at: dt.datetime, failures: int) -> None:
        with self._database.transaction() as tx:
            _write(tx, order, status=QUEUED, failures=failures, entries_done=0, due_at=due_at, **LET_GO)

    def fail(self, order: StatementOrder, failure: Failure) -> None:
        with self._database.transaction() as tx:
            _write(tx, order, status=FAILED, failure=failure.value, **LET_GO)
        self._drop_pieces(order.id)

    def sweep(self, now: dt.datetime, forget_before: dt.datetime) -> int:
        with self._database.transaction() as tx:
            tx.execute(EXPIRE, {"now": now})
            self._end_unpermitted(tx, now)
        with self._database.reading() as connection:
            ids = connection.scalars(WITH_DEAD_PIECES).all()
        for order_id in ids:
            self._drop_pieces(order_id)
        with self._database.transaction() as tx:
            tx.execute(FORGET, {"before": forget_before})
        return len(ids)

    def _end_unpermitted(self, tx: Connection, now: dt.datetime) -> None:
        """Orders whose consent is over, or whose account was taken out of it: their makers lose them, too."""
        living = tx.execute(LIVING).all()
        allowed = self._permits(tx, {row.consent_id for row in living}, now) if living else {}
        ended = [row.id for row in living if row.account_id not in allowed.get(row.consent_id, ())]
        if ended:
            tx.execute(END, {"ids": ended})

    def _drop_pieces(self, order_id: str) -> None:
        """What nobody may read any more of one order, in small transactions."""
        while True:
            with self._database.transaction() as tx:
                if tx.execute(DROP, {"of_id": order_id}).rowcount < PIECES_AT_ONCE:
                    return


def _write(tx: Connection, order: StatementOrder, **values: Any) -> None:
    """Change the order while it is in these hands; raises LeaseLost."""
    found = tx.execute(OURS.values(values), {"of_id": order.id, "of_attempt": order.attempt})
    if found.rowcount != 1:
        raise LeaseLost
