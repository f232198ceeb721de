"""The feed's services over a real store and a core in memory."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from adapter.services.accounts import AccountDirectory, Accounts
from adapter.services.feeds import Feeds
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from tests.fakes import FakeClock, FakeCore


class NotedPayments:
    """The port BookedPayments, remembering what it was told."""

    def __init__(self) -> None:
        self.noted: list[tuple[str, str]] = []

    def note_booked(self, account_id: str, entry_ids: Mapping[str, str]) -> None:
        self.noted.extend(entry_ids.items())


@pytest.fixture
def core(clock: FakeClock) -> FakeCore:
    return FakeCore(clock)


@pytest.fixture
def noted() -> NotedPayments:
    return NotedPayments()


@pytest.fixture
def feeds(database: Database, core: FakeCore, clock: FakeClock, noted: NotedPayments) -> Feeds:
    return make_feeds(database, core, clock, noted)


def make_feeds(database: Database, core: FakeCore, clock: FakeClock, noted: NotedPayments) -> Feeds:
    return Feeds(
        feed=StoredFeed(database),
        writer=StoredFeedWriter(database),
        core=core,
        payments=noted,
        clock=clock,
        read_timeout_s=2.0,
        refresh_s=60.0,
        read_max_age_s=300.0,
    )


@pytest.fixture
def accounts(database: Database) -> Accounts:
    return Accounts(book=StoredAccounts(database))


@pytest.fixture
def directory(database: Database, core: FakeCore, clock: FakeClock) -> AccountDirectory:
    return AccountDirectory(core=core, book=StoredAccounts(database), clock=clock, read_timeout_s=2.0, renew_s=300.0)


@pytest.fixture
def account_id(directory: AccountDirectory) -> str:
    """Our id of the core's account `acc-1`."""
    return directory.accounts("cus-1")[0].account.id
