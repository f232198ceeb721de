"""Accounts, banks and the feed of entries: met by `store`."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from adapter.domain.accounts import Account, Balance
from adapter.domain.banks import Bank
from adapter.domain.core import (
    CoreAccount,
    CoreBalance,
    EntryPage,
    Mark,
)
from adapter.domain.feeds import Changes, FeedHead, RefreshLease, Span, Viewer


class AccountBook(Protocol):
    """Accounts that were ever shown for a consent, under ids of ours that never change."""

    def register(self, customer_id: str, accounts: Sequence[CoreAccount], asked_at: datetime) -> Mapping[str, Account]:
        """Remember or renew a customer's accounts as the core told them when it was asked; ours by `core_id`.

        One that is told no more is closed until it is told again, with an alarm.  One that is told of another customer
        is over for good, with an alarm too: consents lose it in the same transaction, and the other's is an account of
        its own, whose feed begins on the day after.
        """

    def list_old_customers(self, account_ids: Sequence[str], before: datetime) -> Sequence[str]:
        """Owners of these accounts of whom the core told none since; in another order each time."""

    def read_accounts(self, account_ids: Sequence[str]) -> Sequence[Account]:
        """Accounts by our ids, in the order of their numbers; unknown ids are left out."""

    def read_balances(self, account_ids: Sequence[str]) -> Sequence[Balance]:
        """What the core last said of each; accounts whose balance is not yet known are left out."""


class BankBook(Protocol):
    """Banks of Russia, where the bank has loaded the Bank of Russia's directory."""

    def find_banks(self, bics: Collection[str]) -> Mapping[str, Bank] | None:
        """Banks by bic, unknown ones left out; None while no directory is loaded.  One cheap statement."""


class EntryFeed(Protocol):
    """The numbered changes of entries, for readers."""

    def list_heads(self, account_ids: Sequence[str]) -> Sequence[FeedHead]:
        """Where the feeds stand, by key; one cheap statement."""

    def read_changes(self, heads: Sequence[FeedHead], spans: Sequence[Span], viewer: Viewer, limit: int) -> Changes:
        """At most `limit` changes inside the spans, which belong to the heads one by one."""

    def list_due(self, account_ids: Sequence[str], before: datetime, now: datetime) -> Sequence[str]:
        """Which of the accounts were not read from the core since `before` and may be leased, least lately tried first.

        An attempt that failed counts as well as one that succeeded: accounts that cannot be read come after the others.
        """


class FeedWriter(Protocol):
    """What the core told, put into the feed."""

    def lease(self, account_id: str, now: datetime, until: datetime) -> RefreshLease | None:
        """The right to read this account from the core; None while another process has it."""

    def release(self, lease: RefreshLease, again_at: datetime | None) -> None:
        """Give the right back; nobody takes it before `again_at` (None: at once)."""

    def want(self, core_account_ids: Sequence[str]) -> int:
        """Let these be read as soon as may be; unknown ones are passed over.  Answers how many were not wanted yet."""

    def begin_rebuild(self, lease: RefreshLease, after: Mark | None, why: str, now: datetime) -> RefreshLease | None:
        """Read the account anew from the beginning: its next generation, with an alarm that says why.

        Until the core was read to its end readers see the state before.  None, and nothing done, when the feed is no
        longer at the mark `after`.
        """

    def list_entry_ids(self, account_id: str, core_ids: Sequence[str]) -> Mapping[str, str]:
        """Our ids that these entries of the core have, or will have once they are stored."""

    def store_page(
        self, lease: RefreshLease, after: Mark | None, page: EntryPage, balance: CoreBalance | None, now: datetime
    ) -> bool:
        """Changes, mark, closed days, balance and age in one transaction; the last page gives the lease back too.

        False, and nothing stored, when the feed is no longer at the mark `after`: another process went on from there.
        """
