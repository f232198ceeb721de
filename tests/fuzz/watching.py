"""What a reader may cost: two seconds, and memory of ten times the file."""

from __future__ import annotations

import os
import time
from collections.abc import Callable

from adapter.domain.errors import UnreadableFile
from tests.benchmarks.processes import forget_peak_memory, peak_memory_mb

SECONDS_MAX = 2.0
MEMORY_TIMES_MAX = 10
MEMORY_REST_MB = 16.0  # interpreters and libraries allocate in arenas: small files cannot be measured closer
WEIGHED_FROM = 64_000  # bytes; asking for the peak costs milliseconds


def watch(read: Callable[[bytes], object], data: bytes) -> None:
    """Read a file; raises AssertionError where it takes too much, and what the reader raises except UnreadableFile."""
    weighed = len(data) >= WEIGHED_FROM
    if weighed:
        forget_peak_memory(os.getpid())
    before = peak_memory_mb(os.getpid()) if weighed else 0.0
    began = time.process_time()
    try:
        read(data)
    except UnreadableFile as refused:
        if not refused.errors:
            raise AssertionError("a refusal names what is wrong") from refused
    taken = time.process_time() - began
    assert taken < SECONDS_MAX, f"{taken:.1f} s for {len(data)} bytes"
    if weighed:
        grown = peak_memory_mb(os.getpid()) - before
        allowed = MEMORY_REST_MB + MEMORY_TIMES_MAX * len(data) / 1e6
        assert grown < allowed, f"{grown:.0f} MB for {len(data)} bytes"
