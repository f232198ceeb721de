"""The feed of entries and the days that the bank has closed, read in one snapshot."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.sql.marks import NO_DAY, Place, check_reached, read_place
from adapter.connectors.sql.records import Row, load_entry
from adapter.connectors.sql.views import accounts, days, entries
from adapter.domain.core import EntryPage, Mark
from adapter.domain.money import Money
from adapter.domain.statements import DayTotals

DAY = dt.timedelta(days=1)

_CHANGES = (
    sa.select(entries)
    .where(entries.c.account_id == sa.bindparam("account"), entries.c.number > sa.bindparam("after"))
    .order_by(entries.c.number)
    .limit(sa.bindparam("most"))
)
_LAST_NUMBER = (
    sa.select(entries.c.number)
    .where(entries.c.account_id == sa.bindparam("account"))
    .order_by(entries.c.number.desc())
    .limit(1)
)
_DAYS = (
    sa.select(days.c.day, days.c.opening, days.c.closing, accounts.c.currency)
    .join(accounts, accounts.c.account_id == days.c.account_id)
    .where(days.c.account_id == sa.bindparam("account"), days.c.day > sa.bindparam("after_day"))
    .order_by(days.c.day)
)


def pull(connection: Connection, account_id: str, after: Mark | None, limit: int, now: dt.datetime) -> EntryPage:
    """Changes after a mark, and with the last page the days that are closed.  Raises MarkUnknown."""
    place = read_place(connection, after)
    rows = connection.execute(_CHANGES, {"account": account_id, "after": place.number, "most": limit + 1}).all()
    if not rows:
        check_reached(place, connection.execute(_LAST_NUMBER, {"account": account_id}).scalar_one_or_none())
    changes, has_more = rows[:limit], len(rows) > limit
    told_through = min([place.day, *(_day_before(row.first_touched) for row in changes)])
    closed = [] if has_more else _read_days(connection, account_id, told_through)
    end = Place(
        epoch=place.epoch,
        number=changes[-1].number if changes else place.number,
        day=closed[-1].day if closed else told_through,
    )
    return EntryPage(
        entries=tuple(load_entry(row) for row in changes),
        mark=end.mark(),
        has_more=has_more,
        as_of=now,
        closed_days=tuple(closed),
    )


def _read_days(connection: Connection, account_id: str, after_day: dt.date) -> Sequence[DayTotals]:
    return [_totals(row) for row in connection.execute(_DAYS, {"account": account_id, "after_day": after_day})]


def _totals(row: Row) -> DayTotals:
    return DayTotals(day=row.day, opening=Money(row.opening, row.currency), closing=Money(row.closing, row.currency))


def _day_before(day: dt.date) -> dt.date:
    return day - DAY if day > NO_DAY else day
