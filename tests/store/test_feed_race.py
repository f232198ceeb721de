"""Real concurrency on PostgreSQL: nothing lost, nothing repeated, nothing out of order."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor

import pytest

from adapter.domain.core import CoreEntry, EntryPage, Mark
from adapter.domain.cursors import continue_run
from adapter.domain.feeds import RefreshLease, Span
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from tests.fakes import NOON, entry_details
from tests.readers import ALL_HISTORY
from tests.scale import scale
from tests.store.feed_bank import FeedBank

WRITERS = 8
POLLERS = 4
ACCOUNTS = 4
ENTRIES_PER_WRITER = 50
MARK = Mark("the same for all: the page of every writer counts")


class Poller:
    """Follows all accounts until the writers are done and there is no more."""

    def __init__(self, feed: StoredFeed, account_ids: list[str], done: threading.Event) -> None:
        self.feed = feed
        self.account_ids = account_ids
        self.done = done
        self.known: dict[str, dict[str, object]] = {}
        self.pages = self.repeated = self.out_of_order = 0

    def follow(self) -> None:
        spans: Sequence[Span] = ()
        while True:
            is_last = self.done.is_set()
            heads = self.feed.list_heads(self.account_ids)
            page = self.feed.read_changes(heads, continue_run(heads, spans), ALL_HISTORY, 50)
            self._apply(page.added, is_new=True)
            self._apply(page.changed, is_new=False)
            self.pages += 1
            spans = page.spans
            if is_last and page.is_empty and not page.has_more:
                return
            if page.is_empty:
                self.done.wait(
                    0.01
                )  # a partner pauses too; without it the pollers only take the machine from the writers

    def _apply(self, texts: Sequence[str], *, is_new: bool) -> None:
        for text in texts:
            entry = json.loads(text)
            before = self.known.get(entry["id"])
            self.repeated += is_new is (before is not None)
            # Writers count in the purposes of their entries: what comes later says more.
            self.out_of_order += before is not None and int(entry["purpose"]) <= int(str(before["purpose"]))
            self.known[entry["id"]] = entry


def write(banks: list[FeedBank], writer: int, changes: int) -> None:
    """Change one entry after another; all writers meet at the feeds of a few accounts."""
    for n in range(changes):
        bank = banks[(n + writer) % len(banks)]
        name = f"{writer}-{n % ENTRIES_PER_WRITER}"
        page = EntryPage(
            entries=[CoreEntry(core_id=name, details=entry_details(purpose=str(n)))],
            mark=MARK,
            has_more=True,
            as_of=NOON,
        )
        lease = RefreshLease(
            account_id=bank.account.id, core_account_id=bank.account.core_id, currency="RUB", mark=MARK, until=NOON
        )
        assert bank.writer.store_page(lease, MARK, page, None, NOON)


def expected(banks: list[FeedBank], changes: int) -> dict[tuple[str, str, str], int]:
    """The last count of each entry, by account, writer and place."""
    last = {}
    for writer in range(WRITERS):
        for n in range(changes):
            account = banks[(n + writer) % len(banks)].account.id
            last[account, str(writer), str(n % ENTRIES_PER_WRITER)] = n
    return last


@pytest.mark.race
@pytest.mark.timeout(900)  # in full it writes 20,000 changes through four rows
def test_pollers_see_every_change_of_many_writers_once_and_in_order(postgres: Database) -> None:
    changes = scale(2_000, 20_000) // WRITERS
    banks = [FeedBank(postgres) for _ in range(ACCOUNTS)]
    for bank in banks:
        bank.writer.store_page(
            RefreshLease(
                account_id=bank.account.id, core_account_id=bank.account.core_id, currency="RUB", mark=None, until=NOON
            ),
            None,
            EntryPage(entries=(), mark=MARK, has_more=True, as_of=NOON),
            None,
            NOON,
        )
    done = threading.Event()
    pollers = [Poller(StoredFeed(postgres), [bank.account.id for bank in banks], done) for _ in range(POLLERS)]
    began = time.perf_counter()
    with ThreadPoolExecutor(WRITERS + POLLERS) as pool:
        reading = [pool.submit(poller.follow) for poller in pollers]
        writing = [pool.submit(write, banks, writer, changes) for writer in range(WRITERS)]
        for future in writing:
            future.result()
        seconds = time.perf_counter() - began
        done.set()
        for future in reading:
            future.result()
    last = sorted(expected(banks, changes).values())
    lost = sum(sorted(int(str(entry["purpose"])) for entry in poller.known.values()) != last for poller in pollers)
    repeated = sum(poller.repeated for poller in pollers)
    out_of_order = sum(poller.out_of_order for poller in pollers)
    numbers = sum(head.number for head in StoredFeed(postgres).list_heads([bank.account.id for bank in banks]))
    print(
        f"\n{numbers} changes by {WRITERS} writers in {seconds:.1f} s, {POLLERS} pollers, "
        f"{sum(poller.pages for poller in pollers)} pages: "
        f"{lost} lost, {repeated} repeated, {out_of_order} out of order"
    )
    assert numbers == changes * WRITERS
    assert (lost, repeated, out_of_order) == (0, 0, 0)
