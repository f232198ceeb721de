"""A process that accepts payments in several threads: `python -m tests.crash.web_program DATABASE`.

It reads `number` lines and answers `number payment_id` for each payment that it acknowledges.
"""

from __future__ import annotations

import datetime as dt
import sys
from concurrent.futures import ThreadPoolExecutor

from adapter.domain.imports import make_id
from adapter.domain.moscow import MOSCOW
from adapter.store.database import open_database
from tests.crash.cores import SystemClock
from tests.fakes import FakeClock, FakeCore
from tests.payment_desk import Desk

THREADS = 4


def main(database_url: str) -> None:
    clock = SystemClock()
    desk = Desk(open_database(database_url), FakeCore(FakeClock()), clock)
    today = dt.datetime.now(MOSCOW).date()

    def accept(line: str) -> None:
        number = line.strip()
        order = desk.order(f"inv-{number}", number=number, date=today)
        payment, _ = desk.submit(order, key=f"key-{number}")
        sys.stdout.write(f"{number} {payment.id}\n")
        sys.stdout.flush()

    print(f"ready {make_id('run', clock.now())}", flush=True)
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(accept, sys.stdin))


if __name__ == "__main__":
    main(sys.argv[1])
