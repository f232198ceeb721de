"""What a file tells of one account and period, and the `Statement` that it adds up to."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass, field
from decimal import Decimal

from adapter.domain.accounts import Account
from adapter.domain.banks import Bank
from adapter.domain.parties import Party
from adapter.domain.statements import Direction, Entry, Statement
from adapter.formats.adding_up import Figures, add_up, make_account, make_statement
from adapter.formats.amounts import TOTAL_DIGITS_MAX, BadValue, currency_of, parse_amount
from adapter.formats.mt940 import words
from adapter.formats.mt940.values import AccountValue, BalanceValue, parse_full_day
from adapter.formats.notes import Notes, refuse

_TOTAL_WORDS = {Direction.CREDIT: words.CREDITS, Direction.DEBIT: words.DEBITS}
_TOTAL = re.compile(r"([0-9]+)([A-Z]{3})([0-9]+,[0-9]*)").fullmatch


@dataclass(slots=True, kw_only=True)
class Ledger:
    """Filled while the file is read, page after page."""

    account: AccountValue
    line: int
    opening: BalanceValue | None
    closing: BalanceValue | None
    entries: list[Entry] = field(default_factory=list)
    facts: dict[str, str] = field(default_factory=dict)  # by the words of the last :86:
    goes_on: bool = False  # its last page says that another one follows
    ids: set[str] = field(default_factory=set)

    @property
    def currency(self) -> str:
        """By the balances; without them by digits 6-8 of a Russian account."""
        told = self.opening or self.closing
        return told.currency if told else currency_of(self.account.number)

    def unique_id(self, bank_reference: str, line: int) -> str:
        """The bank's reference where it names one entry only, else the line."""
        found = bank_reference if bank_reference and bank_reference not in self.ids else str(line)
        self.ids.add(found)
        return found

    def close(self, notes: Notes) -> Statement:
        """The statement; where the file contradicts itself, its own figures are kept and the contradiction is told."""
        if self.goes_on:
            notes.add(self.line, "page_missing", "последняя страница выписки отсутствует: нет поля :62F:", "62F")
        period = self._period(notes)
        told = {direction: self._told_total(word, notes) for direction, word in _TOTAL_WORDS.items()}
        opening = self.opening.amount if self.opening else None
        closing = self.closing.amount if self.closing else None
        figures = add_up(self.entries, told, opening, closing)
        self._note_contradictions(figures, notes)
        return make_statement(self._account(), self._bank(), period, figures, self.entries, self._made_at())

    def _period(self, notes: Notes) -> tuple[dt.date, dt.date]:
        """As the file says, or by its balances: the opening one is of the day before, or of the first day itself."""
        first, _, last = self.facts.get(words.PERIOD, "").partition("-")
        if first:
            try:
                return parse_full_day(first), parse_full_day(last)
            except BadValue as bad:
                notes.add(self.line, bad.code, bad.message, "86")
        days = [entry.details.booking_date for entry in self.entries]
        date_to = self.closing.day if self.closing else max(days, default=self.opening.day if self.opening else None)
        if date_to is None:
            raise refuse("no_period", f"не указан период выписки по счёту {self.account.number}", self.line)
        return min([self._first_day(date_to), *days]), max([date_to, *days])

    def _first_day(self, date_to: dt.date) -> dt.date:
        if self.opening is None or self.opening.day >= date_to:
            return date_to
        return self.opening.day + dt.timedelta(days=1)

    def _told_total(self, word: str, notes: Notes) -> Decimal | None:
        match = _TOTAL(self.facts.get(word, ""))
        if not match:
            return None
        try:
            return parse_amount(match[3], TOTAL_DIGITS_MAX)
        except BadValue as bad:
            notes.add(self.line, bad.code, f"оборот /{word}/: {bad.message}; сосчитан по операциям", word)
            return None

    def _note_contradictions(self, figures: Figures, notes: Notes) -> None:
        for direction, word in _TOTAL_WORDS.items():
            total, counted = figures.totals[direction], figures.counted[direction]
            if total != counted:
                message = f"оборот /{word}/ {total}, а по операциям {counted}; оставлено {total}"
                notes.add(self.line, "totals_differ", message, word)
        if figures.imbalance:
            notes.add(self.line, "balances_differ", figures.imbalance, "62F")
        if self.opening is None:
            notes.add(self.line, "balance_missing", "входящий остаток не указан; вычислен", "60F")
        elif self.closing is None:
            notes.add(self.line, "balance_missing", "исходящий остаток не указан; вычислен", "62F")
        elif self.opening.currency != self.closing.currency:
            message = f"валюты остатков различаются: {self.opening.currency} и {self.closing.currency}"
            notes.add(self.line, "currency_differs", message, "62F")

    def _made_at(self) -> dt.datetime | None:
        try:
            return dt.datetime.strptime(self.facts.get(words.MADE_AT, ""), "%Y%m%d%H%M%S%z").astimezone(dt.UTC)
        except ValueError:
            return None

    def _bank(self) -> Bank | None:
        name = self.facts.get(words.BANK_NAME)
        if not name:
            return None
        return Bank(
            bic=self.account.bic,
            name=name,
            place=self.facts.get(words.BANK_PLACE),
            correspondent_account=self.facts.get(words.BANK_ACCOUNT),
        )

    def _account(self) -> Account:
        owner = Party(
            name=self.facts.get(words.OWNER_NAME, ""),
            inn=self.facts.get(words.OWNER_INN),
            kpp=self.facts.get(words.OWNER_KPP),
        )
        return make_account(self.account.number, self.account.bic, self.currency, owner)
