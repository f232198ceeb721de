"""A period of one account, read as the frozen state of one number of its feed.

The stream of entries reads by keyset in short statements, so that memory stays flat, no transaction stays open while a
slow client reads, and totals and entries agree although entries change meanwhile.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.accounts import Account
from adapter.domain.errors import CoreUnavailable
from adapter.domain.feeds import StatementReading, Viewer
from adapter.domain.money import Money
from adapter.domain.statements import Direction, Statement
from adapter.store.account_days import SIGNED_KOPECKS
from adapter.store.database import Database
from adapter.store.entry_json import load_entry, render_entry
from adapter.store.feed import WITH_OWN_PAYMENT
from adapter.store.tables import account_days, entries, feeds, payments

_BATCH = 1000

_before = account_days.alias("before")
_after = account_days.alias("after")
_ID = sa.bindparam("account_id", type_=sa.String)
_FROM = sa.bindparam("date_from", type_=sa.Date)
_TO = sa.bindparam("date_to", type_=sa.Date)


def _nearest(what: Any, *where: Any) -> Any:
    days = account_days.c
    return sa.select(what(days.day)).where(days.account_id == _ID, *where).scalar_subquery()


# One statement, therefore one state: the feed's number and the closed days on both sides of the period's beginning.
_STATE = (
    sa.select(
        feeds.c.number,
        feeds.c.as_of,
        feeds.c.complete_through,
        feeds.c.booked_kopecks,
        _before.c.day.label("day_before"),
        _before.c.closing_kopecks,
        _after.c.day.label("day_after"),
        _after.c.opening_kopecks,
    )
    .select_from(
        feeds.outerjoin(
            _before,
            sa.and_(
                _before.c.account_id == feeds.c.account_id,
                _before.c.day == _nearest(sa.func.max, account_days.c.day < _FROM),
            ),
        ).outerjoin(
            _after,
            sa.and_(
                _after.c.account_id == feeds.c.account_id,
                _after.c.day == _nearest(sa.func.min, account_days.c.day >= _FROM),
            ),
        )
    )
    .where(feeds.c.account_id == _ID)
)
_PRESENT_AT_UNTIL = (
    entries.c.account_id == _ID,
    entries.c.number <= sa.bindparam("until"),
    sa.or_(entries.c.superseded.is_(None), entries.c.superseded > sa.bindparam("until")),
    sa.not_(entries.c.removed),
)


def _sum(kopecks: Any) -> Any:
    return sa.cast(sa.func.coalesce(sa.func.sum(kopecks), 0), sa.BigInteger)


_IS_CREDIT = entries.c.direction == Direction.CREDIT.value
_TURNOVER = sa.select(
    _sum(sa.case((_IS_CREDIT, entries.c.kopecks), else_=0)).label("credits"),
    _sum(sa.case((_IS_CREDIT, 0), else_=entries.c.kopecks)).label("debits"),
    _sum(sa.case((_IS_CREDIT, 1), else_=0)).label("credit_entries"),
    sa.func.count().label("entries"),
).where(*_PRESENT_AT_UNTIL, entries.c.booking_date.between(_FROM, _TO))
_MOVED = sa.select(_sum(SIGNED_KOPECKS)).where(
    *_PRESENT_AT_UNTIL, entries.c.booking_date >= sa.bindparam("first"), entries.c.booking_date < sa.bindparam("end")
)
_ENTRIES = (
    sa.select(
        entries.c.booking_date,
        entries.c.number,
        entries.c.entry_id,
        entries.c.version,
        entries.c.details,
        payments.c.id,
        payments.c.external_id,
    )
    .select_from(WITH_OWN_PAYMENT)
    .where(
        *_PRESENT_AT_UNTIL,
        entries.c.booking_date <= _TO,
        sa.tuple_(entries.c.booking_date, entries.c.number)
        > sa.tuple_(sa.bindparam("after_date", type_=sa.Date), sa.bindparam("after_number", type_=sa.BigInteger)),
    )
    .order_by(entries.c.booking_date, entries.c.number)
    .limit(_BATCH)
)


@dataclass(frozen=True, slots=True)
class StoredStatements:
    """Meets the port StatementBook."""

    database: Database

    def read_statement(
        self, account: Account, date_from: dt.date, date_to: dt.date, viewer: Viewer
    ) -> StatementReading:
        period = {"account_id": account.id, "date_from": date_from, "date_to": date_to}
        with self.database.reading() as connection:
            state = connection.execute(_STATE, period).one_or_none()
            if state is None or state.as_of is None:
                raise CoreUnavailable("the bank has not yet told this account's entries")
            frozen = period | {"until": state.number}
            turnover = connection.execute(_TURNOVER, frozen).one()
            opening = _opening_kopecks(connection, state, frozen)
        rows = frozen | {"partner_id": viewer.partner_id}

        def money(kopecks: int) -> Money:
            return Money.from_kopecks(kopecks, account.currency)

        statement = Statement(
            account=account,
            date_from=date_from,
            date_to=date_to,
            opening_balance=money(opening),
            closing_balance=money(opening + turnover.credits - turnover.debits),
            total_credits=money(turnover.credits),
            total_debits=money(turnover.debits),
            credit_entries=turnover.credit_entries,
            debit_entries=turnover.entries - turnover.credit_entries,
            entries=(load_entry(account.id, *row[2:]) for row in self._stream(rows)),
            as_of=state.as_of,
            complete_through=state.complete_through,
        )
        texts = (render_entry(account.id, *row[2:]) for row in self._stream(rows))
        return StatementReading(statement=statement, entry_texts=texts)

    def _stream(self, bound: dict[str, Any]) -> Iterator[Any]:
        place = {"after_date": bound["date_from"], "after_number": 0}
        while True:
            with self.database.reading() as connection:
                rows = connection.execute(_ENTRIES, bound | place).all()
            yield from rows
            if len(rows) < _BATCH:
                return
            place = {"after_date": rows[-1].booking_date, "after_number": rows[-1].number}


def _opening_kopecks(connection: Connection, state: Any, frozen: dict[str, Any]) -> int:
    """From the nearest closed day before the period, else the nearest after its beginning, else today's balance."""
    start = frozen["date_from"]

    def moved(first: dt.date, end: dt.date) -> int:
        found: int = connection.scalar(_MOVED, frozen | {"first": first, "end": end}) or 0
        return found

    if state.day_before is not None:
        return int(state.closing_kopecks) + moved(state.day_before + dt.timedelta(days=1), start)
    if state.day_after is not None:
        return int(state.opening_kopecks) - moved(start, state.day_after)
    if state.booked_kopecks is None:
        raise CoreUnavailable("the bank has not yet told this account's balance")
    return int(state.booked_kopecks) - moved(start, dt.date.max)
