"""Run rows and keep their results: `python -m tests.faults [--row NAME]… [--scale small|full] [--resume]`.

The exit code is 0 only when every row held: a row that could not run here proves nothing.
"""

from __future__ import annotations

import argparse
import datetime as dt
import shutil
import sys
import tempfile
import time
import traceback
from pathlib import Path

from tests.faults.report import Outcome, read_results, render_table, write_result
from tests.faults.rows import ROWS


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--row", choices=ROWS, action="append", help="only this one; may be given again")
    parser.add_argument("--scale", choices=["small", "full"], default="small")
    parser.add_argument("--resume", action="store_true", help="leave out rows that held at this scale before")
    parser.add_argument("--allow-skipped", action="store_true", help="a row that cannot run here is no failure")
    parser.add_argument("--keep", type=Path, help="keep logs, histories and databases in this folder")
    given = parser.parse_args()
    names = [name for name in given.row or ROWS if not (given.resume and _held_before(name, given.scale))]
    for name in names:
        print(f"{name} …", file=sys.stderr, flush=True)
        _run(name, given.scale, given.keep)
    results = {name: told for name, told in read_results().items() if name in (given.row or ROWS)}
    sys.stdout.writelines(f"{line}\n" for line in render_table(results))
    return int(not all(told["held"] or (given.allow_skipped and told["skipped"]) for told in results.values()))


def _run(name: str, scale: str, keep: Path | None) -> None:
    began = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="faults-") as text:
        folder = (keep / name).resolve() if keep else Path(text)
        if keep:
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir(parents=True)
        try:
            outcome = ROWS[name].run(folder, scale == "full")
        except Exception as error:
            traceback.print_exc()
            outcome = Outcome(parameters={}, broken=[f"the row itself failed: {type(error).__name__}: {error}"[:2000]])
    ended_at = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
    write_result(name, ROWS[name].must_hold, scale, outcome, time.monotonic() - began, ended_at)


def _held_before(name: str, scale: str) -> bool:
    told = read_results().get(name)
    return bool(told and told["held"] and told["scale"] == scale)


if __name__ == "__main__":
    sys.exit(main())
