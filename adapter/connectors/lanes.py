"""A lane of calls to the core: so many at once, and none for a while after failures in a row.

This is a circuit breaker of our own: in the one from PyPI (pybreaker) a failure is an exception, while a lost answer is
a value here, a half-open one lets everybody try, and its rest does not grow.

After `failures_max` failures in a row the lane opens and rests; then ONE call may try.  If that fails too, the lane
rests twice as long, up to REST_MAX_S.  A trial that never comes back is given up at its deadline.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from enum import Enum, auto

import structlog
from prometheus_client import Counter, Gauge

from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable
from adapter.domain.lanes import LaneState

log = structlog.get_logger("adapter.core")

REST_MAX_S = 60.0
WAIT_SHARE = 0.05  # of a call's time that it may wait for its turn

OPEN = Gauge("bank_adapter_core_lane_open", "1 while calls are not let through", ["lane"], multiprocess_mode="livemax")
FAILURES = Counter("bank_adapter_core_failures_total", "Calls without an answer of the core", ["lane"])
REFUSALS = Counter("bank_adapter_core_not_called_total", "Calls that were not made, and why", ["lane", "why"])


class Verdict(Enum):
    """What a call tells of the core."""

    ANSWERED = auto()
    FAILED = auto()
    NOTHING = auto()  # the connector broke: that tells nothing of the core


class Lane:
    """Shared by the threads of a process; `now` is a monotonic clock in seconds."""

    def __init__(
        self,
        name: str,
        *,
        calls_max: int,
        failures_max: int,
        rest_s: float,
        now: Callable[[], float] = time.monotonic,
    ) -> None:
        self._name = name
        self._calls_max = calls_max
        self._failures_max = failures_max
        self._first_rest_s = rest_s
        self._now = now
        self._turns = threading.BoundedSemaphore(calls_max)
        self._lock = threading.Lock()
        self._running = 0
        self._failures = 0
        self._rest_s = rest_s
        self._rests_until = 0.0
        self._opened_at: float | None = None
        self._asked_at: float | None = None
        OPEN.labels(name).set(0)

    def state(self) -> LaneState:
        """How the lane stands now."""
        with self._lock:
            opened_at, now = self._opened_at, self._now()
            return LaneState(
                name=self._name,
                is_open=opened_at is not None,
                open_for_s=now - opened_at if opened_at is not None else 0.0,
                rests_s=max(0.0, self._rests_until - now),
                failures=self._failures,
                running=self._running,
                calls_max=self._calls_max,
                asked_s=now - self._asked_at if self._asked_at is not None else None,
            )

    @contextmanager
    def turn(self, deadline: Deadline) -> Iterator[Callable[[Verdict], None]]:
        """A place for one call; inside, tell the verdict.  Raises CoreUnavailable: nothing was attempted then."""
        deadline.check_time_is_left()
        if not self._turns.acquire(timeout=deadline.seconds_left * WAIT_SHARE):
            REFUSALS.labels(self._name, "busy").inc()
            raise CoreUnavailable("as many calls as may be wait for the core already")
        verdict = Verdict.NOTHING

        def tell(told: Verdict) -> None:
            nonlocal verdict
            verdict = told

        try:
            is_trial = self._begin(deadline)
            try:
                yield tell
            finally:
                self._end(verdict, is_trial)
        finally:
            self._turns.release()

    def _begin(self, deadline: Deadline) -> bool:
        """Whether this call is the one that tries whether the core is back; raises while the lane rests."""
        with self._lock:
            now = self._now()
            if self._rests_until > now:
                REFUSALS.labels(self._name, "open").inc()
                raise CoreUnavailable("the core failed and is left alone for a while")
            self._running += 1
            self._asked_at = now
            if self._opened_at is None:
                return False
            self._rests_until = now + deadline.seconds_left
            return True

    def _end(self, verdict: Verdict, is_trial: bool) -> None:
        with self._lock:
            self._running -= 1
            if verdict is Verdict.ANSWERED:
                self._close()
            elif verdict is Verdict.FAILED:
                self._note_failure(is_trial)
            elif is_trial:
                self._rests_until = 0.0

    def _close(self) -> None:
        if self._opened_at is not None:
            log.warning("the core answers again", lane=self._name, failures=self._failures)
            OPEN.labels(self._name).set(0)
        self._failures, self._rest_s = 0, self._first_rest_s
        self._rests_until, self._opened_at = 0.0, None

    def _note_failure(self, is_trial: bool) -> None:
        """Calls that began before the lane opened end in it: they neither open it again nor make its rest longer."""
        FAILURES.labels(self._name).inc()
        self._failures += 1
        if is_trial:
            self._rest_s = min(self._rest_s * 2, REST_MAX_S)
        elif self._opened_at is not None or self._failures < self._failures_max:
            return
        else:
            self._opened_at = self._now()
            OPEN.labels(self._name).set(1)
            log.error("the core does not answer and is left alone", lane=self._name, failures=self._failures)
        self._rests_until = self._now() + self._rest_s
