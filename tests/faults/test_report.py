"""What `python -m tests.faults` calls held, and when it ends without an error."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from tests.faults import __main__ as faults
from tests.faults import report
from tests.faults.report import Outcome
from tests.faults.rows import Row

HELD = Outcome(parameters={})
SKIPPED = Outcome(parameters={}, skipped="no tmpfs here")
BROKEN = Outcome(parameters={}, broken=["1 twice in the core: pay-1"])


@pytest.mark.parametrize(
    ("outcome", "allowed", "code"),
    [(HELD, False, 0), (SKIPPED, False, 1), (SKIPPED, True, 0), (BROKEN, False, 1), (BROKEN, True, 1)],
)
def test_only_rows_that_held_end_well(
    outcome: Outcome, allowed: bool, code: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(report, "REPORT", tmp_path / "faults.json")
    monkeypatch.setattr(faults, "ROWS", {"row": Row("nothing is lost", lambda _folder, _full: outcome)})
    monkeypatch.setattr(sys, "argv", ["faults", "--row", "row", *(["--allow-skipped"] if allowed else [])])
    assert faults.main() == code


def test_a_row_that_fails_itself_is_broken(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_folder: Path, _full: bool) -> Outcome:
        raise RuntimeError("the server did not start")

    monkeypatch.setattr(report, "REPORT", tmp_path / "faults.json")
    monkeypatch.setattr(faults, "ROWS", {"row": Row("nothing is lost", fail)})
    monkeypatch.setattr(sys, "argv", ["faults"])
    assert faults.main() == 1
