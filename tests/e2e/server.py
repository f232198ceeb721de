"""A real bank for end-to-end tests: `bank-adapter run` as a process, in a folder of its own, on a free port.

It has one web process, for each takes seconds to start; tests of several (stops, the demo, the rows of faults) say so.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter.demo import IMPATIENT, running_bank
from adapter.demo.bank_process import RunningBank

ONE_WEB_PROCESS = {"BANK_ADAPTER_WEB_WORKERS": "1"}


@contextmanager
def started_bank(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningBank]:
    """The bank answers inside the block: `.url`, `.logins` (staff, customers), `.folder`.  Settings as keywords."""
    with running_bank(folder, *arguments, **{**IMPATIENT, **ONE_WEB_PROCESS, **environment}) as bank:
        yield bank
