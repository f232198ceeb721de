"""Each row of the harness in small; `make faults` runs them in full.

Here times are told and not judged: the machine may be busy with other tests.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.rows import ROWS

pytestmark = [pytest.mark.crash, pytest.mark.timeout(900)]


@pytest.mark.parametrize("name", ROWS)
def test_what_partners_were_told_holds(name: str, tmp_path: Path) -> None:
    outcome = ROWS[name].run(tmp_path, full=False)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert outcome.held, outcome
