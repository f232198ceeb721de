"""Each row of the harness in small; `make faults` runs them in full."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.faults.rows import ROWS
from tests.scale import scale

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1800)]

# The others take longer than a test may, or have tests of their own (tests/crash, tests/connectors/files): they belong
# to `make faults`, and to a run at full scale.
IN_EVERY_RUN = ("worker-kills", "failover")


@pytest.mark.parametrize("name", scale(IN_EVERY_RUN, tuple(ROWS)))
def test_what_partners_were_told_holds(name: str, tmp_path: Path) -> None:
    outcome = ROWS[name].run(tmp_path, full=False)
    if outcome.skipped:
        pytest.skip(outcome.skipped)
    assert not outcome.broken, outcome
