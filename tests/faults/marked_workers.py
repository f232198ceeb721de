"""Workers that die at a marked point of sending: `python -m tests.faults.marked_workers POINT KILLS AT_ONCE`.

Each is the product's own worker, opened from the settings, with a knife between it and its core or its records.  They
are forked from one process that has everything imported, so that hundreds of kills take minutes.  The last line of the
output tells how many were killed.

    leased       errands are leased and the payments committed as `sending`
    submitting   the core is about to be called
    on_the_way   the call is on its way there (the proxy holds it, and carries it on after the death)
    done         the core did it, its answer is on its way back (the proxy holds it)
    answered     the answer is here, nothing is written
    written      how it ended is written
"""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

from adapter.domain.core import Capabilities, CoreDocument, Deadline, Result
from adapter.domain.fates import Errand, Outcome
from adapter.parts import open_parts
from adapter.settings import read_settings

POINTS = ("leased", "submitting", "on_the_way", "done", "answered", "written")
HELD = {"on_the_way", "done"}  # points that the proxy holds
HOLD_S = 0.6
STRIKE_AFTER_S = 0.2  # into a held call
BATCH = 2  # documents in one call
IDLE_S = 0.05
QUIET_MAX_S = 60.0  # without a kill: there is nothing left to send


def main(point: str, kills: int, at_once: int) -> int:
    """Keep so many workers alive until so many died of their point; answers how many did."""
    alive: set[int] = set()
    killed, last = 0, time.monotonic()
    while killed < kills and time.monotonic() < last + QUIET_MAX_S:
        while len(alive) < min(at_once, kills - killed):
            alive.add(_fork(point))
        pid, status = os.waitpid(-1, os.WNOHANG)
        if not pid:
            time.sleep(0.01)
            continue
        alive.discard(pid)
        if os.WIFSIGNALED(status) and os.WTERMSIG(status) == signal.SIGKILL:
            killed, last = killed + 1, time.monotonic()
    for pid in alive:
        os.kill(pid, signal.SIGKILL)
        os.waitpid(pid, 0)
    return killed


def _fork(point: str) -> int:
    pid = os.fork()
    if pid == 0:
        try:
            _work(point)
        finally:
            os._exit(1)
    return pid


def _work(point: str) -> None:
    delivery = open_parts(read_settings()).delivery
    delivery.fates = MarkedLog(delivery.fates, point)  # type: ignore[assignment]
    delivery.core = MarkedCore(delivery.core, point)  # type: ignore[assignment]
    while True:
        if not delivery.send_due():
            time.sleep(IDLE_S)


def _die() -> None:
    os.kill(os.getpid(), signal.SIGKILL)


class MarkedLog:
    """The product's records of errands, deadly after a lease or after an end was written."""

    def __init__(self, log: Any, point: str) -> None:
        self._log = log
        self._point = point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._log, name)

    def lease_errands(self, owner: str, lease_s: float, limit: int) -> Sequence[Errand]:
        errands: Sequence[Errand] = self._log.lease_errands(owner, lease_s, limit)
        if errands and self._point == "leased":
            _die()
        return errands

    def finish_errands(self, owner: str, outcomes: Sequence[Outcome]) -> None:
        self._log.finish_errands(owner, outcomes)
        if outcomes and self._point == "written":
            _die()


class MarkedCore:
    """The core, deadly around the call that submits documents."""

    def __init__(self, core: Any, point: str) -> None:
        self._core = core
        self._point = point

    def __getattr__(self, name: str) -> Any:
        return getattr(self._core, name)

    def capabilities(self) -> Capabilities:
        return replace(self._core.capabilities(), batch_size_max=BATCH)

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if self._point == "submitting":
            _die()
        if self._point in HELD:
            _strike_later(_die)
        results: Sequence[Result] = self._core.submit_documents(documents, deadline)
        if self._point == "answered":
            _die()
        return results


def _strike_later(strike: Callable[[], None]) -> None:
    timer = threading.Timer(STRIKE_AFTER_S, strike)
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    print(main(sys.argv[1], int(sys.argv[2]), int(sys.argv[3])))
