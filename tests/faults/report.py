"""What a row came to, and the report of all rows in var/faults.json.

A row that runs again replaces its own result and leaves the others, so that a long run may be taken up where it ended.
"""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

REPORT = Path("var/faults.json")


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """What a row measured.  `broken` names each promise that did not hold; `skipped` says why it could not run."""

    parameters: Mapping[str, Any]
    counts: Mapping[str, int] = field(default_factory=dict)
    figures: Mapping[str, float] = field(default_factory=dict)
    broken: Sequence[str] = ()
    skipped: str = ""

    @property
    def held(self) -> bool:
        return not self.broken and not self.skipped


def write_result(row: str, must_hold: str, scale: str, outcome: Outcome, seconds: float, ended_at: str) -> None:
    """Put the row's result into the report."""
    results = read_results()
    results[row] = {
        "row": row,
        "must_hold": must_hold,
        "scale": scale,
        **asdict(outcome),
        "held": outcome.held,
        "seconds": round(seconds, 1),
        "ended_at": ended_at,
        "command": f"python -m tests.faults --row {row} --scale {scale}",
        "machine": {"system": platform.platform(), "cpus": os.cpu_count(), "python": platform.python_version()},
    }
    REPORT.parent.mkdir(exist_ok=True)
    REPORT.write_text(json.dumps(results, indent=2, ensure_ascii=False) + "\n")


def read_results() -> dict[str, dict[str, Any]]:
    """By row; empty where none was written yet."""
    if not REPORT.exists():
        return {}
    found: dict[str, dict[str, Any]] = json.loads(REPORT.read_text())
    return found


def render_table(results: Mapping[str, Mapping[str, Any]]) -> Iterator[str]:
    """A few lines for each row."""
    for row, told in results.items():
        verdict = "skipped" if told["skipped"] else "HELD" if told["held"] else "BROKEN"
        yield f"{row:20} {verdict:8} {told['scale']:6} {told['seconds']:7.0f} s   {told['must_hold']}"
        for name in ("parameters", "counts", "figures"):
            if told[name]:
                yield f"{'':20} {name}: " + ", ".join(f"{key} {value}" for key, value in told[name].items())
        for wrong in [told["skipped"]] if told["skipped"] else told["broken"]:
            yield f"{'':20} ! {wrong}"
