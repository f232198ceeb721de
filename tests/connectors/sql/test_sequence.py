"""Entries whose transactions end in another order than they began: none is lost; a plain sequence loses some."""

from __future__ import annotations

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager

import pytest
import sqlalchemy as sa

from adapter.domain.core import Mark
from tests.connectors.core_contract import end_of_entries, run_together, soon, today
from tests.connectors.sql.sql_bench import POSTINGS, SqlBench, post, posting
from tests.fakes import entry_details
from tests.scale import scale

ACCOUNTS = ("A-1", "A-2", "A-3", "B-1")
WRITERS = 8
EACH = scale(50, 400)

LOCK = "    PERFORM FROM open_api.feeds WHERE account_id = of_account FOR UPDATE;\n"


@pytest.fixture(autouse=True)
def _no_other_lock(sql_bench: SqlBench) -> Iterator[None]:
    """This bank keeps balances under a lock of its own, which would hide what is tested."""
    _run(sql_bench, "ALTER TABLE bank.postings DISABLE TRIGGER keep_sums")
    yield
    _run(sql_bench, "ALTER TABLE bank.postings ENABLE TRIGGER keep_sums")


@pytest.mark.race
def test_a_reader_misses_nothing_while_eight_write_with_delayed_commits(sql_bench: SqlBench) -> None:
    written, told = _race(sql_bench)
    assert sum(map(len, written.values())) == WRITERS * EACH
    for account in ACCOUNTS:
        assert len(told[account]) == len(set(told[account]))
        assert set(told[account]) == set(written[account])


def test_a_plain_sequence_loses_the_entry_that_is_committed_late(sql_bench: SqlBench) -> None:
    """So the race above can fail, and the lock is what the description must insist on."""
    mark = end_of_entries(sql_bench)
    told: list[str] = []
    with _without_lock(sql_bench):
        with _begun(sql_bench) as first:
            later = sql_bench.book("A-1", entry_details(day=today(sql_bench)))
            mark = _read_on(sql_bench, "A-1", mark, told)
        _read_on(sql_bench, "A-1", mark, told)
    assert told == [later] != first


def test_the_number_of_a_later_entry_waits_for_the_earlier_transaction(sql_bench: SqlBench) -> None:
    mark = end_of_entries(sql_bench)
    told: list[str] = []
    with _begun(sql_bench) as first:
        second = threading.Thread(target=sql_bench.book, args=("A-1", entry_details(day=today(sql_bench))))
        second.start()
        second.join(0.3)
        assert second.is_alive()
        mark = _read_on(sql_bench, "A-1", mark, told)
        assert told == []
    second.join()
    _read_on(sql_bench, "A-1", mark, told)
    assert len(told) == 2
    assert told[0] == first[0]


def test_accounts_do_not_wait_for_one_another(sql_bench: SqlBench) -> None:
    mark = end_of_entries(sql_bench, "A-2")
    told: list[str] = []
    with _begun(sql_bench):
        other = sql_bench.book("A-2", entry_details(day=today(sql_bench)))
        _read_on(sql_bench, "A-2", mark, told)
    assert told == [other]


def test_many_entries_of_one_transaction_cost_no_more_each(sql_bench: SqlBench) -> None:
    """Ten thousand under one lock: a counter in a row would be rewritten ten thousand times, and walked each time."""
    mark, count = end_of_entries(sql_bench), scale(1000, 10_000)
    with sql_bench.acting() as tx:
        tx.execute(sa.insert(POSTINGS), [posting("A-1", entry_details(day=today(sql_bench)))] * count)
    page = sql_bench.core.pull_entries("A-1", mark, count, soon())
    told = [one.core_id for one in page.entries]
    assert len(told) == count
    assert told == sorted(told, key=int)


def _race(bench: SqlBench) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Written and told by account.  Eight writers over four accounts, commits late by up to 10 ms, one reader."""
    marks = {account: end_of_entries(bench, account) for account in ACCOUNTS}
    written: dict[str, list[str]] = {account: [] for account in ACCOUNTS}
    told: dict[str, list[str]] = {account: [] for account in ACCOUNTS}
    is_over = threading.Event()

    def write(seed: int) -> None:
        chance = random.Random(seed)
        for _ in range(EACH):
            account = chance.choice(ACCOUNTS)
            with bench.acting() as tx:
                posted = post(tx, account, entry_details(day=today(bench)))
                tx.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))  # the number is given now, the commit is late
                time.sleep(chance.random() / 100)
            written[account].append(posted)

    def write_all() -> None:
        run_together(*[lambda seed=seed: write(seed) for seed in range(WRITERS)])
        is_over.set()

    def read() -> None:
        was_over = False
        while not was_over:
            was_over = is_over.is_set()
            for account in ACCOUNTS:
                marks[account] = _read_on(bench, account, marks[account], told[account])

    run_together(write_all, read)
    return written, told


def _read_on(bench: SqlBench, account: str, mark: Mark, told: list[str]) -> Mark:
    while True:
        page = bench.core.pull_entries(account, mark, 100, soon())
        told += [one.core_id for one in page.entries]
        mark = page.mark
        if not page.has_more:
            return mark


@contextmanager
def _begun(bench: SqlBench) -> Iterator[list[str]]:
    """An entry on the first account that has its number and is not committed before the end of the block."""
    with bench.acting() as tx:
        posted = post(tx, "A-1", entry_details(day=today(bench)))
        tx.execute(sa.text("SET CONSTRAINTS ALL IMMEDIATE"))
        yield [posted]


@contextmanager
def _without_lock(bench: SqlBench) -> Iterator[None]:
    with bench.acting() as tx:
        source = str(tx.scalar(sa.text("SELECT pg_get_functiondef(to_regproc('open_api.note_entry'))")))
    assert LOCK in source
    _run(bench, source.replace(LOCK, "    PERFORM 1;\n"))
    yield
    _run(bench, source)


def _run(bench: SqlBench, statement: str) -> None:
    with bench.acting() as tx:
        tx.exec_driver_sql(statement)
