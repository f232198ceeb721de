"""The background loops: send drafts, follow their fate, refresh feeds, make statements, forget what is over.

A chore does a piece of work and answers whether there was any.  One that fails is logged and rests, longer each time;
the others go on.  The loop ends between two chores, so a stop never cuts work in half.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import structlog

log = structlog.get_logger("adapter.worker")

REST_MAX_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Chore:
    """`do` answers whether it found something to do, then it is called again at once; else after `every_s`."""

    name: str
    do: Callable[[], bool]
    every_s: float = 0.0  # 0: in every round


class Worker:
    """Runs chores in their order, in a process or a thread of its own."""

    def __init__(self, chores: Sequence[Chore], now: Callable[[], float] = time.monotonic) -> None:
        self._chores = chores
        self._now = now
        self._due = {chore.name: 0.0 for chore in chores}
        self._failures = {chore.name: 0 for chore in chores}

    def run_once(self, stop: threading.Event | None = None) -> bool:
        """One round over all chores that are due; answers whether any of them found work."""
        found = False
        for chore in self._chores:
            if stop is not None and stop.is_set():
                return False
            if self._due[chore.name] <= self._now():
                found = self._do(chore) or found
        return found

    def _do(self, chore: Chore) -> bool:
        try:
            found = chore.do()
        except Exception:
            self._failures[chore.name] += 1
            rest = min(REST_MAX_S, 2.0 ** self._failures[chore.name])
            log.exception("a chore failed", chore=chore.name, rests_s=rest)
            self._due[chore.name] = self._now() + rest
            return False
        self._failures[chore.name] = 0
        self._due[chore.name] = self._now() if found else self._now() + chore.every_s
        return found


def run_until(stop: threading.Event, chores: Sequence[Chore], interval_s: float) -> None:
    """Run rounds until `stop` is set; after a round without work there is a pause."""
    worker = Worker(chores)
    log.info("worker started", chores=[chore.name for chore in chores])
    while not stop.is_set():
        if not worker.run_once(stop):
            stop.wait(interval_s)
    log.info("worker stopped")


def run_loops(stop: threading.Event, loops: Sequence[Sequence[Chore]], interval_s: float) -> None:
    """Run each loop in a thread of its own until `stop` is set, and wait for their last chores."""
    threads = [threading.Thread(target=run_until, args=(stop, chores, interval_s)) for chores in loops]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
