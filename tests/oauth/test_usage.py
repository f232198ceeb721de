"""Counting uses: at once for a new kind, gathered for the rest, nothing lost at the end."""

from __future__ import annotations

import threading
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapter.store.database import Database
from oauth import consents, usage, use_counter
from oauth.context import EXTENSION
from oauth.models import consent_usage
from oauth.use_counter import UseCounter
from tests.fakes import FakeClock
from tests.oauth.actors import Bank
from tests.oauth.conftest import SETTINGS


class Counted:
    """A consent to count for, and a counter that flushes only when told."""

    def __init__(self, database: Database, clock: FakeClock, interval_s: float = 60) -> None:
        self.database, self.clock = database, clock
        partner = Bank(database, clock, SETTINGS).partner()
        self.consent_id = str(partner.tokens()["consent_id"])
        self.counter = UseCounter(database.writer, interval_s)

    def use(self, times: int = 1, ip: str = "203.0.113.7") -> None:
        for _ in range(times):
            self.counter.count(self.consent_id, "statements", ip, self.clock.now())

    def stored(self) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(sa.select(sa.func.sum(consent_usage.c.count))).scalar_one() or 0)


def test_the_first_use_is_written_at_once_and_repeats_are_gathered(database: Database, clock: FakeClock) -> None:
    counted = Counted(database, clock)
    counted.use()
    assert counted.stored() == 1
    counted.use(5)
    assert counted.stored() == 1
    counted.use(ip="198.51.100.1")
    assert counted.stored() == 7
    counted.use(2)
    counted.counter.close()
    assert counted.stored() == 9


def test_a_partner_is_summed_up_over_its_consents(database: Database, clock: FakeClock) -> None:
    counted = Counted(database, clock)
    with database.reading() as connection:
        partner_id = consents.read_consent(connection, counted.consent_id, now=clock.now()).partner_id
        assert usage.summarise_partner(connection, partner_id, now=clock.now()).last_at is None
    counted.use(3)
    counted.counter.close()
    with database.reading() as connection:
        summary = usage.summarise_partner(connection, partner_id, now=clock.now())
        clock.advance(days=8)
        later = usage.summarise_partner(connection, partner_id, now=clock.now())
    assert (summary.count_7_days, later.count_7_days) == (3, 0)
    assert summary.last_at == later.last_at


def test_uses_of_many_threads_add_up(postgres: Database, clock: FakeClock) -> None:
    counted = Counted(postgres, clock)
    threads = [threading.Thread(target=counted.use, args=(100,)) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counted.counter.close()
    assert counted.stored() == 800


def test_the_thread_writes_what_has_gathered(sqlite: Database, clock: FakeClock) -> None:
    counted = Counted(sqlite, clock, interval_s=0.01)
    counted.use(10)
    done = threading.Event()
    for _ in range(500):
        if counted.stored() == 10:
            break
        done.wait(0.01)
    counted.counter.close()
    assert counted.stored() == 10


def test_a_database_that_fails_costs_the_count_and_not_the_call(
    sqlite: Database, clock: FakeClock, caplog: pytest.LogCaptureFixture
) -> None:
    counted = Counted(sqlite, clock)
    with sqlite.transaction() as tx:
        consent_usage.drop(tx)
    counted.use()
    assert "not written" in caplog.text


def test_the_memory_of_kinds_is_bounded(sqlite: Database, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(use_counter, "KINDS_MAX", 2)
    counted = Counted(sqlite, clock)
    for number in range(5):
        counted.use(ip=f"203.0.113.{number}")
    assert counted.stored() == 5


def test_the_application_flushes_by_its_setting(sqlite: Database, clock: FakeClock) -> None:
    bank = Bank(sqlite, clock, replace(SETTINGS, usage_flush_s=5.0))
    assert bank.app.extensions[EXTENSION].uses is not None
