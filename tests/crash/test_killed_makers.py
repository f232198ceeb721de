"""kill -9 of workers while they make ordered statements, two at a time: every file is whole, and none is lost."""

from __future__ import annotations

import signal
import subprocess
import sys
from pathlib import Path

import pytest

from adapter.domain.statement_orders import StatementOrderStatus
from adapter.store import statement_orders
from adapter.store.database import open_database
from tests.crash import statement_program
from tests.crash.cores import SystemClock
from tests.scale import scale
from tests.statement_desk import StatementOrderDesk

pytestmark = [pytest.mark.crash, pytest.mark.timeout(3600)]

ROOT = Path(__file__).parents[2]
ORDERS = scale(2, 60)
ENTRIES = 2000
WORKERS = 2


@pytest.mark.parametrize("kind", ["sqlite_url", "postgres_url"])
def test_killed_workers_leave_whole_files(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    url = request.getfixturevalue(kind)
    monkeypatch.setattr(statement_orders, "PIECE_BYTES", statement_program.PIECE_BYTES)
    desk = StatementOrderDesk(open_database(url, pool_size=4), ENTRIES, SystemClock())
    ids = [desk.order().id for _ in range(ORDERS)]
    kills = rounds = 0
    while desk.count("statement_orders WHERE status IN ('queued', 'making')"):
        codes = _run_workers(url, rounds)
        assert set(codes) <= {0, -signal.SIGKILL}
        kills += codes.count(-signal.SIGKILL)
        rounds += 1
    made = [desk.read(order_id) for order_id in ids]
    print(f"\n{ORDERS} statements on {kind}, {kills} kills, {sum(one.attempt for one in made)} makings")
    assert {one.status for one in made} == {StatementOrderStatus.READY}
    assert len({desk.fetch(order_id) for order_id in ids} | {desk.direct()}) == 1
    assert desk.count("statement_order_chunks") == sum(len(list(desk.pieces(one))) for one in made)
    assert kills >= ORDERS // 4
    desk.database.close()


def _run_workers(url: str, number: int) -> list[int]:
    """Start workers side by side; answers how each ended."""
    running = []
    for worker in range(WORKERS):
        command = [sys.executable, "-m", "tests.crash.statement_program", url, str(number * WORKERS + worker)]
        running.append(subprocess.Popen(command, cwd=ROOT, stdout=subprocess.DEVNULL))
    return [process.wait(600) for process in running]
