"""The loop of chores: order, pauses, failures, stop."""

from __future__ import annotations

import threading

import pytest

from adapter.worker import Chore, Worker, run_loops, run_until


class Time:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


@pytest.fixture
def time() -> Time:
    return Time()


def test_every_chore_is_done_in_its_order_and_work_found_is_told(time: Time) -> None:
    done: list[str] = []
    chores = [
        Chore(name="first", do=lambda: bool(done.append("first"))),
        Chore(name="second", do=lambda: not done.append("second")),
    ]
    assert Worker(chores, time).run_once()
    assert done == ["first", "second"]


def test_a_chore_without_work_rests_for_its_time(time: Time) -> None:
    asked = []
    worker = Worker([Chore(name="slow", do=lambda: bool(asked.append(1)), every_s=10)], time)
    for _ in range(3):
        worker.run_once()
    assert len(asked) == 1
    time.seconds += 10
    worker.run_once()
    assert len(asked) == 2


def test_a_chore_that_found_work_is_asked_again_at_once(time: Time) -> None:
    left = [1, 2, 3]
    worker = Worker([Chore(name="busy", do=lambda: bool(left and left.pop()), every_s=10)], time)
    while worker.run_once():
        pass
    assert left == []


def test_a_failing_chore_rests_longer_each_time_and_the_others_go_on(time: Time) -> None:
    failures: list[float] = []
    done: list[int] = []

    def fail() -> bool:
        failures.append(time.seconds)
        raise RuntimeError("broken")

    worker = Worker([Chore(name="broken", do=fail), Chore(name="good", do=lambda: bool(done.append(1)))], time)
    for _ in range(8):
        worker.run_once()
        time.seconds += 1
    assert failures == [100, 102, 106]
    assert len(done) == 8


def test_a_stop_is_heard_between_two_chores() -> None:
    stop = threading.Event()
    done: list[str] = []

    def first() -> bool:
        done.append("first")
        stop.set()
        return True

    run_until(stop, [Chore(name="first", do=first), Chore(name="second", do=lambda: bool(done.append("second")))], 60)
    assert done == ["first"]


def test_a_chore_that_hangs_in_one_loop_holds_up_no_other_loop() -> None:
    stop, done = threading.Event(), threading.Event()

    def hang() -> bool:
        assert done.wait(30)  # only the other loop can let it go on
        stop.set()
        return False

    def go() -> bool:
        done.set()
        return False

    run_loops(stop, [[Chore(name="hangs", do=hang)], [Chore(name="goes", do=go)]], 0.01)
    assert done.is_set()
