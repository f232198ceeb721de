"""Counts uses of consents in memory and adds them to the table every few seconds.

A use of a new kind (first use, new address, first refusal) is written before the answer leaves; repeats wait for the
flushing thread of the process.  What a killed process had not flushed is lost: it is a statistic, not the audit log.
"""

from __future__ import annotations

import logging
import os
import threading
from datetime import datetime

from sqlalchemy.engine import Engine
from sqlalchemy.exc import SQLAlchemyError

from oauth.usage import UseKey, add_uses

KINDS_MAX = 100_000

log = logging.getLogger(__name__)


class UseCounter:
    """One per process; the thread starts at the first use, so that it is born after a fork."""

    def __init__(self, writer: Engine, interval_s: float) -> None:
        self._writer = writer
        self._interval_s = interval_s
        self._lock = threading.Lock()
        self._counts: dict[UseKey, tuple[int, datetime]] = {}
        self._kinds: set[tuple[str, str, str]] = set()
        self._thread_of: int | None = None  # process id
        self._stop = threading.Event()

    def count(self, consent_id: str, operation: str, ip: str, now: datetime) -> None:
        """Note one use."""
        key = (consent_id, now.replace(minute=0, second=0, microsecond=0), operation, ip)
        kind = (consent_id, operation, ip)
        with self._lock:
            count, _ = self._counts.get(key, (0, now))
            self._counts[key] = (count + 1, now)
            is_new = kind not in self._kinds
            if is_new:
                if len(self._kinds) >= KINDS_MAX:
                    self._kinds.clear()
                self._kinds.add(kind)
        if is_new or self._interval_s == 0:
            self.flush()
        elif self._thread_of != os.getpid():
            self._start()

    def flush(self) -> None:
        """Write what has gathered; a failure keeps nothing back from the caller."""
        with self._lock:
            counts, self._counts = self._counts, {}
        if not counts:
            return
        try:
            with self._writer.begin() as tx:
                add_uses(tx, counts)
        except SQLAlchemyError as error:
            log.error("%d counters of use were not written: %s", len(counts), type(error).__name__)

    def close(self) -> None:
        """Stop the thread and write the rest."""
        self._stop.set()
        self.flush()

    def _start(self) -> None:
        with self._lock:
            if self._thread_of == os.getpid():
                return
            self._thread_of = os.getpid()
        threading.Thread(target=self._run, name="use-counter", daemon=True).start()

    def _run(self) -> None:
        while not self._stop.wait(self._interval_s):
            self.flush()
