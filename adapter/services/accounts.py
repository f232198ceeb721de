"""Accounts of a consent, and the accounts that may be put under one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

import structlog

from adapter.domain.accounts import Account, Balance
from adapter.domain.core import CoreAccount, CoreCustomer, Deadline
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable, NotFound
from adapter.ports import AccountBook, Clock, CoreBanking

log = structlog.get_logger("adapter.accounts")


@dataclass(frozen=True, slots=True, kw_only=True)
class Accounts:
    """What partners read; callers pass ids that their consent allows."""

    book: AccountBook

    def list_accounts(self, account_ids: Sequence[str]) -> Sequence[Account]:
        """In the order of their numbers."""
        return self.book.read_accounts(account_ids)

    def read_account(self, account_id: str) -> Account:
        """Raises NotFound."""
        for account in self.book.read_accounts([account_id]):
            return account
        raise NotFound

    def read_balance(self, account_id: str) -> Balance | None:
        """What the core last said; None while it was not yet asked."""
        return next(iter(self.book.read_balances([account_id])), None)


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountOffer:
    """An account as the consent page shows it; `reason` says why it cannot be shared, in the customer's words."""

    account: Account
    can_be_shared: bool
    reason: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountDirectory:
    """Whom a person acts for and which accounts there are: asked at the core while a consent is given, then each
    `renew_s`: so long an account that the core gave to another customer may be read for the former one.
    """

    core: CoreBanking
    book: AccountBook
    clock: Clock
    read_timeout_s: float
    renew_s: float

    def customers(self, user_id: str) -> Sequence[CoreCustomer]:
        """Raises CoreUnavailable."""
        return self.core.find_customers(user_id, Deadline.after(self.read_timeout_s))

    def accounts(self, customer_id: str) -> Sequence[AccountOffer]:
        """The customer's accounts under our ids, in the core's order.  Raises CoreUnavailable."""
        known, told = self._ask(customer_id, Deadline.after(self.read_timeout_s))
        return [
            AccountOffer(account=known[one.core_id], can_be_shared=one.can_be_shared, reason=one.reason)
            for one in told
            if one.core_id in known
        ]

    def renew_old(self, account_ids: Sequence[str], deadline: Deadline) -> int:
        """Ask again about the customers of these accounts that were not asked about for `renew_s`; how many were."""
        renewed = 0
        for customer_id in self.book.list_old_customers(
            account_ids, self.clock.now() - timedelta(seconds=self.renew_s)
        ):
            soon = min(self.read_timeout_s, deadline.seconds_left)
            if not soon:
                break
            try:
                self._ask(customer_id, Deadline.after(soon))
            except CoreAnswerWrong as error:  # of this customer; the others may be told well
                log.warning("accounts of a customer not renewed", error=str(error))
                continue
            except CoreUnavailable as error:
                log.warning("accounts not renewed", error=str(error))
                break
            renewed += 1
        return renewed

    def is_owner_known(self, account_id: str, deadline: Deadline) -> bool:
        """Whether the core told within `renew_s` whose the account is; it is asked now where it did not."""
        before = self.clock.now() - timedelta(seconds=self.renew_s)
        if self.book.list_old_customers([account_id], before):
            self.renew_old([account_id], deadline)
            return not self.book.list_old_customers([account_id], before)
        return True

    def _ask(self, customer_id: str, deadline: Deadline) -> tuple[Mapping[str, Account], Sequence[CoreAccount]]:
        """What the core tells of a customer's accounts, and ours by `core_id`."""
        asked_at = self.clock.now()
        told = self.core.list_accounts(customer_id, deadline)
        return self.book.register(customer_id, told, asked_at), told
