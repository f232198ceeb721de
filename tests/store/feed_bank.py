"""An account whose entries tests change at will, written to the feed as pages of the core."""

from __future__ import annotations

import datetime as dt
import secrets
from collections.abc import Sequence
from dataclasses import replace

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreAccount, CoreBalance, CoreEntry, EntryPage, Mark
from adapter.domain.feeds import RefreshLease
from adapter.domain.money import Money
from adapter.domain.parties import Party
from adapter.domain.statements import DayTotals
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from adapter.store.feed_writing import StoredFeedWriter
from tests.fakes import ACCOUNT, BIC, NOON


def core_account(core_id: str = "acc-1", number: str = ACCOUNT) -> CoreAccount:
    return CoreAccount(
        core_id=core_id,
        customer_id="cus-1",
        number=number,
        bic=BIC,
        currency="RUB",
        name="Расчётный счёт",
        owner=Party(name='ООО "Альфа"', inn="7707083893", kpp="770701001"),
        status=AccountStatus.OPEN,
    )


class FeedBank:
    """Writes changes of one new account; each `tell` is a page that the core gave, the last one unless told."""

    def __init__(self, database: Database, mark: Mark | None = None) -> None:
        core_id = f"core-{secrets.token_hex(6)}"
        told = replace(core_account(core_id), customer_id=f"cus-{core_id}")  # its own
        accounts = StoredAccounts(database).register(told.customer_id, [told], NOON)
        self.account = accounts[core_id]
        self.writer = StoredFeedWriter(database)
        self._mark = mark
        self._generation = 1
        self._is_rebuilding = False

    def begin_rebuild(self) -> None:
        """The core was restored: what is told from now on is its whole state, until a last page."""
        anew = self.writer.begin_rebuild(self._lease(NOON), self._mark, "restored", NOON)
        assert anew is not None
        self._mark, self._generation, self._is_rebuilding = anew.mark, anew.generation, anew.is_rebuilding

    def tell(
        self,
        *entries: CoreEntry,
        days: Sequence[DayTotals] = (),
        has_more: bool = False,
        booked: str | None = None,
        at: dt.datetime = NOON,
    ) -> None:
        mark = Mark(secrets.token_hex(8))
        page = EntryPage(entries=entries, mark=mark, has_more=has_more, as_of=at, closed_days=days)
        balance = None
        if booked is not None:
            money = Money.of(booked)
            balance = CoreBalance(core_account_id=self.account.core_id, booked=money, available=money, as_of=at)
        assert self.writer.store_page(self._lease(at), self._mark, page, balance, at)
        self._mark = mark
        self._is_rebuilding = self._is_rebuilding and has_more

    def _lease(self, at: dt.datetime) -> RefreshLease:
        return RefreshLease(
            account_id=self.account.id,
            core_account_id=self.account.core_id,
            currency="RUB",
            mark=self._mark,
            until=at,
            generation=self._generation,
            is_rebuilding=self._is_rebuilding,
        )


def day_totals(day: dt.date, opening: str, closing: str) -> DayTotals:
    return DayTotals(day=day, opening=Money.of(opening), closing=Money.of(closing))
