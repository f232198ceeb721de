"""Wrong about itself, people, accounts and balances."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import count

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import Capabilities, CoreAccount, CoreBalance, CoreCustomer, Deadline, Probe
from adapter.domain.money import Money
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank


@wrong("core.is-up")
class SaysThatItIsDown(MemoryBank):
    """The probe asks something that does not matter to calls."""

    def probe(self, deadline: Deadline) -> Probe:
        return Probe(is_up=False, detail="the archive does not answer")


@wrong("core.capabilities-constant")
class ChangesItsMind(MemoryBank):
    """Tells the size of batches by its present load."""

    sizes = count(1000)

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), batch_size_max=next(self.sizes))


@wrong("core.capabilities-sane")
class HasNoName(MemoryBank):
    """The name was not configured."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), name=" ")


@wrong("core.clock")
class ClockIsAnHourOff(MemoryBank):
    """Local time told as UTC."""

    def probe(self, deadline: Deadline) -> Probe:
        return Probe(is_up=True, clock_difference_s=3600.0)


@wrong("people.finds-customers")
class FindsNobody(MemoryBank):
    """Looks users up by another id."""

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        return ()


@wrong("people.unknown-user")
class EverybodyIsTheFirstUser(MemoryBank):
    """An unknown user falls back to a default."""

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        return super().find_customers(user_id, deadline) or super().find_customers("user-1", deadline)


@wrong("people.own-accounts")
class TellsForeignAccounts(MemoryBank):
    """The filter by customer is missing."""

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        known = super().list_accounts(customer_id, deadline)
        return [*known, *super().list_accounts("cus-2", deadline)] if known else ()


@wrong("people.accounts-well-formed", "entries.currency")
class TellsCurrencyByNumber(MemoryBank):
    """810, as in the account's number, and not RUB."""

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        return [replace(one, currency="810") for one in super().list_accounts(customer_id, deadline)]


@wrong("people.accounts-stable")
class ShufflesAccounts(MemoryBank):
    """No ORDER BY."""

    turns = count()

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        accounts = super().list_accounts(customer_id, deadline)
        return accounts if next(self.turns) % 2 else accounts[::-1]


@wrong("people.unknown-customer")
class UnknownCustomerIsAnError(MemoryBank):
    """404 where an empty list is right."""

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        accounts = super().list_accounts(customer_id, deadline)
        if not accounts:
            raise LookupError(customer_id)
        return accounts


@wrong("people.open-account")
class AllAccountsAreBlocked(MemoryBank):
    """States of accounts are read from the wrong column."""

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        return [replace(one, status=AccountStatus.BLOCKED) for one in super().list_accounts(customer_id, deadline)]


@wrong("balances.in-order")
class BalancesInOrderOfTheTable(MemoryBank):
    """WHERE id IN (…) without arranging the rows."""

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        return super().read_balances(sorted(core_account_ids), deadline)


@wrong("balances.of-nothing")
class NothingAskedIsEverything(MemoryBank):
    """An empty filter filters nothing."""

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        return super().read_balances(core_account_ids or list(self._ledgers), deadline)


@wrong("balances.as-of")
class BalancesWithoutZone(MemoryBank):
    """Moments without an offset."""

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        balances = super().read_balances(core_account_ids, deadline)
        return [replace(one, as_of=one.as_of.replace(tzinfo=None)) for one in balances]


@wrong("balances.follow-entries")
class BalanceInWholeRubles(MemoryBank):
    """Kopecks are cut off."""

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        balances = super().read_balances(core_account_ids, deadline)
        return [replace(one, booked=Money.of(str(int(one.booked.amount)))) for one in balances]
