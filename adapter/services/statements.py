"""The statement of a period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from adapter.domain.accounts import Account
from adapter.domain.errors import FieldError, InvalidQuery
from adapter.domain.feeds import StatementReading, Viewer
from adapter.ports import BankBook, StatementBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Statements come from what we hold; `Feeds.list_heads` brings that up to date first."""

    book: StatementBook
    banks: BankBook

    def read_statement(
        self, account: Account, date_from: dt.date, date_to: dt.date, viewer: Viewer
    ) -> StatementReading:
        """Balances, totals and entries of a period.

        Raises InvalidQuery for a period that ends before it begins or reaches back beyond the consent's history, and
        CoreUnavailable while the account was never read from the core to its end.
        """
        if date_from > date_to:
            raise _invalid("to", "period_is_backwards", "Конец периода раньше его начала")
        if date_from < viewer.history_from:
            since = viewer.history_from.strftime("%d.%m.%Y")
            raise _invalid("from", "before_history", f"Согласие даёт выписку только с {since}")
        reading = self.book.read_statement(account, date_from, date_to, viewer)
        bank = (self.banks.find_banks([account.bic]) or {}).get(account.bic)
        return replace(reading, statement=replace(reading.statement, bank=bank))


def _invalid(parameter: str, code: str, message: str) -> InvalidQuery:
    return InvalidQuery([FieldError(pointer=f"#query/{parameter}", field=parameter, code=code, message=message)])
