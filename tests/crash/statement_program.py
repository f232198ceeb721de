"""A worker that makes statements until it is killed: `python -m tests.crash.statement_program DATABASE SEED`.

It kills itself (SIGKILL, nothing is cleaned up) before or after one of its writes, which the seed chooses.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import time
from typing import Any

from adapter.services import statement_making
from adapter.store import statement_orders
from adapter.store.database import open_database
from tests.crash.cores import SystemClock
from tests.statement_desk import StatementOrderDesk

LEASE_S = 1.0
PIECE_BYTES = 16 * 1024  # so that a file has many pieces
CALLS_MAX = 160  # a file needs about a hundred


class Deadly:
    """A workshop whose n-th call is the last, done or not."""

    def __init__(self, workshop: Any, chance: random.Random) -> None:
        self._workshop = workshop
        self._left = chance.randint(1, CALLS_MAX)
        self._is_done_first = chance.random() < 0.5

    def __getattr__(self, name: str) -> Any:
        call = getattr(self._workshop, name)

        def act(*arguments: Any) -> Any:
            self._left -= 1
            found = call(*arguments) if self._left or self._is_done_first else None
            if not self._left:
                os.kill(os.getpid(), signal.SIGKILL)
            return found

        return act


def main(database_url: str, seed: str) -> None:
    for module in (statement_making, statement_orders):
        module.PIECE_BYTES = PIECE_BYTES  # type: ignore[attr-defined]
    desk = StatementOrderDesk(open_database(database_url, pool_size=2), entries=None, clock=SystemClock())
    desk.workshop = Deadly(desk.workshop, random.Random(seed))  # type: ignore[assignment]
    maker = desk.maker(owner=f"worker-{seed}", lease_s=LEASE_S)
    while desk.count("statement_orders WHERE status IN ('queued', 'making')"):
        if not maker.make_next():
            time.sleep(0.05)  # until a lease ends


if __name__ == "__main__":
    main(*sys.argv[1:])
