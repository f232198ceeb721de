"""What a statement file tells of one account, and the `Statement` that it adds up to.

Balances may come once for the period or once for each day.  Where totals or balances contradict the documents, the
file's own figures are kept and the contradiction is told.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from decimal import Decimal

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Counterparty, Party
from adapter.domain.statements import Direction, Entry, Statement
from adapter.formats.amounts import currency_of
from adapter.formats.notes import Notes, refuse

_ZERO = Decimal("0.00")


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
    """What the header of the file tells: the period, and when the file was made."""

    date_from: dt.date | None
    date_to: dt.date | None
    made_at: dt.datetime | None


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
        balances = sorted(self.balances, key=lambda each: each.date_from or dt.date.min)
        date_from, date_to = self._period(header)
        credits = self._total(Direction.CREDIT, [each.credits for each in balances], notes)
        debits = self._total(Direction.DEBIT, [each.debits for each in balances], notes)
        opening, closing = self._ends(balances, credits - debits, notes)
        return Statement(
            account=self._account(),
            date_from=date_from,
            date_to=date_to,
            opening_balance=Money(opening, self.currency),
            closing_balance=Money(closing, self.currency),
            total_credits=Money(credits, self.currency),
            total_debits=Money(debits, self.currency),
            credit_entries=sum(entry.details.direction is Direction.CREDIT for entry in self.entries),
            debit_entries=sum(entry.details.direction is Direction.DEBIT for entry in self.entries),
            entries=tuple(self.entries),
            as_of=header.made_at or dt.datetime.combine(date_to, dt.time.max, MOSCOW).astimezone(dt.UTC),
            complete_through=None,
            bank=self._bank(),
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

    def _total(self, direction: Direction, told: list[Decimal | None], notes: Notes) -> Decimal:
        """The sum that the file tells, or that of the documents where it tells none."""
        amounts = [e.details.amount.amount for e in self.entries if e.details.direction is direction]
        counted = sum(amounts, _ZERO)
        known = [amount for amount in told if amount is not None]
        if not known:
            return counted
        total = sum(known, _ZERO)
        if total != counted:
            key = "ВсегоПоступило" if direction is Direction.CREDIT else "ВсегоСписано"
            line = self.balances[0].line
            notes.add(line, "totals_differ", f"{key} {total}, а по документам файла {counted}; оставлено {total}", key)
        return total

    def _ends(self, balances: list[Balances], turnover: Decimal, notes: Notes) -> tuple[Decimal, Decimal]:
        opening = balances[0].opening if balances else None
        closing = balances[-1].closing if balances else None
        if opening is None:
            notes.add(self.line, "balance_missing", "начальный остаток не указан", "НачальныйОстаток")
            opening = closing - turnover if closing is not None else _ZERO
        if closing is None:
            return opening, opening + turnover
        if opening + turnover != closing:
            message = f"остатки и обороты не сходятся: {opening} + {turnover} ≠ {closing}"
            notes.add(balances[-1].line, "balances_differ", message, "КонечныйОстаток")
        return opening, closing

    def _bank(self) -> Bank | None:
        """The bank of the account, with its place in its name, as the documents tell it."""
        owner = self.owner
        if owner is None or not (owner.bic and owner.bank_name):
            return None
        return Bank(bic=owner.bic, name=owner.bank_name, correspondent_account=owner.correspondent_account)

    def _account(self) -> Account:
        """The account as far as a file knows it: it has no ids of ours."""
        owner = self.owner or Counterparty(name="")
        return Account(
            id=self.number,
            customer_id="",
            core_id=self.number,
            number=self.number,
            bic=owner.bic or "",
            currency=self.currency,
            name="",
            owner=Party(name=owner.name, inn=owner.inn, kpp=owner.kpp),
            status=AccountStatus.OPEN,
        )
