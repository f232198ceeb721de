"""A process that reads an account from a restored core and is killed: `… rebuild_program DATABASE PLACE ACCOUNT SEED`.

Without a seed it is not killed.  It exits with 0 when the account was read to its end.
"""

from __future__ import annotations

import os
import random
import signal
import sys
import threading
import time

from adapter.domain.core import Deadline
from adapter.services import feeds as feeds_service
from adapter.services.feeds import Feeds
from adapter.store.database import open_database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from tests.crash.cores import SystemClock, open_core
from tests.fakes import Fault, FaultyCore
from tests.services.conftest import NotedPayments

PAGE = 20
LEASE_MARGIN_S = 0.2


def main(database_url: str, place: str, account_id: str, seed: str = "") -> None:
    feeds_service.PULL_LIMIT = PAGE
    feeds_service.LEASE_MARGIN_S = LEASE_MARGIN_S
    database = open_database(database_url, pool_size=2)
    core = FaultyCore(open_core("sandbox", place))
    if seed:
        _choose_death(core, random.Random(seed))
    feeds = Feeds(
        feed=StoredFeed(database),
        writer=StoredFeedWriter(database),
        core=core,
        payments=NotedPayments(),
        clock=SystemClock(),
        read_timeout_s=1.0,
        refresh_s=0.0,
        read_max_age_s=1e9,
    )
    while not feeds.refresh(account_id, Deadline.after(1.0)):
        time.sleep(0.02)  # until the lease of one that was killed ends


def _choose_death(core: FaultyCore, chance: random.Random) -> None:
    """Around a call of the core, or at any moment of what is done with its answer."""
    if chance.random() < 0.5:
        calls = chance.randint(0, 4)
        core.faults.on("pull_entries", *[None] * calls, chance.choice([Fault.KILL_BEFORE, Fault.KILL_AFTER]))
    else:
        threading.Timer(chance.uniform(0.0, 0.15), os.kill, (os.getpid(), signal.SIGKILL)).start()


if __name__ == "__main__":
    main(*sys.argv[1:])
