"""A worker process that is killed by its own core: `python -m tests.crash.worker_program DATABASE KIND PLACE SEED`."""

from __future__ import annotations

import random
import sys
import time

import sqlalchemy as sa

from adapter.domain.origins import OriginSeal
from adapter.services.delivery import Delivery
from adapter.store.database import open_database
from adapter.store.outbox import Outbox
from tests.crash.cores import SmallCalls, SystemClock, open_core
from tests.fakes import Fault
from tests.payment_desk import Permits

LEASE_S = 1.5
TIMEOUT_S = 1.0


def main(database_url: str, kind: str, place: str, seed: str) -> None:
    chance = random.Random(seed)
    database = open_database(database_url, pool_size=2)
    core = SmallCalls(open_core(kind, place))
    core.faults.on(
        "submit_documents", *chance.choices([None, *Fault.__members__.values()], [4, 0, 1, 1, 0, 2, 2], k=99)
    )
    core.faults.on("find_documents", *chance.choices([None, Fault.KILL_BEFORE, Fault.KILL_AFTER], [6, 1, 1], k=99))
    delivery = Delivery(
        fates=Outbox(database, SystemClock(), Permits(), OriginSeal("s" * 32), lambda *_given: None),
        core=core,
        clock=SystemClock(),
        owner=f"worker-{seed}",
        lease_s=LEASE_S,
        read_timeout_s=TIMEOUT_S,
        change_timeout_s=TIMEOUT_S,
    )
    while _is_work_left(database.reader):
        if not delivery.send_due():
            time.sleep(0.02)  # until a lease ends or an errand is due


def _is_work_left(reader: sa.Engine) -> bool:
    with reader.connect() as connection:
        return bool(connection.execute(sa.text("SELECT count(*) FROM outbox WHERE NOT needs_person")).scalar_one())


if __name__ == "__main__":
    main(*sys.argv[1:])
