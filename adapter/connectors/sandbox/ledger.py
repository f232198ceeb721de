"""Entries of accounts: one append-only log of their versions, and the totals that follow from it.

A mark is a place in the log (see `marks.py`) and the last closed day told.  The day is in it because a change in a
closed day moves the totals of that day and of all later ones: they are told again once the pages of the change are
through.
"""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.records import dump_details, load_details
from adapter.connectors.sandbox.calendar import DAY
from adapter.connectors.sandbox.marks import NO_ROW, Place, check_place, digest_of, read_place, write_place
from adapter.connectors.sandbox.tables import accounts, entries
from adapter.domain.core import CoreEntry, EntryPage, Mark
from adapter.domain.money import Money
from adapter.domain.moscow import moscow_day
from adapter.domain.statements import DayTotals, Direction, EntryDetails

BEGINNING = Mark("0")  # where an account stands that this bank does not know yet


class UnknownAccount(LookupError):
    """No such account in this bank."""


class UnknownEntry(LookupError):
    """No such entry, or it was removed."""


_ACCOUNT = sa.select(accounts).where(accounts.c.id == sa.bindparam("account_id"))
_MOVE = (
    sa.update(accounts)
    .where(accounts.c.id == sa.bindparam("account"))
    .values(
        change_no=accounts.c.change_no + 1,
        booked_kopecks=accounts.c.booked_kopecks + sa.bindparam("delta"),
    )
    .returning(accounts.c.change_no)
)
_CURRENT = sa.select(entries).where(
    entries.c.core_id == sa.bindparam("entry_id"), entries.c.is_current, entries.c.details.is_not(None)
)
_RETIRE = (
    sa.update(entries)
    .where(entries.c.core_id == sa.bindparam("entry_id"), entries.c.is_current)
    .values(is_current=False)
)
_COLUMNS = (entries.c.change_no, entries.c.core_id, entries.c.document_id, entries.c.details, entries.c.touched_from)
_AT = sa.select(*_COLUMNS).where(
    entries.c.account_id == sa.bindparam("account"), entries.c.change_no == sa.bindparam("number")
)
_CHANGES = (
    sa.select(*_COLUMNS)
    .where(entries.c.account_id == sa.bindparam("account"), entries.c.change_no > sa.bindparam("after"))
    .order_by(entries.c.change_no)
    .limit(sa.bindparam("most"))
)
_OF_PERIOD = (
    sa.select(*_COLUMNS, entries.c.kopecks)
    .where(
        entries.c.account_id == sa.bindparam("account"),
        entries.c.is_current,
        entries.c.details.is_not(None),
        entries.c.booking_date >= sa.bindparam("first"),
        entries.c.booking_date <= sa.bindparam("last"),
    )
    .order_by(entries.c.booking_date, entries.c.change_no)
)
_SUM_BEFORE = sa.select(sa.func.coalesce(sa.func.sum(entries.c.kopecks), 0)).where(
    entries.c.account_id == sa.bindparam("account"),
    entries.c.is_current,
    entries.c.booking_date < sa.bindparam("day"),
)
_SUMS_BY_DAY = (
    sa.select(entries.c.booking_date, sa.func.sum(entries.c.kopecks))
    .where(
        entries.c.account_id == sa.bindparam("account"),
        entries.c.is_current,
        entries.c.booking_date >= sa.bindparam("first"),
        entries.c.booking_date <= sa.bindparam("last"),
    )
    .group_by(entries.c.booking_date)
)


def read_account(connection: Connection, account_id: str) -> Row[*tuple[Any, ...]]:
    """The account's row; raises UnknownAccount."""
    row = connection.execute(_ACCOUNT, {"account_id": account_id}).one_or_none()
    if row is None:
        raise UnknownAccount(account_id)
    return row


def read_entry(connection: Connection, core_id: str) -> tuple[str, EntryDetails]:
    """Account and details of an entry as it is now; raises UnknownEntry."""
    row = _current(connection, core_id)
    return row.account_id, load_details(row.details)


def book(tx: Connection, account_id: str, details: EntryDetails, document_id: str | None = None) -> str:
    """Write a new entry; answers its core id.  Raises UnknownAccount."""
    kopecks = signed_kopecks(details)
    number = _move(tx, account_id, kopecks)
    core_id = f"{account_id}-{number}"
    row = _version(account_id, number, core_id, kopecks, details.booking_date, details.booking_date)
    tx.execute(sa.insert(entries), {**row, "document_id": document_id, "details": dump_details(details)})
    return core_id


def change(tx: Connection, core_id: str, details: EntryDetails) -> None:
    """Write a new version of an entry under its id; raises UnknownEntry."""
    was = _current(tx, core_id)
    kopecks = signed_kopecks(details)
    touched = min(was.booking_date, details.booking_date)
    number = _move(tx, was.account_id, kopecks - was.kopecks)
    row = _version(was.account_id, number, core_id, kopecks, details.booking_date, touched)
    tx.execute(_RETIRE, {"entry_id": core_id})
    tx.execute(sa.insert(entries), {**row, "document_id": was.document_id, "details": dump_details(details)})


def remove(tx: Connection, core_id: str) -> None:
    """Take an entry away, leaving word of it in the log; raises UnknownEntry."""
    was = _current(tx, core_id)
    number = _move(tx, was.account_id, -was.kopecks)
    row = _version(was.account_id, number, core_id, 0, was.booking_date, was.booking_date)
    tx.execute(_RETIRE, {"entry_id": core_id})
    tx.execute(sa.insert(entries), {**row, "document_id": was.document_id, "details": None})


def pull(connection: Connection, account_id: str, after: Mark | None, limit: int, now: dt.datetime) -> EntryPage:
    """Changes after a mark, and with the last page the days that are closed; raises UnknownAccount, MarkUnknown."""
    account = read_account(connection, account_id)
    place, told_through = _read_mark(connection, after, account)
    rows = connection.execute(_CHANGES, {"account": account_id, "after": place.number, "most": limit + 1}).all()
    changes, has_more = rows[:limit], len(rows) > limit
    told_through = min([told_through, *(row.touched_from - DAY for row in changes)])
    days = [] if has_more else _closed_days(connection, account, told_through + DAY, moscow_day(now) - DAY)
    end = Place(changes[-1].change_no, _digest(changes[-1])) if changes else place
    return EntryPage(
        entries=tuple(_core_entry(row) for row in changes),
        mark=Mark(write_place(connection, end, (days[-1].day if days else told_through).isoformat())),
        has_more=has_more,
        as_of=now,
        closed_days=tuple(days),
    )


def read_period(
    connection: Connection, account_id: str, first: dt.date, last: dt.date
) -> tuple[Money, Money, list[CoreEntry]]:
    """Balances before and after the days, both in them, and the entries booked on them; raises UnknownAccount."""
    account = read_account(connection, account_id)
    rows = connection.execute(_OF_PERIOD, {"account": account_id, "first": first, "last": last}).all()
    before = int(connection.execute(_SUM_BEFORE, {"account": account_id, "day": first}).scalar_one())
    opening = account.opening_kopecks + before
    closing = opening + sum(row.kopecks for row in rows)
    return Money.from_kopecks(opening), Money.from_kopecks(closing), [_core_entry(row) for row in rows]


def list_latest(connection: Connection, account_id: str, limit: int, skip: int) -> list[tuple[str, EntryDetails]]:
    """Entries as they are now with their core ids, the latest booked first."""
    query = (
        sa.select(entries.c.core_id, entries.c.details)
        .where(entries.c.account_id == account_id, entries.c.is_current, entries.c.details.is_not(None))
        .order_by(entries.c.booking_date.desc(), entries.c.change_no.desc())
        .limit(limit)
        .offset(skip)
    )
    return [(row.core_id, load_details(row.details)) for row in connection.execute(query)]


def signed_kopecks(details: EntryDetails) -> int:
    return details.amount.kopecks if details.direction is Direction.CREDIT else -details.amount.kopecks


def _closed_days(
    connection: Connection, account: Row[*tuple[Any, ...]], first: dt.date, last: dt.date
) -> list[DayTotals]:
    if first > last:
        return []
    before = connection.execute(_SUM_BEFORE, {"account": account.id, "day": first}).scalar_one()
    sums = connection.execute(_SUMS_BY_DAY, {"account": account.id, "first": first, "last": last}).all()
    moved = {day: int(kopecks) for day, kopecks in sums}
    return _totals(account.opening_kopecks + int(before), moved, first, last)


def _totals(opening: int, moved: dict[dt.date, int], first: dt.date, last: dt.date) -> list[DayTotals]:
    totals = []
    for offset in range((last - first).days + 1):
        day = first + offset * DAY
        closing = opening + moved.get(day, 0)
        totals.append(DayTotals(day=day, opening=Money.from_kopecks(opening), closing=Money.from_kopecks(closing)))
        opening = closing
    return totals


def _current(connection: Connection, core_id: str) -> Row[*tuple[Any, ...]]:
    row = connection.execute(_CURRENT, {"entry_id": core_id}).one_or_none()
    if row is None:
        raise UnknownEntry(core_id)
    return row


def _move(tx: Connection, account_id: str, delta: int) -> int:
    number = tx.execute(_MOVE, {"account": account_id, "delta": delta}).scalar_one_or_none()
    if number is None:
        raise UnknownAccount(account_id)
    return int(number)


def _version(
    account_id: str, number: int, core_id: str, kopecks: int, booking_date: dt.date, touched_from: dt.date
) -> dict[str, object]:
    return {
        "account_id": account_id,
        "change_no": number,
        "core_id": core_id,
        "is_current": True,
        "booking_date": booking_date,
        "touched_from": touched_from,
        "kopecks": kopecks,
    }


def _core_entry(row: Row[*tuple[Any, ...]]) -> CoreEntry:
    details = None if row.details is None else load_details(row.details)
    return CoreEntry(core_id=row.core_id, details=details, document_id=row.document_id)


def _read_mark(connection: Connection, mark: Mark | None, account: Row[*tuple[Any, ...]]) -> tuple[Place, dt.date]:
    if mark is None or mark == BEGINNING:
        return Place(0), account.opened_on - DAY
    place, (told_through,) = read_place(connection, mark.text, words=1)
    row = connection.execute(_AT, {"account": account.id, "number": place.number}).one_or_none()
    check_place(place, _digest(row))
    return place, dt.date.fromisoformat(told_through)


def _digest(row: Row[*tuple[Any, ...]] | None) -> str:
    return NO_ROW if row is None else digest_of(row.core_id, row.details, row.touched_from)
