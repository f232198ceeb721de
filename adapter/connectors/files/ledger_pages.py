"""What is asked about accounts: pages of changes after a mark, balances, a period as it was at one number.

A mark is "number of the last change told, number of the last closed day told".  Days come with the last page, so that
every entry of a closed day is told before it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.files.ledgers import in_parts
from adapter.connectors.files.tables import files_days, files_entries, files_ledgers
from adapter.connectors.records import load_details
from adapter.domain.core import CoreBalance, CoreEntry, EntryPage, Mark
from adapter.domain.errors import MarkUnknown
from adapter.domain.money import Money
from adapter.domain.statements import DayTotals

BEGINNING = Mark("0 0")

_LEDGER = sa.select(files_ledgers).where(files_ledgers.c.account_id == sa.bindparam("account"))
_LEDGERS = sa.select(files_ledgers).where(files_ledgers.c.account_id.in_(sa.bindparam("accounts", expanding=True)))
_CHANGES = (
    sa.select(
        files_entries.c.number,
        files_entries.c.core_id,
        files_entries.c.document_id,
        files_entries.c.removed,
        files_entries.c.details,
    )
    .where(
        files_entries.c.account_id == sa.bindparam("account"),
        files_entries.c.number > sa.bindparam("after"),
        files_entries.c.number <= sa.bindparam("until"),
    )
    .order_by(files_entries.c.number)
    .limit(sa.bindparam("most"))
)
_CLOSED_DAYS = (
    sa.select(files_days)
    .where(
        files_days.c.account_id == sa.bindparam("account"),
        files_days.c.number > sa.bindparam("after"),
        files_days.c.number <= sa.bindparam("until"),
    )
    .order_by(files_days.c.day)
)
_PERIOD = (
    sa.select(files_entries)
    .where(
        files_entries.c.account_id == sa.bindparam("account"),
        files_entries.c.booking_date.between(sa.bindparam("first"), sa.bindparam("last")),
        files_entries.c.number <= sa.bindparam("at"),
        sa.or_(files_entries.c.superseded.is_(None), files_entries.c.superseded > sa.bindparam("at")),
        sa.not_(files_entries.c.removed),
    )
    .order_by(files_entries.c.booking_date, files_entries.c.number)
)
# Entries that came, in files which tell in part, after the statement that told the balance.
_LATER_MOVES = (
    sa.select(
        files_entries.c.account_id,
        sa.cast(sa.func.sum(files_entries.c.kopecks), sa.BigInteger).label("kopecks"),
        sa.func.max(files_ledgers.c.as_of).label("as_of"),
    )
    .join(files_ledgers, files_ledgers.c.account_id == files_entries.c.account_id)
    .where(
        files_entries.c.account_id.in_(sa.bindparam("accounts", expanding=True)),
        files_entries.c.superseded.is_(None),
        sa.not_(files_entries.c.removed),
        files_entries.c.booking_date >= files_ledgers.c.balance_from,
        sa.not_(files_entries.c.in_whole),
    )
    .group_by(files_entries.c.account_id)
)


def pull(connection: Connection, account: str, after: Mark | None, limit: int) -> EntryPage:
    """Changes after a mark, and with the last page the days closed since.  Raises MarkUnknown."""
    ledger = connection.execute(_LEDGER, {"account": account}).one_or_none()
    until = ledger.number if ledger else 0
    number, days_number = _read_mark(after, until)
    asked = {"account": account, "after": number, "until": until, "most": limit + 1}
    rows = connection.execute(_CHANGES, asked).all()
    changes, has_more = rows[:limit], len(rows) > limit
    last = changes[-1].number if changes else number
    days = [] if has_more else connection.execute(_CLOSED_DAYS, {**asked, "after": days_number}).all()
    return EntryPage(
        entries=tuple(_core_entry(row) for row in changes),
        mark=_write_mark(last, days_number) if has_more else _write_mark(until, until),
        has_more=has_more,
        as_of=ledger.as_of if ledger else None,
        closed_days=tuple(_totals(row) for row in days if row.is_closed),
    )


def list_balances(connection: Connection, accounts: Sequence[str]) -> list[CoreBalance]:
    """In the order asked; accounts of which no statement told a balance are left out."""
    told = {
        row.account_id: row for part in in_parts(accounts) for row in connection.execute(_LEDGERS, {"accounts": part})
    }
    moves = {row.account_id: row for row in connection.execute(_LATER_MOVES, {"accounts": list(told)})} if told else {}
    known = [told[one] for one in accounts if one in told and told[one].balance_at is not None]
    return [_balance(row, moves.get(row.account_id)) for row in known]


def list_period(connection: Connection, account: str, first: dt.date, last: dt.date, at: int) -> list[CoreEntry]:
    """Entries booked in a period, both days in it, as they were when the ledger stood at a number."""
    return [_core_entry(row) for row in connection.execute(_PERIOD, _period(account, first, last, at))]


def _period(account: str, first: dt.date, last: dt.date, at: int) -> dict[str, Any]:
    return {"account": account, "first": first, "last": last, "at": at}


def _balance(ledger: Row[*tuple[Any, ...]], moves: Row[*tuple[Any, ...]] | None) -> CoreBalance:
    kopecks = ledger.balance_kopecks + (moves.kopecks if moves else 0)
    booked = Money.from_kopecks(kopecks, ledger.balance_currency)
    return CoreBalance(
        core_account_id=ledger.account_id,
        booked=booked,
        available=booked,
        as_of=ledger.as_of if moves else ledger.balance_at,
    )


def _totals(row: Row[*tuple[Any, ...]]) -> DayTotals:
    return DayTotals(
        day=row.day,
        opening=Money.from_kopecks(row.opening_kopecks, row.currency),
        closing=Money.from_kopecks(row.closing_kopecks, row.currency),
    )


def _core_entry(row: Row[*tuple[Any, ...]]) -> CoreEntry:
    details = None if row.removed else load_details(row.details)
    return CoreEntry(core_id=row.core_id, details=details, document_id=row.document_id)


def _read_mark(mark: Mark | None, until: int) -> tuple[int, int]:
    if mark is None:
        return 0, 0
    try:
        number, days_number = map(int, mark.text.split(" "))
    except ValueError as error:
        raise MarkUnknown(mark.text) from error
    if not (0 <= number <= until and 0 <= days_number <= until):
        raise MarkUnknown(mark.text)
    return number, days_number


def _write_mark(number: int, days_number: int) -> Mark:
    return Mark(f"{number} {days_number}")
