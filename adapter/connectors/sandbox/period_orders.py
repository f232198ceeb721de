"""Statements of a period that the product orders beside the feed, under its own ids; made when they are read."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.sandbox import ledger
from adapter.connectors.sandbox.tables import statement_orders
from adapter.domain.core import CoreStatement, CoreStatementOrder, StatementAnswer, StatementRefused
from adapter.domain.moscow import moscow_day

_BY_ID = sa.select(statement_orders).where(statement_orders.c.id == sa.bindparam("order_id"))


def order(tx: Connection, wanted: CoreStatementOrder) -> None:
    """Remember an order; one whose id is known already changes nothing."""
    if tx.execute(_BY_ID, {"order_id": wanted.id}).one_or_none() is None:
        row = {
            "id": wanted.id,
            "account_id": wanted.core_account_id,
            "date_from": wanted.date_from,
            "date_to": wanted.date_to,
        }
        tx.execute(sa.insert(statement_orders), row)


def read(connection: Connection, order_id: str, now: dt.datetime) -> StatementAnswer:
    """The period as the books have it now, or why there is none."""
    row = connection.execute(_BY_ID, {"order_id": order_id}).one_or_none()
    if row is None:
        return StatementRefused(order_id=order_id, code="unknown_order", reason="Такая выписка не заказана")
    if not row.date_from <= row.date_to <= moscow_day(now):
        return StatementRefused(order_id=order_id, code="wrong_period", reason="Период указан неверно")
    try:
        opening, closing, entries = ledger.read_period(connection, row.account_id, row.date_from, row.date_to)
    except ledger.UnknownAccount:
        return StatementRefused(order_id=order_id, code="unknown_account", reason="Счёт не найден в банке")
    return CoreStatement(
        order_id=order_id,
        core_account_id=row.account_id,
        date_from=row.date_from,
        date_to=row.date_to,
        opening=opening,
        closing=closing,
        entries=entries,
        as_of=now,
    )
