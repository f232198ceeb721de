"""A lane opens after failures in a row, rests, lets one call try, and never keeps a caller waiting long."""

from __future__ import annotations

import threading
import time

import pytest

from adapter.connectors.lanes import REST_MAX_S, Lane, Verdict
from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable


class Ticks:
    """A monotonic clock that a test moves."""

    def __init__(self) -> None:
        self.at = 1000.0

    def __call__(self) -> float:
        return self.at


@pytest.fixture
def ticks() -> Ticks:
    return Ticks()


@pytest.fixture
def lane(ticks: Ticks) -> Lane:
    return Lane("reading", calls_max=2, failures_max=3, rest_s=10.0, now=ticks)


def call(lane: Lane, verdict: Verdict, seconds: float = 5.0) -> None:
    with lane.turn(Deadline.after(seconds)) as tell:
        tell(verdict)


def fail(lane: Lane, times: int) -> None:
    for _ in range(times):
        call(lane, Verdict.FAILED)


def test_a_failure_more_than_may_be_opens_the_lane_for_its_rest(lane: Lane, ticks: Ticks) -> None:
    fail(lane, 2)
    call(lane, Verdict.ANSWERED)
    fail(lane, 3)
    state = lane.state()
    assert (state.is_open, state.failures, state.rests_s) == (True, 3, 10.0)
    ticks.at += 9.9
    with pytest.raises(CoreUnavailable, match="left alone"):
        call(lane, Verdict.ANSWERED)
    ticks.at += 0.1
    call(lane, Verdict.ANSWERED)
    assert not lane.state().is_open
    call(lane, Verdict.ANSWERED)


def test_each_failed_trial_doubles_the_rest_up_to_a_bound(lane: Lane, ticks: Ticks) -> None:
    fail(lane, 3)
    rests = []
    for _ in range(5):
        ticks.at += lane.state().rests_s
        fail(lane, 1)
        rests.append(lane.state().rests_s)
    assert rests == [20.0, 40.0, 60.0, 60.0, 60.0]
    assert rests[-1] == REST_MAX_S
    ticks.at += 60.0
    call(lane, Verdict.ANSWERED)
    fail(lane, 3)
    assert lane.state().rests_s == 10.0, "after an answer it begins anew"


def test_only_one_call_tries_whether_the_core_is_back(lane: Lane, ticks: Ticks) -> None:
    fail(lane, 3)
    ticks.at += 10.0
    with lane.turn(Deadline.after(5)) as tell:
        with pytest.raises(CoreUnavailable):
            call(lane, Verdict.ANSWERED)
        tell(Verdict.ANSWERED)
    call(lane, Verdict.ANSWERED)


def test_a_trial_that_never_comes_back_is_given_up_at_its_deadline(lane: Lane, ticks: Ticks) -> None:
    fail(lane, 3)
    ticks.at += 10.0
    with lane.turn(Deadline.after(5)):
        ticks.at += 5.0
        call(lane, Verdict.ANSWERED)
    assert not lane.state().is_open


def test_calls_that_began_before_it_opened_do_not_make_the_rest_longer(ticks: Ticks) -> None:
    lane = Lane("reading", calls_max=8, failures_max=3, rest_s=10.0, now=ticks)
    with lane.turn(Deadline.after(5)) as tell:
        fail(lane, 3)
        ticks.at += 4.0
        tell(Verdict.FAILED)
    assert lane.state().rests_s == 6.0


def test_a_connector_that_breaks_tells_nothing_of_the_core(lane: Lane, ticks: Ticks) -> None:
    for _ in range(5):
        with pytest.raises(ZeroDivisionError), lane.turn(Deadline.after(5)):
            _ = 1 / 0
    assert not lane.state().is_open
    fail(lane, 3)
    ticks.at += 10.0
    with pytest.raises(ZeroDivisionError), lane.turn(Deadline.after(5)):
        _ = 1 / 0
    call(lane, Verdict.ANSWERED)
    assert not lane.state().is_open


def test_who_finds_all_places_taken_goes_on_without_the_core_soon(lane: Lane) -> None:
    with lane.turn(Deadline.after(5)) as first, lane.turn(Deadline.after(5)) as second:
        began = time.monotonic()
        with pytest.raises(CoreUnavailable, match="as many calls"):
            call(lane, Verdict.ANSWERED, seconds=2.0)
        assert time.monotonic() - began < 1.0
        first(Verdict.ANSWERED)
        second(Verdict.ANSWERED)
    assert lane.state().failures == 0, "the core did nothing wrong"
    call(lane, Verdict.ANSWERED)


def test_a_place_that_gets_free_is_taken_by_who_waits(lane: Lane) -> None:
    inside, leave = threading.Event(), threading.Event()

    def stay() -> None:
        with lane.turn(Deadline.after(60)) as tell:
            inside.set()
            leave.wait(10)
            tell(Verdict.ANSWERED)

    stayer = threading.Thread(target=stay)
    stayer.start()
    inside.wait(10)
    with lane.turn(Deadline.after(60)) as tell:
        leaver = threading.Timer(0.05, leave.set)
        leaver.start()
        call(lane, Verdict.ANSWERED, seconds=200.0)
        tell(Verdict.ANSWERED)
    stayer.join()
    assert lane.state().running == 0


def test_without_time_left_nothing_is_called_and_nothing_counted(lane: Lane) -> None:
    for _ in range(5):
        with pytest.raises(CoreUnavailable, match="deadline"):
            call(lane, Verdict.ANSWERED, seconds=0.0)
    call(lane, Verdict.ANSWERED)
