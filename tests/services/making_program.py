"""Makes one statement and tells its peak of memory: `python -m tests.services.making_program DATABASE SHAPE`."""

from __future__ import annotations

import resource
import sys
import time

from adapter.store.database import open_database
from tests.statement_desk import StatementOrderDesk


def main(database_url: str, shape: str) -> None:
    desk = StatementOrderDesk(open_database(database_url, pool_size=2), entries=None)
    order = desk.order(shape)
    began = time.process_time()
    assert desk.maker().make_next()
    file = desk.read(order.id).file
    assert file
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(f"{peak} {file.size} {time.process_time() - began:.2f}")


if __name__ == "__main__":
    main(*sys.argv[1:])
