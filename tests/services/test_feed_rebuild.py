"""A core that was restored: its accounts are read anew, readers end with exactly what it has, ids and versions kept."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from adapter.domain.core import Deadline, Mark
from adapter.domain.errors import CursorExpired
from adapter.services.accounts import Accounts
from adapter.services.feeds import Feeds
from adapter.store.database import Database
from adapter.store.statements import StoredStatements
from adapter.store.tables import alarms, entries_anew
from adapter.store.tables import entries as entries_table
from tests.fakes import FakeClock, FakeCore, Fault, entry_details
from tests.readers import ALL_HISTORY, FeedReader

DAY = dt.date(2026, 11, 20)


def refresh(feeds: Feeds, account_id: str) -> bool:
    return feeds.refresh(account_id, Deadline.after(5))


def read_on(reader: FeedReader, limit: int = 100) -> None:
    """As a partner does: go on, and where that is answered 410, with the cursor told in its place."""
    try:
        reader.read_all(limit)
    except CursorExpired as expired:
        reader.cursor = expired.restart
        reader.read_all(limit)


def versions(database: Database) -> int:
    with database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(entries_table)).scalar_one()


def alarms_of(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        return [(row.kind, row.subject) for row in connection.execute(sa.select(alarms))]


def test_what_the_restored_core_has_is_what_readers_end_with(
    feeds: Feeds, core: FakeCore, database: Database, account_id: str
) -> None:
    kept, changed, lost = (core.bank.book("acc-1", entry_details(purpose=name)) for name in ("kept", "old", "lost"))
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    before = {entry["purpose"]: entry for entry in reader.known.values()}
    core.bank.change("acc-1", changed, entry_details(purpose="new"))
    core.bank.lose_entry("acc-1", lost)
    core.bank.book("acc-1", entry_details(purpose="added"))
    core.bank.lose_memory()
    assert refresh(feeds, account_id)
    read_on(reader)
    after = {entry["purpose"]: entry for entry in reader.known.values()}
    assert set(after) == {"kept", "new", "added"}
    assert after["kept"] == before["kept"]
    assert (after["new"]["id"], after["new"]["version"]) == (before["old"]["id"], 2)
    assert alarms_of(database) == [("feed_rebuilt", account_id)]
    assert kept


def test_a_rebuilding_that_changes_nothing_writes_no_version(
    feeds: Feeds, core: FakeCore, database: Database, account_id: str
) -> None:
    first = core.bank.book("acc-1", entry_details(purpose="a"))
    second = core.bank.book("acc-1", entry_details(purpose="b"))
    refresh(feeds, account_id)
    core.bank.change("acc-1", first, entry_details(purpose="a2"))
    core.bank.remove("acc-1", second)
    refresh(feeds, account_id)
    core.bank.change("acc-1", second, entry_details(purpose="b again"))  # the second life of its name
    reader = FeedReader(feeds, [account_id])
    refresh(feeds, account_id)
    reader.read_all()
    before, ids = versions(database), set(reader.known)
    core.bank.lose_memory()  # this core tells all of its history again, old states too
    assert refresh(feeds, account_id)
    read_on(reader)
    assert versions(database) == before
    assert set(reader.known) == ids
    core.bank.book("acc-1", entry_details(purpose="c"))
    assert refresh(feeds, account_id)
    read_on(reader)
    assert reader.purposes == ["a2", "b again", "c"]


def test_until_the_core_was_read_to_its_end_readers_see_the_state_before(
    feeds: Feeds,
    core: FakeCore,
    clock: FakeClock,
    accounts: Accounts,
    database: Database,
    account_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("adapter.services.feeds.PULL_LIMIT", 2)
    lost, *_ = [core.bank.book("acc-1", entry_details(purpose=f"{n}")) for n in range(5)]
    assert refresh(feeds, account_id)
    told = feeds.list_heads([account_id])[0]
    old = FeedReader(feeds, [account_id])
    old.read_all()
    clock.advance(seconds=61)
    core.bank.lose_entry("acc-1", lost)
    core.bank.lose_memory()
    core.faults.on("pull_entries", None, None, Fault.DOWN)
    assert not refresh(feeds, account_id)

    head = feeds.list_heads([account_id])[0]
    assert (head.number, head.generation, head.as_of) == (told.number, told.generation + 1, told.as_of)
    assert head.complete_through is None
    with pytest.raises(CursorExpired):
        old.read_page()
    new = FeedReader(feeds, [account_id])
    new.read_all(limit=2)
    assert new.purposes == ["0", "1", "2", "3", "4"]
    account = accounts.read_account(account_id)
    reading = StoredStatements(database).read_statement(account, DAY, DAY, ALL_HISTORY)
    assert (len(list(reading.entry_texts)), reading.statement.as_of) == (5, told.as_of)

    clock.advance(seconds=61)
    assert refresh(feeds, account_id)
    for reader in (old, new):
        read_on(reader, limit=2)
        assert reader.purposes == ["1", "2", "3", "4"]
    assert feeds.list_heads([account_id])[0].as_of == clock.now()


def test_a_reader_in_the_middle_of_its_pages_goes_on_exactly_where_it_was(
    feeds: Feeds, core: FakeCore, account_id: str
) -> None:
    core_ids = [core.bank.book("acc-1", entry_details(purpose=f"{n}")) for n in range(6)]
    refresh(feeds, account_id)
    reader = FeedReader(feeds, [account_id])
    reader.read_page(limit=2)
    core.bank.lose_entry("acc-1", core_ids[0])
    core.bank.lose_entry("acc-1", core_ids[5])
    core.bank.lose_memory()
    assert refresh(feeds, account_id)
    read_on(reader, limit=2)
    read_on(reader, limit=2)
    assert reader.purposes == ["1", "2", "3", "4"]


def test_a_core_restored_again_in_the_middle_begins_the_rebuilding_anew(
    feeds: Feeds, core: FakeCore, clock: FakeClock, database: Database, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.services.feeds.PULL_LIMIT", 2)
    core_ids = [core.bank.book("acc-1", entry_details(purpose=f"{n}")) for n in range(5)]
    refresh(feeds, account_id)
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    core.bank.lose_memory()
    core.faults.on("pull_entries", None, None, Fault.DOWN)
    assert not refresh(feeds, account_id)
    core.bank.lose_entry("acc-1", core_ids[0])  # it was gathered already
    core.bank.lose_memory()
    clock.advance(seconds=61)
    assert refresh(feeds, account_id)
    read_on(reader)
    assert reader.purposes == ["1", "2", "3", "4"]
    with database.reading() as connection:
        assert connection.execute(sa.select(entries_anew)).all() == []


def test_a_page_read_before_the_rebuilding_is_not_gathered(
    feeds: Feeds, core: FakeCore, clock: FakeClock, account_id: str
) -> None:
    lost = core.bank.book("acc-1", entry_details(purpose="lost"))
    core.bank.book("acc-1", entry_details(purpose="kept"))
    slow = feeds.writer.lease(account_id, clock.now(), clock.now() + dt.timedelta(seconds=1))
    assert slow is not None
    stale = core.pull_entries("acc-1", slow.mark, 100, Deadline.after(5))
    clock.advance(seconds=2)
    assert refresh(feeds, account_id)
    core.bank.lose_entry("acc-1", lost)
    core.bank.lose_memory()
    core.faults.on("pull_entries", None, Fault.DOWN)
    assert not refresh(feeds, account_id)  # the rebuilding stands at the beginning, as the stale page does
    assert not feeds.writer.store_page(slow, slow.mark, stale, None, clock.now())
    clock.advance(seconds=61)
    assert refresh(feeds, account_id)
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    assert reader.purposes == ["kept"]


def test_days_that_the_core_no_longer_closes_are_open_again(
    feeds: Feeds, core: FakeCore, clock: FakeClock, database: Database, account_id: str
) -> None:
    core.bank.book("acc-1", entry_details(day=dt.date(2026, 11, 18)))
    clock.advance(days=3)
    assert refresh(feeds, account_id)
    assert feeds.list_heads([account_id])[0].complete_through == dt.date(2026, 11, 22)
    core.bank.lose_memory()
    clock.advance(days=-2)  # the bank's books are of two days before
    assert refresh(feeds, account_id)
    assert feeds.list_heads([account_id])[0].complete_through == dt.date(2026, 11, 20)
    assert [kind for kind, _ in alarms_of(database)] == ["feed_rebuilt"]


def test_a_core_that_forgets_the_mark_it_just_gave_is_not_read_for_ever(
    feeds: Feeds, core: FakeCore, clock: FakeClock, database: Database, account_id: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("adapter.services.feeds.PULL_LIMIT", 1)
    for name in ("a", "b"):
        core.bank.book("acc-1", entry_details(purpose=name))
    refresh(feeds, account_id)
    pull = core.pull_entries

    def forgetful(*asked: object) -> object:
        page = pull(*asked)  # type: ignore[arg-type]
        core.bank.lose_memory()
        return page

    core.bank.lose_memory()
    with monkeypatch.context() as broken:
        broken.setattr(core, "pull_entries", forgetful)
        assert not refresh(feeds, account_id)
    assert len(alarms_of(database)) == 1
    clock.advance(seconds=61)
    assert refresh(feeds, account_id)
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    assert reader.purposes == ["a", "b"]


@pytest.mark.parametrize("entries", [1, 3])
def test_a_core_that_forgets_each_mark_is_read_more_and_more_seldom_under_one_generation_and_one_alarm(
    entries: int,
    feeds: Feeds,
    core: FakeCore,
    clock: FakeClock,
    database: Database,
    account_id: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """One page is read whole each time; of three the second is refused: it is never whole."""
    monkeypatch.setattr("adapter.services.feeds.PULL_LIMIT", 1)
    core.bank.book("acc-1", entry_details(purpose="0"))
    assert refresh(feeds, account_id)
    reader = FeedReader(feeds, [account_id])
    reader.read_all()
    for number in range(1, entries):
        core.bank.book("acc-1", entry_details(purpose=str(number)))
    pull = core.pull_entries

    def forgetful(account: str, mark: Mark | None, *asked: object) -> object:
        if mark is not None:
            core.bank.lose_memory()
        return pull(account, mark, *asked)  # type: ignore[arg-type]

    began_at, readings = clock.now(), 0
    with monkeypatch.context() as broken:
        broken.setattr(core, "pull_entries", forgetful)
        while clock.now() < began_at + dt.timedelta(hours=8):
            asked = core.calls["pull_entries"]
            feeds.refresh_due([account_id], Deadline.after(5))
            readings += core.calls["pull_entries"] > asked
            clock.advance(seconds=61)
    assert 8 <= readings <= 16, "at last once an hour"
    assert alarms_of(database) == [("feed_rebuilt", account_id)]
    assert feeds.list_heads([account_id])[0].generation == 2
    for _ in range(3):  # the core is mended
        clock.advance(hours=1)
        assert refresh(feeds, account_id)
    read_on(reader)
    assert set(reader.purposes) == {str(number) for number in range(entries)}
    core.bank.lose_memory()
    assert refresh(feeds, account_id)
    assert feeds.list_heads([account_id])[0].generation == 3, "a core that is restored once more"
