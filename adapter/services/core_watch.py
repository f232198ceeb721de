"""Whether the core answers, as monitoring sees it: a probe of this process, kept for a few seconds.

Lanes tell only of calls that this process made, and the web makes few; a core that hangs or was killed must be seen
without them.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from adapter.domain.core import Deadline, Probe
from adapter.ports import CoreBanking

PROBE_S = 1.0  # monitoring waits no longer
KEPT_S = 5.0


class CoreWatch:
    """Safe for threads: one asks, the others are told the last answer."""

    def __init__(self, core: CoreBanking, now: Callable[[], float] = time.monotonic) -> None:
        self._core = core
        self._now = now
        self._asking = threading.Lock()
        self._last = Probe(is_up=False, detail="it was not asked yet")
        self._good_until = float("-inf")

    def read(self) -> Probe:
        """The core's sign of life, at most KEPT_S and one probe old."""
        if self._now() >= self._good_until and self._asking.acquire(blocking=False):
            try:
                self._last = self._core.probe(Deadline.after(PROBE_S))
                self._good_until = self._now() + KEPT_S
            finally:
                self._asking.release()
        return self._last
