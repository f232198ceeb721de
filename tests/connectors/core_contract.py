"""The contract kit over the benches of this repository, and short words for tests of single connectors.

class TestMyCore(CoreContract):
    @pytest.fixture
    def bench(self): ...            # a bench: the core and a hand that makes things happen in it
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

import pytest

from adapter.core_kit.bench import Bench
from adapter.core_kit.ground import Ground
from adapter.core_kit.ground import run_together as run_together  # said here for tests of connectors
from adapter.domain.core import CoreDocument, CoreEntry, Deadline, Mark
from adapter.domain.moscow import moscow_day
from tests.fakes import core_document, payment_order


class CoreContract:
    """One test for each case of the kit."""

    @pytest.fixture
    def core_bench(self, bench: Bench) -> Bench:
        return bench

    def test_promise(self, core_contract: Callable[[], None]) -> None:
        core_contract()


def soon() -> Deadline:
    return Deadline.after(30)


def today(bench: Bench) -> dt.date:
    return moscow_day(bench.clock.now())


def draft(bench: Bench, document_id: str | None = None, amount: str = "1500.00") -> CoreDocument:
    return core_document(
        document_id or Ground.new_id(), account=bench.account, customer=bench.customer, order=payment_order(amount)
    )


def submit(bench: Bench, *documents: CoreDocument) -> Sequence[object]:
    return bench.core.submit_documents(documents, soon())


def pull_all(bench: Bench, account: str, after: Mark | None, limit: int = 500) -> tuple[list[CoreEntry], Mark]:
    entries, _, mark = Ground(bench).walk(after, account, limit)
    return entries, mark


def end_of_entries(bench: Bench, account: str | None = None) -> Mark:
    return Ground(bench).end_of_entries(account)


def end_of_events(bench: Bench) -> Mark:
    return Ground(bench).end_of_events()
