"""What a statement file tells of one account, and the `Statement` that it adds up to.

Balances may come once for the period or once for each day.  Where totals or balances contradict the documents, the
file's own figures are kept and the contradiction is told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import pairwise

from adapter.domain.accounts import Account
from adapter.domain.banks import Bank
from adapter.domain.parties import Counterparty, Party
from adapter.domain.statements import Direction, Entry, Statement
from adapter.formats.adding_up import Figures, add_up, make_account, make_statement
from adapter.formats.amounts import currency_of
from adapter.formats.notes import Notes, refuse

_TOTAL_KEYS = {Direction.CREDIT: "ВсегоПоступило", Direction.DEBIT: "ВсегоСписано"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Balances:
    """One balance section; None where it does not tell."""

    line: int
    date_from: dt.date | None
    date_to: dt.date | None
    opening: Decimal | None
    credits: Decimal | None
    debits: Decimal | None
    closing: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """What the header of the file tells: the period, and when the file was made, or on which day."""

    date_from: dt.date | None
    date_to: dt.date | None
    made_at: dt.datetime | None
    made_by: dt.datetime | None


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Filled while the file is read; `owner` is the account's side of the first document that names it."""

    number: str
    line: int
    balances: list[Balances] = field(default_factory=list)
    entries: list[Entry] = field(default_factory=list)
    owner: Counterparty | None = None

    @property
    def currency(self) -> str:
        return currency_of(self.number)

    def close(self, header: Period, notes: Notes) -> Statement:
        """The statement of the account; the header's period is for files whose sections do not tell their own."""
        period = self._period(header)
        balances = sorted(self.balances, key=lambda each: each.date_from or dt.date.min)
        opening = balances[0].opening if balances else None
        told = {
            Direction.CREDIT: _sum_of([each.credits for each in balances]),
            Direction.DEBIT: _sum_of([each.debits for each in balances]),
        }
        figures = add_up(self.entries, told, opening, balances[-1].closing if balances else None)
        self._note_totals(figures, notes)
        if opening is None:
            notes.add(self.line, "balance_missing", "начальный остаток не указан", "НачальныйОстаток")
        elif balances[-1].closing is None:
            notes.add(self.line, "balance_missing", "конечный остаток не указан", "КонечныйОстаток")
        self._note_gaps(balances, notes)
        if figures.imbalance:
            notes.add(balances[-1].line, "balances_differ", figures.imbalance, "КонечныйОстаток")
        return make_statement(
            self._account(), self._bank(), period, figures, self.entries, header.made_at, header.made_by
        )

    def _period(self, header: Period) -> tuple[dt.date, dt.date]:
        booked = [entry.details.booking_date for entry in self.entries]
        date_from = min((each.date_from for each in self.balances if each.date_from), default=header.date_from)
        date_to = max((each.date_to for each in self.balances if each.date_to), default=header.date_to)
        date_from = date_from or min(booked, default=None)
        date_to = date_to or max(booked, default=date_from)
        if date_from is None or date_to is None:
            raise refuse("no_period", f"не указан период выписки по счёту {self.number}", self.line)
        return date_from, date_to

    def _note_gaps(self, balances: list[Balances], notes: Notes) -> None:
        """Sections of some days of a period tell nothing of the days between them."""
        for before, after in pairwise(balances):
            if not _is_followed_by(before, after):
                message = "остатки за дни между секциями не указаны, или остатки соседних секций не сходятся"
                notes.add(after.line, "balance_missing", message, "ДатаНачала")

    def _note_totals(self, figures: Figures, notes: Notes) -> None:
        for direction, key in _TOTAL_KEYS.items():
            total, counted = figures.totals[direction], figures.counted[direction]
            if total != counted:
                message = f"{key} {total}, а по документам файла {counted}; оставлено {total}"
                notes.add(self.balances[0].line, "totals_differ", message, key)

    def _bank(self) -> Bank | None:
        """The bank of the account, with its place in its name, as the documents tell it."""
        owner = self.owner
        if owner is None or not (owner.bic and owner.bank_name):
            return None
        return Bank(bic=owner.bic, name=owner.bank_name, correspondent_account=owner.correspondent_account)

    def _account(self) -> Account:
        owner = self.owner or Counterparty(name="")
        party = Party(name=owner.name, inn=owner.inn, kpp=owner.kpp)
        return make_account(self.number, owner.bic or "", self.currency, party)


def _is_followed_by(before: Balances, after: Balances) -> bool:
    if before.date_to is None or after.date_from is None or before.closing is None:
        return False
    return before.date_to + dt.timedelta(days=1) == after.date_from and before.closing == after.opening


def _sum_of(told: list[Decimal | None]) -> Decimal | None:
    """The total of all days; None where the file tells none."""
    known = [amount for amount in told if amount is not None]
    return sum(known, Decimal("0.00")) if known else None
