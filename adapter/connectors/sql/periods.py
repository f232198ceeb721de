"""Statements of a period, which the product orders under its own ids; made when they are read, in one snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from adapter.connectors.sql.records import Row, load_entry
from adapter.connectors.sql.views import accounts, balances, days, entries, statement_orders
from adapter.domain.core import CoreEntry, CoreStatement, CoreStatementOrder, StatementAnswer, StatementRefused
from adapter.domain.money import Money
from adapter.domain.statements import Direction

_ORDER = insert(statement_orders).on_conflict_do_nothing(index_elements=["order_id"])
_BY_ID = (
    sa.select(statement_orders, accounts.c.currency)
    .join(accounts, accounts.c.account_id == statement_orders.c.account_id, isouter=True)
    .where(statement_orders.c.order_id == sa.bindparam("order_id"))
)
_ENTRIES = (
    sa.select(entries)
    .where(
        entries.c.account_id == sa.bindparam("account"),
        entries.c.booking_date.between(sa.bindparam("first"), sa.bindparam("last")),
    )
    .order_by(entries.c.booking_date, entries.c.number)
)
_CLOSING = (
    sa.select(days.c.closing)
    .where(days.c.account_id == sa.bindparam("account"), days.c.day <= sa.bindparam("day"))
    .order_by(days.c.day.desc())
    .limit(1)
)
_FIRST_OPENING = (
    sa.select(days.c.opening).where(days.c.account_id == sa.bindparam("account")).order_by(days.c.day).limit(1)
)
_LAST_DAY = sa.select(sa.func.max(days.c.day)).where(days.c.account_id == sa.bindparam("account"))
_BALANCE = sa.select(balances.c.booked).where(balances.c.account_id == sa.bindparam("account"))


def order(tx: Connection, wanted: CoreStatementOrder) -> None:
    """Note an order; one whose id is known already changes nothing."""
    row = {
        "order_id": wanted.id,
        "account_id": wanted.core_account_id,
        "date_from": wanted.date_from,
        "date_to": wanted.date_to,
    }
    tx.execute(_ORDER, row)


def read(connection: Connection, order_id: str, today: dt.date, now: dt.datetime) -> StatementAnswer:
    """The period as the books have it now, or why there is none."""
    row = connection.execute(_BY_ID, {"order_id": order_id}).one_or_none()
    if row is None:
        return StatementRefused(order_id=order_id, code="unknown_order", reason="Такая выписка не заказана")
    if row.currency is None:
        return StatementRefused(order_id=order_id, code="unknown_account", reason="Счёт не найден в банке")
    if not row.date_from <= row.date_to <= today:
        return StatementRefused(order_id=order_id, code="wrong_period", reason="Период указан неверно")
    return _make(connection, row, now)


def _make(connection: Connection, row: Row, now: dt.datetime) -> CoreStatement:
    span = {"account": row.account_id, "first": row.date_from, "last": row.date_to}
    told = [load_entry(one) for one in connection.execute(_ENTRIES, span)]
    opening, closing = _balances(connection, row, told)
    return CoreStatement(
        order_id=row.order_id,
        core_account_id=row.account_id,
        date_from=row.date_from,
        date_to=row.date_to,
        opening=Money(opening, row.currency),
        closing=Money(closing, row.currency),
        entries=told,
        as_of=now,
    )


def _balances(connection: Connection, row: Row, told: Sequence[CoreEntry]) -> tuple[Decimal, Decimal]:
    """From the days that the bank has closed; a period that is not closed yet ends with the balance of its account."""
    account = {"account": row.account_id}
    last_day = connection.execute(_LAST_DAY, account).scalar_one()
    if last_day is not None and row.date_to <= last_day:
        closing = _closing(connection, row.account_id, row.date_to)
    else:
        closing = connection.execute(_BALANCE, account).scalar_one()
    if last_day is not None and row.date_from <= last_day + dt.timedelta(days=1):
        return _closing(connection, row.account_id, row.date_from - dt.timedelta(days=1)), closing
    return closing - sum((_signed(one) for one in told), Decimal(0)), closing


def _closing(connection: Connection, account_id: str, day: dt.date) -> Decimal:
    """Of a closed day; of one before the account was opened, what it was opened with."""
    found = connection.execute(_CLOSING, {"account": account_id, "day": day}).scalar_one_or_none()
    if found is None:
        found = connection.execute(_FIRST_OPENING, {"account": account_id}).scalar_one()
    return Decimal(found)


def _signed(entry: CoreEntry) -> Decimal:
    if entry.details is None:
        return Decimal(0)
    amount = entry.details.amount.amount
    return amount if entry.details.direction is Direction.CREDIT else -amount
