"""Deliveries of statement files for tests: what a bank's books were at some moments, told in files."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from decimal import Decimal

from adapter.connectors.files.opening import FilesCore
from adapter.domain.core import CoreEntry, Deadline, EntryPage, Mark
from adapter.domain.statements import Direction, EntryDetails
from tests.connectors.files.paper_bank import as_1c, signed, whole_statement
from tests.fakes import PAYEE, entry_details

DAY = dt.timedelta(days=1)
MADE = dt.datetime(2026, 11, 19, 9, tzinfo=dt.UTC)  # a day before the tests' clock
FIRST = dt.date(2026, 11, 2)


def fee(day: dt.date, amount: str = "50.00", number: str = "7", purpose: str = "Комиссия") -> EntryDetails:
    """As a 1C file carries it: the value date is the booking date."""
    return entry_details(amount, Direction.DEBIT, day, number=number, purpose=purpose, counterparty=PAYEE)


def file_of(
    account: str,
    first: dt.date,
    last: dt.date,
    entries: Sequence[EntryDetails],
    made_at: dt.datetime,
    opening: str = "0",
) -> bytes:
    """A 1C statement that tells these days whole, of the entries that are in them."""
    told = {place: one for place, one in enumerate(entries) if first <= one.booking_date <= last}
    before = sum((signed(one) for one in entries if one.booking_date < first), Decimal(opening))
    return as_1c(whole_statement(account, first, last, before, told, made_at))


def partial_file_of(
    account: str, first: dt.date, last: dt.date, entries: Sequence[EntryDetails], made_at: dt.datetime
) -> bytes:
    """The same without its balances: nothing shows that it is all."""
    text = file_of(account, first, last, entries, made_at).decode("windows-1251")
    lines = [line for line in text.splitlines() if not line.startswith(("НачальныйОстаток", "КонечныйОстаток"))]
    return "\r\n".join(lines).encode("windows-1251")


class Desk:
    """The folder in/ of one core, and what its accounts look like."""

    def __init__(self, core: FilesCore) -> None:
        self.core = core
        self.core.scanner.folders.check(is_used=False)
        self._count = 0

    def deliver(self, *files: bytes) -> None:
        """Each arrives after the one before."""
        for data in files:
            self._count += 1
            self.drop(f"{self._count:05d}.txt", data)
            self.core.scan()

    def drop(self, name: str, data: bytes) -> None:
        (self.core.scanner.folders.incoming / name).write_bytes(data)

    def pull(self, account: str, after: Mark | None = None) -> EntryPage:
        return self.core.banking.pull_entries(account, after, 100_000, Deadline.after(30))

    def end(self, account: str) -> Mark:
        return self.pull(account).mark

    def entries(self, account: str) -> Mapping[str, CoreEntry]:
        """As they are now, by core id."""
        present = {one.core_id: one for one in self.pull(account).entries}
        return {core_id: one for core_id, one in present.items() if one.details is not None}

    def contents(self, account: str) -> Counter[EntryDetails]:
        return Counter(one.details for one in self.entries(account).values() if one.details)

    def days(self, account: str) -> dict[dt.date, tuple[Decimal, Decimal]]:
        return {one.day: (one.opening.amount, one.closing.amount) for one in self.pull(account).closed_days}

    def balance(self, account: str) -> Decimal | None:
        told = self.core.banking.read_balances([account], Deadline.after(30))
        return told[0].booked.amount if told else None

    def names(self, folder: str) -> list[str]:
        root = self.core.scanner.folders.root / folder
        return sorted(str(file.relative_to(root)) for file in root.rglob("*") if file.is_file() and file.name[0] != ".")


def corrected(details: EntryDetails) -> EntryDetails:
    return replace(details, purpose=details.purpose + ", исправлено")
