"""kill -9 in the middle of reading a restored core anew, on PostgreSQL, while partners poll."""

from __future__ import annotations

import datetime as dt
import signal
import sqlite3
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from adapter.connectors.sandbox import ledger
from adapter.connectors.sandbox.opening import Sandbox, open_sandbox
from adapter.domain.core import Deadline
from adapter.domain.errors import CursorExpired
from adapter.domain.moscow import MOSCOW
from adapter.services.feeds import Feeds
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from tests.crash.cores import SystemClock
from tests.fakes import FakeCore, entry_details
from tests.readers import FeedReader
from tests.scale import scale
from tests.services.conftest import NotedPayments

pytestmark = [pytest.mark.crash, pytest.mark.timeout(3600)]

KILLS = scale(6, 100)
READERS = 3
ROOT = Path(__file__).parents[2]


def test_a_killed_rebuilding_ends_with_what_the_core_has_for_every_reader(
    postgres: Database, postgres_url: str, tmp_path: Path
) -> None:
    place = tmp_path / "core.db"
    bank = _open_bank(place)
    core_id, account_id = _register_account(postgres, bank)
    feeds = _open_feeds(postgres)
    _book(bank, core_id, "before", 60)
    _read(postgres_url, place, account_id)
    readers = [FeedReader(feeds, [account_id]) for _ in range(READERS)]
    for reader in readers:
        reader.read_all()
    kept = _versions(readers[0])
    copy = tmp_path / "copy.db"
    _copy(place, copy)
    _book(bank, core_id, "lost", 40)
    _read(postgres_url, place, account_id)
    for reader in readers:
        reader.read_all()

    bank.database.close()
    for leftover in tmp_path.glob("core.db*"):
        leftover.unlink()
    _copy(copy, place)
    bank = _open_bank(place)
    _book(bank, core_id, "after", 10)
    with Polling(readers):
        kills = sum(_is_killed(postgres_url, place, account_id, seed) for seed in range(1, KILLS + 1))
        _read(postgres_url, place, account_id)
    expected = _purposes(bank, core_id)
    for reader in readers:
        _read_on(reader)
        assert reader.purposes == expected
        assert {one: version for one, version in _versions(reader).items() if one in kept} == kept
    print(f"\n{len(expected)} entries, {kills} kills, {READERS} readers")
    assert not any(purpose.startswith("lost") for purpose in expected)
    assert kills >= KILLS // 3
    bank.database.close()


class Polling:
    """Readers that poll without a pause; a page that contradicts what they know fails the test."""

    def __init__(self, readers: list[FeedReader]) -> None:
        self._stop = threading.Event()
        self._troubles: list[BaseException] = []
        self._threads = [threading.Thread(target=self._poll, args=(reader,)) for reader in readers]

    def __enter__(self) -> None:
        for thread in self._threads:
            thread.start()

    def __exit__(self, *_: object) -> None:
        self._stop.set()
        for thread in self._threads:
            thread.join()
        assert not self._troubles

    def _poll(self, reader: FeedReader) -> None:
        try:
            while not self._stop.wait(0.01):
                _read_on(reader, limit=7)
        except BaseException as error:  # told to the test by its own thread
            self._troubles.append(error)


def _read_on(reader: FeedReader, limit: int = 100) -> None:
    try:
        reader.read_all(limit)
    except CursorExpired as expired:
        reader.cursor = expired.restart
        if reader.cursor is None:
            raise
        reader.read_all(limit)


def _open_bank(place: Path) -> Sandbox:
    return open_sandbox(f"sqlite:///{place}", base_url="http://127.0.0.1", bank_name="Банк", clock=SystemClock())


def _register_account(database: Database, bank: Sandbox) -> tuple[str, str]:
    with bank.database.reading() as connection:
        customer = connection.exec_driver_sql("SELECT min(id) FROM sandbox_customers").scalar_one()
    account = bank.banking.list_accounts(customer, Deadline.after(5))[0]
    ours = StoredAccounts(database).register(customer, [account], SystemClock().now())
    return account.core_id, ours[account.core_id].id


def _open_feeds(database: Database) -> Feeds:
    """For readers alone: they never read the core."""
    return Feeds(
        feed=StoredFeed(database),
        writer=StoredFeedWriter(database),
        core=FakeCore(),
        payments=NotedPayments(),
        clock=SystemClock(),
        read_timeout_s=1.0,
        refresh_s=1e9,
        read_max_age_s=1e9,
    )


def _book(bank: Sandbox, core_id: str, name: str, count: int) -> None:
    today = dt.datetime.now(MOSCOW).date()
    with bank.database.transaction() as tx:
        for number in range(count):
            ledger.book(tx, core_id, entry_details(purpose=f"{name} {number}", day=today))


def _purposes(bank: Sandbox, core_id: str) -> list[str]:
    with bank.database.reading() as connection:
        found = ledger.list_latest(connection, core_id, limit=100_000, skip=0)
    return sorted(details.purpose for _, details in found)


def _versions(reader: FeedReader) -> dict[str, tuple[int, str]]:
    return {one: (entry["version"], entry["purpose"]) for one, entry in reader.known.items()}


def _copy(source: Path, target: Path) -> None:
    with sqlite3.connect(source) as books, sqlite3.connect(target) as copy:
        books.backup(copy)


def _read(url: str, place: Path, account_id: str) -> None:
    assert _run(url, place, account_id) == 0


def _is_killed(url: str, place: Path, account_id: str, seed: int) -> bool:
    code = _run(url, place, account_id, str(seed))
    assert code in (0, -signal.SIGKILL)
    return code != 0


def _run(url: str, place: Path, account_id: str, *seed: str) -> int:
    command = [sys.executable, "-m", "tests.crash.rebuild_program", url, str(place), account_id, *seed]
    return subprocess.run(command, cwd=ROOT, timeout=600, check=False).returncode
