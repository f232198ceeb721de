"""The worker's memory while it makes a statement does not grow with the statement."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from adapter.store.database import open_database
from adapter.store.tables import metadata
from tests.scale import scale
from tests.statement_desk import StatementOrderDesk

ROOT = Path(__file__).parents[2]
SHORT, LONG = 4_000, scale(40_000, 1_000_000)
GROWTH_MAX_KB = 12 * 1024


@pytest.mark.timeout(1800)
def test_memory_stays_flat_however_long_the_statement_is(tmp_path: Path) -> None:
    (short, _, _), (long, size, seconds) = (_measure(tmp_path, entries) for entries in (SHORT, LONG))
    print(f"\n{LONG} entries, {size / 1e6:.0f} MB in {seconds:.1f} s of CPU: {long / 1024:.0f} MB at most")
    print(f"{SHORT} entries: {short / 1024:.0f} MB at most")
    assert size > 500 * LONG
    assert long - short < GROWTH_MAX_KB


def _measure(folder: Path, entries: int) -> tuple[float, float, float]:
    """Peak of memory in KB, bytes of the file, seconds of CPU; in a process of its own."""
    url = f"sqlite:///{folder}/{entries}.db"
    database = open_database(url)
    metadata.create_all(database.writer)
    StatementOrderDesk(database, entries)
    database.close()
    command = [sys.executable, "-m", "tests.services.making_program", url, "1c"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True)
    peak, size, seconds = done.stdout.split()[-3:]
    return float(peak), float(size), float(seconds)
