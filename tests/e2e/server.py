"""A real bank for end-to-end tests: `bank-adapter run` as a process, in a folder of its own, on a free port."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from adapter.demo import IMPATIENT, running_bank
from adapter.demo.bank_process import RunningBank


@contextmanager
def started_bank(folder: Path, *arguments: str, **environment: str) -> Iterator[RunningBank]:
    """The bank answers inside the block: `.url`, `.logins` (staff, customers), `.folder`.  Settings as keywords."""
    with running_bank(folder, *arguments, **{**IMPATIENT, **environment}) as bank:
        yield bank
