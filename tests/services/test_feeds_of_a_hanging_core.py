"""Accounts that the core does not tell in time neither stop the others nor hold the readers up."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.core import CoreBalance, Deadline, EntryPage
from adapter.domain.errors import CoreUnavailable
from adapter.services.accounts import AccountDirectory, Accounts
from adapter.services.feeds import RETRY_AFTER_S, Feeds
from tests.fakes import FakeClock, FakeCore, Fault, entry_details


class HangingCore(FakeCore):
    """Takes the clock's seconds before it says that it cannot tell these accounts."""

    def __init__(self, clock: FakeClock, hangs: set[str], takes_s: float) -> None:
        super().__init__(clock)
        self.asked: list[str] = []
        self._hangs = hangs
        self._takes = lambda: clock.advance(seconds=takes_s)

    def pull_entries(self, core_account_id: str, *args: Any) -> EntryPage:
        self.asked.append(core_account_id)
        if core_account_id in self._hangs:
            self._takes()
            raise CoreUnavailable("no answer in time")
        return super().pull_entries(core_account_id, *args)


@pytest.fixture
def ids(core: FakeCore, directory: AccountDirectory) -> list[str]:
    """Our ids of a dozen accounts that hang, and of `acc-1`, which does not, at the end."""
    for number in range(12):
        core.bank.add_account(f"hangs-{number}", "cus-1", f"407028100000000000{number:02}")
    offers = {offer.account.core_id: offer.account.id for offer in directory.accounts("cus-1")}
    return [offers[f"hangs-{number}"] for number in range(12)] + [offers["acc-1"]]


def test_accounts_that_hang_do_not_keep_the_others_from_their_schedule(
    feeds: Feeds, clock: FakeClock, ids: list[str]
) -> None:
    refreshed = 0
    assert feeds.refresh(ids[-1], Deadline.after(5))
    core = HangingCore(clock, {f"hangs-{number}" for number in range(12)}, takes_s=5)
    feeds = replace(feeds, core=core)
    started = clock.now()
    while clock.now() - started < dt.timedelta(minutes=10):
        refreshed += feeds.refresh_due(ids, Deadline.after(5))
        clock.advance(seconds=1)
    assert refreshed >= 5
    assert len(set(core.asked)) == 13


def test_an_account_that_failed_is_left_alone_from_the_end_of_the_attempt(
    feeds: Feeds, clock: FakeClock, ids: list[str]
) -> None:
    core = HangingCore(clock, {"hangs-0"}, takes_s=60)
    feeds = replace(feeds, core=core)
    assert not feeds.refresh(ids[0], Deadline.after(5))
    clock.advance(seconds=RETRY_AFTER_S - 1)
    assert feeds.feed.list_due(ids[:1], clock.now(), clock.now()) == []
    assert not feeds.refresh(ids[0], Deadline.after(5))
    clock.advance(seconds=1)
    assert feeds.feed.list_due(ids[:1], clock.now(), clock.now()) == ids[:1]
    assert core.asked == ["hangs-0"]


def test_after_a_failure_readers_of_other_accounts_are_served_what_is_here(
    feeds: Feeds, core: FakeCore, clock: FakeClock, ids: list[str]
) -> None:
    core.faults.always("pull_entries", Fault.DOWN)
    feeds.list_heads(ids[:3])
    assert core.calls["pull_entries"] == 1
    feeds.list_heads(ids[3:])
    assert core.calls["pull_entries"] == 1
    core.faults.clear()
    clock.advance(seconds=RETRY_AFTER_S)
    patient = replace(feeds, read_timeout_s=60.0)  # a slow machine must not decide this test
    assert all(head.read_at is not None for head in patient.list_heads(ids))


def test_a_reader_without_time_left_takes_no_more_leases(feeds: Feeds, clock: FakeClock, ids: list[str]) -> None:
    assert [head.read_at for head in replace(feeds, read_timeout_s=0.0).list_heads(ids)] == [None] * len(ids)
    due = feeds.feed.list_due(ids, clock.now(), clock.now())
    assert len(due) == len(ids)
    clock.advance(seconds=RETRY_AFTER_S)
    patient = replace(feeds, read_timeout_s=60.0)  # a slow machine must not decide this test
    assert all(head.read_at is not None for head in patient.list_heads(ids))


def test_a_balance_that_holds_more_than_the_entries_is_not_kept_before_the_first_closed_day(
    feeds: Feeds, core: FakeCore, clock: FakeClock, accounts: Accounts, account_id: str
) -> None:
    class BookingCore(FakeCore):
        def read_balances(self, ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
            booking()
            return core.bank.read_balances(ids, deadline)

        def pull_entries(self, *args: Any) -> EntryPage:
            return replace(core.bank.pull_entries(*args), closed_days=())

    def book() -> None:
        core.bank.book("acc-1", entry_details())

    booking: Callable[[], object] = book
    feeds = replace(feeds, core=BookingCore(clock))
    assert feeds.refresh(account_id, Deadline.after(5))
    assert accounts.read_balance(account_id) is None
    booking = list
    assert feeds.refresh(account_id, Deadline.after(5))
    balance = accounts.read_balance(account_id)
    assert balance is not None
    assert str(balance.booked) == "101500.00"
