"""The worker's word about its lanes: written on change, read by the web, and known as old when it is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapter.domain.core import Probe
from adapter.domain.lanes import LaneState
from adapter.domain.link import LinkStatus, WorkerWord, judge_link
from adapter.services import worker_lanes
from adapter.services.worker_lanes import FRESH_S, LaneReader, LaneTeller
from adapter.store.database import Database, open_database
from adapter.store.worker_lanes import WorkerLanes
from tests.fakes import FakeClock

CLOSED = LaneState(
    name="drafts", is_open=False, open_for_s=0.0, rests_s=0.0, failures=0, running=1, calls_max=2, asked_s=3.0
)
OPEN = replace(CLOSED, is_open=True, open_for_s=40.0, rests_s=20.0, failures=7)
UP = Probe(is_up=True)


class Worker:
    """A worker whose lanes a test sets, and the web beside it."""

    def __init__(self, database: Database, process: str = "host:1:aa") -> None:
        self.clock = FakeClock()
        self.lane = CLOSED
        book = WorkerLanes(database)
        self.teller = LaneTeller(process=process, list_lanes=lambda: [self.lane], book=book, clock=self.clock)
        self.reader = LaneReader(book=book, clock=self.clock)

    def read(self) -> WorkerWord:
        return self.reader.read()


@pytest.fixture
def worker(database: Database) -> Worker:
    return Worker(database)


def test_a_lane_is_told_as_it_is_with_the_time_that_passed_since(worker: Worker) -> None:
    worker.lane = OPEN
    worker.teller.tell()
    worker.clock.advance(seconds=5)
    (told,) = worker.read().lanes
    assert (told.process, told.told_s) == ("host:1:aa", 5.0)
    assert told.state == replace(OPEN, open_for_s=45.0, rests_s=15.0, asked_s=8.0)


def test_a_change_is_told_at_once_and_the_same_only_after_a_while(
    worker: Worker, monkeypatch: pytest.MonkeyPatch
) -> None:
    worker.teller.tell()
    worker.clock.advance(seconds=2)
    worker.teller.tell()
    assert worker.read().silent_s == 2.0
    worker.lane = OPEN
    worker.teller.tell()
    assert worker.read().silent_s == 0.0
    worker.clock.advance(seconds=2)
    monkeypatch.setattr(worker_lanes, "TELL_S", 0.0)
    worker.lane = CLOSED
    worker.teller.tell()
    worker.clock.advance(seconds=2)
    worker.teller.tell()
    assert worker.read().silent_s == 0.0


def test_a_word_that_grows_old_is_no_word(worker: Worker) -> None:
    assert (worker.read().silent_s, worker.read().lanes) == (None, [])
    worker.teller.tell()
    worker.clock.advance(seconds=FRESH_S)
    assert judge_link(UP, worker.read(), []) is LinkStatus.UP
    worker.clock.advance(seconds=1)
    silent = worker.read()
    assert (silent.silent_s, silent.lanes) == (FRESH_S + 1, [])
    assert judge_link(UP, silent, [CLOSED]) is LinkStatus.IDLE
    assert judge_link(replace(UP, is_up=False), silent, []) is LinkStatus.DOWN


def test_a_process_that_stops_takes_its_word_back_and_a_killed_one_is_forgotten(database: Database) -> None:
    first, killed = Worker(database, "first"), Worker(database, "killed")
    first.teller.tell()
    killed.teller.tell()
    first.teller.take_back()
    assert [one.process for one in first.read().lanes] == ["killed"]
    first.clock.advance(hours=1.1)
    first.lane = OPEN
    first.teller.tell()
    assert [one.process for one in WorkerLanes(database).list_told(first.clock.now())] == ["first"]


@pytest.mark.parametrize("url", ["sqlite:///{folder}/empty.db", "postgresql+psycopg://nobody@127.0.0.1:1/nowhere"])
def test_a_worker_stops_in_order_where_its_database_is_away(url: str, tmp_path: Path) -> None:
    database = open_database(url.format(folder=tmp_path))
    worker = Worker(database)
    with pytest.raises(sa.exc.OperationalError):
        worker.teller.tell()
    worker.teller.take_back()
    database.close()


def test_of_two_workers_the_one_that_fares_worse_is_told_first(database: Database) -> None:
    one, other = Worker(database, "one"), Worker(database, "other")
    other.lane = OPEN
    for worker in (one, other):
        worker.teller.tell()
    word = one.read()
    assert [(lane.name, lane.is_open) for lane in word.list_worst()] == [("drafts", True)]
    assert judge_link(UP, word, []) is LinkStatus.DEGRADED
