"""Refreshing a feed from the core, and what readers get meanwhile."""

from __future__ import annotations

import datetime as dt
import json
import threading
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pytest
import sqlalchemy as sa

from adapter.domain.core import Deadline, EntryPage
from adapter.domain.errors import CoreUnavailable, CursorExpired
from adapter.domain.feeds import FeedHead, Viewer
from adapter.domain.statements import Direction
from adapter.services.accounts import AccountDirectory, Accounts
from adapter.services.feeds import Feeds
from adapter.store.database import Database
from adapter.store.statements import StoredStatements
from adapter.store.tables import alarms
from adapter.store.tables import feeds as feeds_table
from tests.fakes import FakeClock, FakeCore, Fault, entry_details
from tests.readers import FeedReader
from tests.services.conftest import NotedPayments


def refresh(feeds: Feeds, account_id: str) -> None:
    assert feeds.refresh(account_id, Deadline.after(5))


def test_first_read_of_a_new_account_brings_its_entries_at_once(feeds: Feeds, core: FakeCore, account_id: str) -> None:
    core.bank.book("acc-1", entry_details(purpose="первый"))
    reader = FeedReader(feeds, [account_id])
    page = reader.read_all()
    assert reader.purposes == ["первый"]
    assert (len(page.added), page.changed, page.removed) == (1, [], [])


def test_later_reads_bring_only_what_changed_and_say_how(feeds: Feeds, core: FakeCore, account_id: str) -> None:
    kept, changed, removed = (core.bank.book("acc-1", entry_details(purpose=name)) for name in ("a", "b", "c"))
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    core.bank.change("acc-1", changed, entry_details(purpose="b2"))
    core.bank.remove("acc-1", removed)
    core.bank.book("acc-1", entry_details(purpose="d"))
    refresh(feeds, account_id)
    page = reader.read_page()
    assert [json.loads(text)["purpose"] for text in page.added] == ["d"]
    assert [json.loads(text)["purpose"] for text in page.changed] == ["b2"]
    assert len(page.removed) == 1
    assert reader.purposes == ["a", "b2", "d"]
    assert kept


def test_a_change_that_nobody_can_see_is_not_told(feeds: Feeds, core: FakeCore, account_id: str) -> None:
    core_id = core.bank.book("acc-1", entry_details())
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    core.bank.change("acc-1", core_id, entry_details())
    refresh(feeds, account_id)
    assert reader.read_page().is_empty
    core.bank.change("acc-1", core_id, entry_details("1500.01"))
    refresh(feeds, account_id)
    assert len(reader.read_page().changed) == 1


def test_an_entry_that_comes_again_after_its_removal_is_a_new_entry(
    feeds: Feeds, core: FakeCore, account_id: str
) -> None:
    core_id = core.bank.book("acc-1", entry_details(purpose="a"))
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    (first,) = reader.known
    core.bank.remove("acc-1", core_id)
    refresh(feeds, account_id)
    core.bank.change("acc-1", core_id, entry_details(purpose="a"))
    refresh(feeds, account_id)
    page = reader.read_page()
    assert (len(page.added), len(page.removed)) == (1, 1)
    assert first not in reader.known
    core.bank.remove("acc-1", core_id)
    refresh(feeds, account_id)
    assert len(reader.read_page().removed) == 1
    assert reader.known == {}


def test_while_the_core_is_down_readers_get_what_is_here_with_its_age(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details(purpose="a"))
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    told = feeds.list_heads([account_id])[0].as_of
    core.bank.book("acc-1", entry_details(purpose="b"))
    core.faults.always("pull_entries", Fault.DOWN)
    clock.advance(seconds=301)
    assert reader.read_page().is_empty
    assert feeds.list_heads([account_id])[0].as_of == told
    core.faults.clear()
    clock.advance(seconds=301)
    reader.read_page()
    assert reader.purposes == ["a", "b"]
    assert feeds.list_heads([account_id])[0].as_of == clock.now()


def test_a_core_that_just_failed_is_left_alone_for_a_while(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    refresh(feeds, account_id)
    clock.advance(seconds=301)
    core.faults.always("pull_entries", Fault.DOWN)
    before = core.calls["pull_entries"]
    for _ in range(5):
        feeds.list_heads([account_id])
    assert core.calls["pull_entries"] == before + 1
    clock.advance(seconds=11)
    feeds.list_heads([account_id])
    assert core.calls["pull_entries"] == before + 2


def test_a_reader_asks_the_core_only_when_the_feed_is_old(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    refresh(feeds, account_id)
    clock.advance(seconds=299)
    before = core.calls["pull_entries"]
    feeds.list_heads([account_id])
    assert core.calls["pull_entries"] == before
    clock.advance(seconds=2)
    feeds.list_heads([account_id])
    assert core.calls["pull_entries"] == before + 1


def test_many_pages_of_the_core_are_read_to_the_end(
    feeds: Feeds, core: FakeCore, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.services.feeds.PULL_LIMIT", 7)
    for n in range(40):
        core.bank.book("acc-1", entry_details(purpose=f"{n:02}"))
    reader = FeedReader(feeds, [account_id])
    reader.read_all(limit=3)
    assert reader.purposes == [f"{n:02}" for n in range(40)]


def test_a_refresh_cut_off_in_the_middle_goes_on_where_it_was(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.services.feeds.PULL_LIMIT", 2)
    for n in range(6):
        core.bank.book("acc-1", entry_details(purpose=str(n)))
    core.faults.on("pull_entries", None, Fault.DOWN)
    assert not feeds.refresh(account_id, Deadline.after(5))
    head = feeds.feed.list_heads([account_id])[0]
    assert (head.number, head.as_of) == (2, None)
    clock.advance(seconds=11)
    refresh(feeds, account_id)
    assert feeds.feed.list_heads([account_id])[0].number == 6


def test_a_page_of_another_process_that_came_first_is_not_stored_twice(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    core_id = core.bank.book("acc-1", entry_details(purpose="old"))
    slow = feeds.writer.lease(account_id, clock.now(), clock.now() + dt.timedelta(seconds=1))
    assert slow is not None
    stale = core.pull_entries("acc-1", slow.mark, 100, Deadline.after(5))
    clock.advance(seconds=2)  # its lease is over, another process takes it
    refresh(feeds, account_id)
    core.bank.change("acc-1", core_id, entry_details(purpose="new"))
    refresh(feeds, account_id)
    assert not feeds.writer.store_page(slow, slow.mark, stale, None, clock.now())
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    assert reader.purposes == ["new"]


def test_only_one_process_reads_an_account_at_a_time(feeds: Feeds, clock: FakeClock, account_id: str) -> None:
    lease = feeds.writer.lease(account_id, clock.now(), clock.now() + dt.timedelta(seconds=10))
    assert lease is not None
    assert not feeds.refresh(account_id, Deadline.after(1))
    feeds.writer.release(lease, None)
    refresh(feeds, account_id)


def test_the_first_reader_waits_for_a_process_that_reads_right_now(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details(purpose="a"))
    lease = feeds.writer.lease(account_id, clock.now(), clock.now() + dt.timedelta(seconds=10))
    assert lease is not None
    found: list[Sequence[FeedHead]] = []
    reader = threading.Thread(target=lambda: found.append(feeds.list_heads([account_id])))
    reader.start()
    page = core.pull_entries("acc-1", None, 100, Deadline.after(5))
    assert feeds.writer.store_page(lease, None, page, None, clock.now())
    reader.join(timeout=5)
    assert found[0][0].number == 1


def test_the_worker_reads_what_is_due_and_nothing_else(
    feeds: Feeds, core: FakeCore, clock: FakeClock, directory: AccountDirectory
) -> None:
    ids = [offer.account.id for offer in directory.accounts("cus-1")]
    assert feeds.refresh_due(ids, Deadline.after(5)) == 2
    clock.advance(seconds=59)
    assert feeds.refresh_due(ids, Deadline.after(5)) == 0
    clock.advance(seconds=2)
    assert feeds.refresh_due(ids[:1], Deadline.after(5)) == 1


def test_the_worker_does_not_ask_a_core_in_trouble_for_every_account(
    feeds: Feeds, core: FakeCore, clock: FakeClock, directory: AccountDirectory
) -> None:
    ids = [offer.account.id for offer in directory.accounts("cus-1")]
    core.faults.on("pull_entries", Fault.DOWN)
    assert feeds.refresh_due(ids, Deadline.after(5)) == 0
    assert core.calls["pull_entries"] == 1
    assert feeds.refresh_due(ids, Deadline.after(5)) == 1  # the next round passes over the one that failed
    clock.advance(seconds=11)
    assert feeds.refresh_due(ids, Deadline.after(5)) == 1


def test_the_worker_stops_at_its_deadline(feeds: Feeds, account_id: str) -> None:
    assert feeds.refresh_due([account_id], Deadline.after(0)) == 0
    assert feeds.refresh_due([account_id], Deadline.after(5)) == 1


def test_a_refresh_without_time_left_stores_nothing_and_may_be_repeated(
    feeds: Feeds, core: FakeCore, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details())
    assert not feeds.refresh(account_id, Deadline.after(0))
    refresh(feeds, account_id)
    assert feeds.feed.list_heads([account_id])[0].number == 1


def test_entries_are_kept_also_when_the_balance_is_not_told(
    feeds: Feeds, core: FakeCore, accounts: Accounts, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details())
    core.faults.on("read_balances", Fault.DOWN)
    refresh(feeds, account_id)
    assert feeds.feed.list_heads([account_id])[0].number == 1
    assert accounts.read_balance(account_id) is None
    refresh(feeds, account_id)
    balance = accounts.read_balance(account_id)
    assert balance is not None
    assert str(balance.booked) == "101500.00"


def test_a_refresh_overtaken_by_another_process_says_so(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details())
    overtaking = replace(feeds, core=core.bank)

    class SlowCore(FakeCore):
        def pull_entries(self, *args: Any) -> EntryPage:
            page = core.bank.pull_entries(*args)
            clock.advance(seconds=60)  # the lease is over before the answer comes
            assert overtaking.refresh(account_id, Deadline.after(5))
            return page

    assert not replace(feeds, core=SlowCore(clock)).refresh(account_id, Deadline.after(5))
    assert feeds.feed.list_heads([account_id])[0].number == 1


def test_a_booked_payment_is_told_its_entry(
    feeds: Feeds, core: FakeCore, noted: NotedPayments, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details(direction=Direction.DEBIT), document_id="pay_1")
    core.bank.book("acc-1", entry_details())
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    ((payment_id, entry_id),) = noted.noted
    assert payment_id == "pay_1"
    assert entry_id in reader.known


def test_history_before_the_consents_depth_is_not_told(feeds: Feeds, core: FakeCore, account_id: str) -> None:
    for day in (dt.date(2026, 1, 31), dt.date(2026, 2, 1)):
        core.bank.book("acc-1", entry_details(day=day, purpose=str(day)))
    reader = FeedReader(feeds, [account_id], Viewer(partner_id="pa_1", history_from=dt.date(2026, 2, 1)))
    reader.read_all()
    assert reader.purposes == ["2026-02-01"]


def test_an_entry_never_slips_out_of_a_partners_view_when_its_date_moves(
    feeds: Feeds, core: FakeCore, account_id: str
) -> None:
    seen = core.bank.book("acc-1", entry_details(day=dt.date(2026, 2, 1), purpose="seen"))
    hidden = core.bank.book("acc-1", entry_details(day=dt.date(2026, 1, 31), purpose="hidden"))
    reader = FeedReader(feeds, [account_id], Viewer(partner_id="pa_1", history_from=dt.date(2026, 2, 1)))
    reader.read_all()
    core.bank.change("acc-1", seen, entry_details(day=dt.date(2026, 1, 30), purpose="seen, moved"))
    core.bank.change("acc-1", hidden, entry_details(day=dt.date(2026, 2, 2), purpose="hidden, moved"))
    refresh(feeds, account_id)
    reader.read_all()
    assert reader.purposes == ["seen, moved"]


def test_an_account_added_later_starts_from_nothing_and_a_dropped_one_is_silent(
    feeds: Feeds, core: FakeCore, directory: AccountDirectory
) -> None:
    first, second = (offer.account.id for offer in directory.accounts("cus-1"))
    core.bank.book("acc-1", entry_details(purpose="1a"))
    core.bank.book("acc-2", entry_details(purpose="2a"))
    reader = FeedReader(feeds, [first])
    reader.read_all()
    assert reader.purposes == ["1a"]
    reader.account_ids = [first, second]
    reader.read_all()
    assert reader.purposes == ["1a", "2a"]
    reader.account_ids = [second]
    core.bank.book("acc-1", entry_details(purpose="1b"))
    core.bank.book("acc-2", entry_details(purpose="2b"))
    refresh(feeds, first)
    refresh(feeds, second)
    reader.read_all()
    assert reader.purposes == ["1a", "2a", "2b"]


@pytest.mark.parametrize("change", [{"generation": 2}, {"number": 0}], ids=["rebuilt", "set back by a restore"])
def test_a_cursor_of_another_feed_state_is_expired(
    feeds: Feeds, core: FakeCore, database: Database, account_id: str, change: dict[str, int]
) -> None:
    core.bank.book("acc-1", entry_details())
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    with database.transaction() as tx:
        tx.execute(sa.update(feeds_table).values(**change))
    with pytest.raises(CursorExpired):
        reader.read_page()
    reader.cursor = None
    reader.known.clear()
    reader.read_page()


def test_closed_days_that_add_up_are_complete(
    feeds: Feeds, core: FakeCore, clock: FakeClock, database: Database, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details(day=dt.date(2026, 11, 18)))
    refresh(feeds, account_id)
    assert feeds.list_heads([account_id])[0].complete_through == dt.date(2026, 11, 19)
    clock.advance(days=1)
    refresh(feeds, account_id)
    assert feeds.list_heads([account_id])[0].complete_through == dt.date(2026, 11, 20)
    with database.reading() as connection:
        assert connection.execute(sa.select(alarms)).all() == []


def test_a_day_that_does_not_add_up_stops_completeness_and_raises_one_alarm(
    feeds: Feeds, core: FakeCore, clock: FakeClock, database: Database, account_id: str
) -> None:
    lost = core.bank.book("acc-1", entry_details(day=dt.date(2026, 11, 18)))
    ledger = core.bank._ledgers["acc-1"]
    row = ledger.log.pop()  # the core counts this entry in its totals, but does not tell it
    refresh(feeds, account_id)
    clock.advance(seconds=61)
    refresh(feeds, account_id)
    assert feeds.list_heads([account_id])[0].complete_through == dt.date(2026, 11, 17)
    with database.reading() as connection:
        (alarm,) = connection.execute(sa.select(alarms)).all()
    assert (alarm.kind, alarm.subject) == ("day_mismatch", f"{account_id} 2026-11-18")
    ledger.log.append(row)
    refresh(feeds, account_id)
    assert feeds.list_heads([account_id])[0].complete_through == dt.date(2026, 11, 19)
    assert lost


def test_an_account_that_nothing_told_of_yet_has_no_age_and_no_statement(
    feeds: Feeds, core: FakeCore, account_id: str, database: Database, accounts: Accounts
) -> None:
    pull = core.bank.pull_entries
    core.bank.pull_entries = lambda *asked: replace(pull(*asked), as_of=None)  # type: ignore[method-assign]
    refresh(feeds, account_id)
    (head,) = feeds.list_heads([account_id])
    assert (head.as_of, head.read_at is None) == (None, False)
    (account,) = accounts.list_accounts([account_id])
    viewer = Viewer(partner_id="pa_1", history_from=dt.date(2026, 1, 1))
    with pytest.raises(CoreUnavailable):
        StoredStatements(database).read_statement(account, dt.date(2026, 11, 1), dt.date(2026, 11, 20), viewer)
    core.bank.pull_entries = pull  # type: ignore[method-assign]
    refresh(feeds, account_id)
    StoredStatements(database).read_statement(account, dt.date(2026, 11, 1), dt.date(2026, 11, 20), viewer)
