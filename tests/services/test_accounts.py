"""What the core says of accounts reaches us also when no consent is given."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from adapter.domain.accounts import Account, AccountStatus
from adapter.domain.core import Deadline
from adapter.services.accounts import AccountDirectory, Accounts
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from tests.fakes import FakeClock, FakeCore, Fault, entry_details
from tests.services.conftest import NotedPayments, make_feeds
from tests.store.feed_bank import core_account


def test_an_account_that_the_bank_blocks_is_known_as_blocked_within_minutes(
    directory: AccountDirectory, accounts: Accounts, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    ledger = core.bank._ledgers["acc-1"]
    ledger.account = replace(ledger.account, status=AccountStatus.BLOCKED)
    assert directory.renew_old([account_id], Deadline.after(5)) == 0
    assert accounts.read_account(account_id).status is AccountStatus.OPEN
    clock.advance(minutes=5, seconds=1)
    assert directory.renew_old([], Deadline.after(5)) == 0
    assert directory.renew_old([account_id], Deadline.after(0)) == 0
    core.faults.on("list_accounts", Fault.DOWN)
    assert directory.renew_old([account_id], Deadline.after(5)) == 0
    assert directory.renew_old([account_id], Deadline.after(5)) == 1
    assert accounts.read_account(account_id).status is AccountStatus.BLOCKED
    assert directory.renew_old([account_id], Deadline.after(5)) == 0


def test_a_core_that_is_down_is_not_asked_about_every_customer(
    directory: AccountDirectory, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    others = {"cus-2": "40702810400000000022", "cus-3": "40702810400000000033"}
    known = [account_id]
    for customer_id, number in others.items():
        told = replace(core_account(f"acc-{customer_id}", number), customer_id=customer_id)
        known += [one.id for one in directory.book.register(customer_id, [told], clock.now()).values()]
    clock.advance(minutes=6)
    core.faults.on("list_accounts", Fault.DOWN)
    before = core.calls["list_accounts"]
    assert directory.renew_old(known, Deadline.after(5)) == 0
    assert core.calls["list_accounts"] == before + 1
    assert directory.renew_old(known, Deadline.after(5)) == 3


@pytest.mark.parametrize("read", ["worker", "reconciliation", "reader"])
def test_nothing_is_read_of_an_account_before_it_is_asked_whose_it_is_by_now(
    read: str,
    directory: AccountDirectory,
    database: Database,
    core: FakeCore,
    clock: FakeClock,
    noted: NotedPayments,
    account_id: str,
) -> None:
    """The worker was away for hours, and the bank gave the account to somebody else meanwhile."""
    feeds = replace(make_feeds(database, core, clock, noted), owners=directory)
    ways: dict[str, Callable[[], object]] = {
        "worker": lambda: feeds.refresh_due([account_id], Deadline.after(5)),
        "reconciliation": lambda: feeds.refresh(account_id, Deadline.after(5)),
        "reader": lambda: feeds.list_heads([account_id]),
    }
    ways[read]()
    before = feeds.list_numbers([account_id])
    clock.advance(minutes=5, seconds=1)
    ledger = core.bank._ledgers["acc-1"]
    ledger.account = replace(ledger.account, customer_id="cus-2")
    core.bank.book("acc-1", entry_details("77.00", day=clock.now().date()))
    core.faults.on("list_accounts", Fault.DOWN)
    for _ in range(2):  # the core does not tell whose it is; then it does
        ways[read]()
        clock.advance(seconds=61)
    assert feeds.list_numbers([account_id]) == before
    assert accounts_of(database, account_id).status is AccountStatus.CLOSED


def accounts_of(database: Database, account_id: str) -> Account:
    return StoredAccounts(database).read_accounts([account_id])[0]
