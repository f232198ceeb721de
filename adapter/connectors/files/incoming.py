"""Which kind of file it is, told by its content, and what statement files say account by account."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from adapter.connectors.files.tellings import ToldEntry, content_of
from adapter.domain.money import Money
from adapter.domain.statements import Direction, Entry, ParsedStatements, Statement
from adapter.formats import camt053, mt940, onec_exchange
from adapter.formats.notes import refuse

ACCOUNT_LENGTH_MAX = 34
REFERENCE_LENGTH_MAX = 80
DAYS_MAX = 3660  # of one statement; a longer period is a slip of the pen in a date
_HEAD_BYTES = 4096
_LINE_IN_CAMT = "line-"  # how its reader names an entry that has no reference
_UNPROVEN = frozenset({"balance_missing", "page_missing"})  # a reader counted what the file did not tell


class FileKind(StrEnum):
    ONEC = "1c"
    CAMT053 = "camt053"
    MT940 = "mt940"
    STATUSES = "statuses"
    DIRECTORY = "directory"


_PARSERS = {
    FileKind.ONEC: onec_exchange.parse_statements,
    FileKind.CAMT053: camt053.parse_statements,
    FileKind.MT940: mt940.parse_statements,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountStatement:
    """What a file says of one account.  `is_whole`: opening balance and entries give the closing balance."""

    account: str
    date_from: dt.date
    date_to: dt.date
    opening: Money
    closing: Money
    entries: Sequence[ToldEntry]
    is_whole: bool
    made_at: dt.datetime
    made_by: dt.datetime | None  # the latest moment at which it may be made, as far as the file tells


def find_kind(data: bytes) -> FileKind:
    """By the first signs of the content.  Raises UnreadableFile."""
    head = data[:_HEAD_BYTES].removeprefix(b"\xef\xbb\xbf").lstrip()
    if head[:20].lower() == b"1cclientbankexchange":
        return FileKind.ONEC
    if head.startswith(b"<"):
        return FileKind.CAMT053
    if head.startswith((b"{1:", b":20:")) or b"\n:20:" in head:
        return FileKind.MT940
    if head.startswith(b"{"):
        return FileKind.DIRECTORY
    if head.startswith(b"document_id"):
        return FileKind.STATUSES
    raise refuse("unknown_kind", "не понятно, что это за файл: не выписка, не состояния документов, не справочник", 1)


def parse_account_statements(kind: FileKind, data: bytes) -> list[AccountStatement]:
    """A statement file by account; one comes again for each of its statements.  Raises UnreadableFile."""
    parsed = _PARSERS[kind](data)
    return [_account_statement(kind, statement, parsed) for statement in parsed.statements]


def _account_statement(kind: FileKind, statement: Statement, parsed: ParsedStatements) -> AccountStatement:
    number = statement.account.number
    if not 0 < len(number) <= ACCOUNT_LENGTH_MAX:
        raise refuse("bad_account", f"номер счёта длиннее {ACCOUNT_LENGTH_MAX} знаков")
    entries = list(statement.entries)
    is_told = _UNPROVEN.isdisjoint(warning.code for warning in parsed.warnings)
    return AccountStatement(
        account=number,
        date_from=statement.date_from,
        date_to=statement.date_to,
        opening=statement.opening_balance,
        closing=statement.closing_balance,
        entries=[_told_entry(kind, entry) for entry in entries],
        is_whole=is_told and _adds_up(statement, entries),
        made_at=statement.as_of,
        made_by=statement.made_by,
    )


def _adds_up(statement: Statement, entries: Sequence[Entry]) -> bool:
    """Held by the balances and by both turnovers, so that two lost entries of one amount do not hide each other."""
    credits, debits = _total(entries, Direction.CREDIT), _total(entries, Direction.DEBIT)
    first, last = statement.date_from, statement.date_to
    return (
        statement.opening_balance.amount + credits - debits == statement.closing_balance.amount
        and (credits, debits) == (statement.total_credits.amount, statement.total_debits.amount)
        and 0 <= (last - first).days < DAYS_MAX
        and all(first <= entry.details.booking_date <= last for entry in entries)
    )


def _total(entries: Iterable[Entry], direction: Direction) -> Decimal:
    return sum((one.details.amount.amount for one in entries if one.details.direction is direction), Decimal(0))


def _told_entry(kind: FileKind, entry: Entry) -> ToldEntry:
    """Only camt.053 carries the bank's own reference: other numbers begin anew in each file."""
    is_named = kind is FileKind.CAMT053 and not entry.id.startswith(_LINE_IN_CAMT)
    reference = entry.id if is_named and len(entry.id) <= REFERENCE_LENGTH_MAX else None
    return ToldEntry(details=entry.details, content=content_of(entry.details), reference=reference)
