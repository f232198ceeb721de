"""A program whose clock is wrong: `python -m tests.faults.shifted SECONDS MODULE ARGUMENT…`.

Every wall clock that Python reads is shifted, in this process and those that it forks; the monotonic clock is not, as
on a machine that was set wrongly.
"""

from __future__ import annotations

import datetime as dt
import runpy
import sys
import time

import time_machine


def main(seconds: int, module: str) -> None:
    moment = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=seconds)
    time_machine.travel(moment, tick=True).start()
    time.time()  # the shifted clock stands until somebody reads it, and starting a program takes seconds
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    shift, name = int(sys.argv[1]), sys.argv[2]
    del sys.argv[1:3]
    main(shift, name)
