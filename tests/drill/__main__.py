"""Backup, loss, restore, recovery, with real PostgreSQL servers; the figures go to `var/drill.json`.

python -m tests.drill [--payments 400] [--report var/drill.json]
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import sys
import tempfile
from pathlib import Path

from tests.drill.playing import Drill, Figures, Target


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.drill")
    parser.add_argument("--payments", type=int, default=400, help="in each of the three parts")
    parser.add_argument("--report", type=Path, default=Path("var/drill.json"))
    wanted = parser.parse_args()
    found = [play(target, wanted.payments) for target in Target]
    wanted.report.parent.mkdir(parents=True, exist_ok=True)
    made_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    wanted.report.write_text(json.dumps({"made_at": made_at, "drills": [one.dump() for one in found]}, indent=2) + "\n")
    print(wanted.report.read_text())
    return 0 if all(one.is_good for one in found) else 1


def play(target: Target, payments: int) -> Figures:
    """One drill in a folder of its own."""
    with tempfile.TemporaryDirectory(prefix="bank-adapter-drill-") as folder:
        return Drill(Path(folder), target, payments).play()


if __name__ == "__main__":
    sys.exit(main())
