"""What the core says of accounts reaches us also when no consent is given."""

from __future__ import annotations

from dataclasses import replace

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import Deadline
from adapter.services.accounts import AccountDirectory, Accounts
from tests.fakes import FakeClock, FakeCore, Fault, core_account


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
