"""Ordered statements as partners see them: accepted once per key, read by the consent that ordered."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.errors import NotFound, StatementExpired, TooManyStatementOrders
from adapter.domain.imports import KeyClaim
from adapter.domain.statement_orders import (
    PIECE_BYTES,
    Failure,
    StatementFile,
    StatementOrder,
    StatementOrderStatus,
    StatementWish,
)
from adapter.ports import Clock, StatementCaller
from adapter.store.database import Database
from adapter.store.idempotency import claim_key, find_key
from adapter.store.tables import statement_order_chunks as chunks
from adapter.store.tables import statement_orders as orders

UNFINISHED = orders.c.status.in_([one.value for one in StatementOrderStatus if one.is_unfinished])

READ = sa.select(orders).where(
    orders.c.id == sa.bindparam("of_id"),
    orders.c.partner_id == sa.bindparam("partner_id"),
    orders.c.customer_id == sa.bindparam("customer_id"),
    orders.c.consent_id == sa.bindparam("consent_id"),
)
COUNT = sa.select(
    sa.func.count().filter(UNFINISHED), sa.func.count().filter(orders.c.status == StatementOrderStatus.READY.value)
).where(orders.c.consent_id == sa.bindparam("consent_id"))
LOCK_CONSENT = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtext(sa.bindparam("consent_id", type_=sa.String))))
PIECE = sa.select(chunks.c.data).where(
    chunks.c.order_id == sa.bindparam("of_id"),
    chunks.c.attempt == sa.bindparam("attempt"),
    chunks.c.place == sa.bindparam("place"),
)


class StatementOrderRecords:
    """Meets `ports.StatementOrderBook`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def find_key(self, caller: StatementCaller, claim: KeyClaim) -> str | None:
        with self._database.reading() as connection:
            return find_key(connection, caller, claim)

    def accept(
        self, caller: StatementCaller, claim: KeyClaim, order: StatementOrder, unfinished_max: int, files_max: int
    ) -> tuple[StatementOrder, bool]:
        with self._database.transaction() as tx:
            earlier = claim_key(tx, caller, claim, order.id, self._clock.now())
            if earlier is not None:
                return self._read(tx, caller, earlier), False
            _check_room(tx, order.consent_id, unfinished_max, files_max)
            tx.execute(orders.insert(), _dump(order))
            return order, True

    def read(self, caller: StatementCaller, order_id: str) -> StatementOrder:
        with self._database.reading() as connection:
            return self._read(connection, caller, order_id)

    def read_pieces(self, order: StatementOrder, first: int, end: int) -> Iterator[bytes]:
        for place in range(first // PIECE_BYTES, -(-end // PIECE_BYTES)):
            begin = place * PIECE_BYTES
            data = self._read_piece(order, place)
            yield data[max(first - begin, 0) : end - begin]

    def _read(self, connection: Connection, caller: StatementCaller, order_id: str) -> StatementOrder:
        ours = {
            "of_id": order_id,
            "partner_id": caller.partner_id,
            "customer_id": caller.customer_id,
            "consent_id": caller.consent_id,
        }
        row = connection.execute(READ, ours).one_or_none()
        if row is None:
            raise NotFound
        order = load_order(row)
        is_over = order.expires_at is not None and order.expires_at <= self._clock.now()
        return replace(order, status=StatementOrderStatus.EXPIRED) if is_over else order

    def _read_piece(self, order: StatementOrder, place: int) -> bytes:
        with self._database.reading() as connection:
            found = connection.execute(PIECE, {"of_id": order.id, "attempt": order.attempt, "place": place})
            data = found.scalar_one_or_none()
        if data is None:
            raise StatementExpired
        return bytes(data)


def load_order(row: Any) -> StatementOrder:
    """A row of the table as a domain value."""
    wish = StatementWish(
        account_id=row.account_id, date_from=row.date_from, date_to=row.date_to, shape=row.shape, options=row.options
    )
    return StatementOrder(
        id=row.id,
        partner_id=row.partner_id,
        customer_id=row.customer_id,
        consent_id=row.consent_id,
        history_from=row.history_from,
        wish=wish,
        status=StatementOrderStatus(row.status),
        created_at=row.created_at,
        failure=Failure(row.failure) if row.failure else None,
        entries=row.entries,
        entries_done=row.entries_done,
        attempt=row.attempt,
        failures=row.failures,
        ready_at=row.ready_at,
        expires_at=row.expires_at,
        file=_load_file(row),
    )


def _load_file(row: Any) -> StatementFile | None:
    if row.sha256 is None:
        return None
    return StatementFile(
        media_type=row.media_type, name=row.file_name, size=row.size, sha256=bytes(row.sha256), as_of=row.as_of
    )


def _dump(order: StatementOrder) -> dict[str, Any]:
    """The row of a new order."""
    wish = order.wish
    return {
        "id": order.id,
        "partner_id": order.partner_id,
        "customer_id": order.customer_id,
        "consent_id": order.consent_id,
        "history_from": order.history_from,
        "account_id": wish.account_id,
        "date_from": wish.date_from,
        "date_to": wish.date_to,
        "shape": wish.shape,
        "options": dict(wish.options),
        "status": order.status.value,
        "created_at": order.created_at,
        "due_at": order.created_at,
    }


def _check_room(tx: Connection, consent_id: str, unfinished_max: int, files_max: int) -> None:
    """Requests of one consent count one after the other; on SQLite the transaction is the only writer anyway."""
    if tx.dialect.name == "postgresql":
        tx.execute(LOCK_CONSENT, {"consent_id": consent_id})
    unfinished, files = tx.execute(COUNT, {"consent_id": consent_id}).one()
    if unfinished >= unfinished_max:
        raise TooManyStatementOrders(unfinished_max, "unfinished statements")
    if files >= files_max:
        raise TooManyStatementOrders(files_max, "files that are kept")
