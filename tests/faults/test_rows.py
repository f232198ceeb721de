"""Rows of the harness in small; `make faults` runs all of them in full.

Here times are told and not judged: the machine may be busy with other tests.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.faults.rows import ROWS

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]


@pytest.fixture
def folder() -> Iterator[Path]:
    """Not pytest's own, which another run of it closes to the user of the database server."""
    with tempfile.TemporaryDirectory(prefix="faults-") as place:
        yield Path(place)


@pytest.mark.parametrize("name", ROWS)
def test_what_partners_were_told_holds(name: str, folder: Path) -> None:
    outcome = ROWS[name].run(folder, False)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.held, outcome
