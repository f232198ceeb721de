"""A core that hangs, deadline or not: imports are accepted, reads served from the feed, threads stay free."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from adapter.connectors import Core
from adapter.connectors.guard import GuardedCore
from adapter.domain.core import EntryPage
from adapter.domain.errors import CoreUnavailable
from adapter.migrations import newest_revision
from tests.api.conftest import Books, NobodyLogsIn, TestResponse, open_books
from tests.fakes import FakeClock, FakeCore, Fault

WEB_THREADS = 16
PLACES_FOR_READING = 6  # of eight calls at once, two are kept for drafts
HANG_S = 30.0
PROMPT_S = 5.0  # far below the hang, far above what a busy machine takes


class HangingCore(FakeCore):
    """Hangs on reading entries, whatever the deadline says, once it is told to."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.hangs = False
        self.inside = threading.Semaphore(0)
        self.go_on = threading.Event()

    def pull_entries(self, *given: Any) -> EntryPage:
        if self.hangs:
            self.inside.release()
            self.go_on.wait(HANG_S)
            raise CoreUnavailable("no answer in time")
        return super().pull_entries(*given)


@pytest.fixture
def books(sqlite_url: str) -> Iterator[Books]:
    clock = FakeClock()
    core = HangingCore(clock)
    for number in range(WEB_THREADS):
        core.bank.add_account(f"many-{number}", "cus-9", f"407028100000000010{number:02}")
    guarded = GuardedCore(core, calls_max=8, failures_max=5, rest_s=30.0)
    found = open_books(sqlite_url, clock, core, Core(banking=guarded, login=NobodyLogsIn(), lanes=guarded.lanes))
    yield found
    core.go_on.set()
    found.parts.close()


@pytest.fixture
def account_ids(books: Books) -> list[str]:
    """As many accounts as there are web threads, all read once."""
    offers = books.parts.directory.accounts("cus-9")
    ids = [offer.account.id for offer in offers]
    books.parts.services.feeds.list_heads(ids)
    return ids


def test_a_core_that_hangs_leaves_threads_for_imports_and_reads(books: Books, account_ids: list[str]) -> None:
    core: Any = books.core
    token = books.give(*account_ids)
    known = read(books, token, account_ids[0]).get_json()["as_of"]
    books.clock.advance(seconds=books.parts.settings.feed_read_max_age_s + 1)
    core.hangs = True
    with ThreadPoolExecutor(WEB_THREADS) as web:
        polls = [web.submit(read, books, token, one) for one in account_ids]
        for _ in range(PLACES_FOR_READING):
            assert core.inside.acquire(timeout=PROMPT_S)
        began = time.monotonic()
        wait_until(polls, done=WEB_THREADS - PLACES_FOR_READING)
        imports = [web.submit(import_draft, books, number) for number in range(20)]
        reads = [web.submit(read, books, token, one) for one in account_ids]
        assert [one.result(PROMPT_S).status_code for one in imports] == [201] * 20
        assert {one.result(PROMPT_S).get_json()["as_of"] for one in reads} == {known}, "with an honest age"
        assert time.monotonic() - began < HANG_S / 2
        assert sum(not poll.done() for poll in polls) <= PLACES_FOR_READING
        core.go_on.set()
        assert {poll.result(PROMPT_S).status_code for poll in polls} == {200}
    ready = books.parts.services.core_links.list_lanes()
    assert [(lane.name, lane.is_open) for lane in ready] == [("reading", True), ("drafts", False)]
    core.hangs = False
    assert books.parts.delivery.send_due(), "drafts have places of their own"
    assert len(core.bank.orders) == 20


def test_readiness_tells_how_the_core_is_left_alone_and_stays_ready(books: Books, account_ids: list[str]) -> None:
    core: Any = books.core
    core.hangs = True
    core.faults.on("list_accounts", *[Fault.DOWN] * 5)  # who owns them is asked before
    core.go_on.set()
    for _ in range(5):
        books.clock.advance(seconds=books.parts.settings.feed_read_max_age_s + 1)
        books.parts.services.feeds.list_heads(account_ids)
    metrics = books.app.test_client().get("/metrics").get_data(as_text=True)
    assert 'bank_adapter_core_lane_open{lane="reading"} 1.0' in metrics
    assert 'bank_adapter_core_lane_open{lane="drafts"} 0.0' in metrics
    with books.parts.database.transaction() as tx:
        tx.exec_driver_sql("CREATE TABLE alembic_version (version_num VARCHAR(32) NOT NULL)")
        tx.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{newest_revision()}')")
    answer = books.app.test_client().get("/health/ready")
    assert answer.status_code == 200
    told = answer.get_json()["core"]["web"]
    assert told["drafts"] == "not asked"
    assert told["reading"].startswith("left alone for")


def wait_until(polls: list[Future[TestResponse]], done: int) -> None:
    end = time.monotonic() + PROMPT_S
    while sum(poll.done() for poll in polls) < done:
        assert time.monotonic() < end, "threads hang that should not"
        threading.Event().wait(0.01)


def read(books: Books, token: str, account_id: str) -> TestResponse:
    return books.get(f"/v1/accounts/{account_id}/changes", token)


def import_draft(books: Books, number: int) -> TestResponse:
    order = {
        "external_id": f"inv-{number}",
        "number": str(number + 1),
        "date": books.clock.now().date().isoformat(),
        "amount": "1500.00",
        "account_id": books.account_id,
        "payee": {"name": "ООО «Вектор»", "account": "40702810900000005555", "bic": "044525225", "inn": "7707083893"},
        "purpose": "Оплата по счёту 17. Без НДС",
    }
    headers = {"Authorization": f"Bearer {books.token}", "Idempotency-Key": f"key-{number}"}
    return books.app.test_client().post("/v1/payments", json=order, headers=headers)
