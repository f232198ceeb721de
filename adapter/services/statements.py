"""The statement of a period."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

from adapter.domain.errors import InvalidQuery
from adapter.domain.feeds import StatementReading, Viewer
from adapter.domain.periods import find_fault
from adapter.ports import BankBook, Clock, StatementBook
from adapter.services.accounts import Accounts
from adapter.services.feeds import Feeds


@dataclass(frozen=True, slots=True, kw_only=True)
class Statements:
    """Statements come from what we hold, which is brought up to date first."""

    feeds: Feeds
    accounts: Accounts
    book: StatementBook
    banks: BankBook
    clock: Clock

    def read_statement(self, account_id: str, date_from: dt.date, date_to: dt.date, viewer: Viewer) -> StatementReading:
        """Balances, totals and entries of a period.

        Raises NotFound, InvalidQuery for a period that ends before it begins or after today, or reaches back beyond the
        consent's history, and CoreUnavailable while the account was never read from the core to its end.
        """
        fault = find_fault(date_from, date_to, viewer.history_from, self.clock.now())
        if fault is not None:
            raise InvalidQuery([replace(fault, pointer=f"#query/{fault.field}")])
        account = self.accounts.read_account(account_id)
        self.feeds.list_heads([account_id])
        reading = self.book.read_statement(account, date_from, date_to, viewer)
        bank = (self.banks.find_banks([account.bic]) or {}).get(account.bic)
        return replace(reading, statement=replace(reading.statement, bank=bank))
