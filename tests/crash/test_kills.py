"""kill -9 in the middle of work, on PostgreSQL: nothing acknowledged is lost, nothing is in the core twice."""

from __future__ import annotations

import datetime as dt
import random
import signal
import subprocess
import sys
import threading
from collections import Counter
from pathlib import Path

import pytest

from adapter.domain.moscow import MOSCOW
from adapter.store.database import Database
from tests.crash.cores import SystemClock, list_arrived, open_core
from tests.payment_desk import Desk
from tests.scale import scale

pytestmark = [pytest.mark.crash, pytest.mark.timeout(3600)]

WORK = scale(30, 500)
ROOT = Path(__file__).parents[2]


def test_a_killed_web_process_loses_nothing_that_it_acknowledged(postgres: Database, postgres_url: str) -> None:
    chance = random.Random(7)
    acknowledged: dict[str, set[str]] = {str(number): set() for number in range(1, WORK + 1)}
    kills = 0
    while waiting := [number for number, ids in acknowledged.items() if not ids]:
        kills += _accept_until_killed(postgres_url, waiting, acknowledged, chance)
    _accept_until_killed(postgres_url, list(acknowledged), acknowledged, chance=None)
    with postgres.reading() as connection:
        rows = connection.exec_driver_sql("SELECT external_id, id FROM payments").all()
    stored = Counter(external_id for external_id, _ in rows)
    ids = dict(rows)  # type: ignore[arg-type]
    print(f"\n{WORK} imports, {kills} kills of the web process, {len(rows)} payments")
    assert set(stored.values()) == {1}
    assert {f"inv-{number}": told for number, told in acknowledged.items()} == {key: {one} for key, one in ids.items()}
    assert kills >= WORK // 20


@pytest.mark.parametrize("kind", ["sandbox", "careless"])
def test_a_killed_worker_sends_everything_once(
    postgres: Database, postgres_url: str, tmp_path: Path, kind: str
) -> None:
    place = str(tmp_path / "core.db")
    payments = _queue_payments(postgres, kind, place)
    kills = 0
    while (code := _run_worker(postgres_url, kind, place, seed=kills)) != 0:
        assert code == -signal.SIGKILL
        kills += 1
    arrived = Counter(list_arrived(kind, place))
    with postgres.reading() as connection:
        statuses = Counter(connection.exec_driver_sql("SELECT status FROM payments").scalars())
        alarms = connection.exec_driver_sql("SELECT count(*) FROM alarms").scalar_one()
    print(f"\n{WORK} payments to the {kind} core, {kills} kills of the worker, {arrived.total()} documents there")
    assert set(arrived) == payments
    assert set(arrived.values()) == {1}
    assert statuses == {"awaiting_signature": WORK}
    assert alarms == 0
    assert kills >= WORK // 30


def _accept_until_killed(
    database_url: str, waiting: list[str], acknowledged: dict[str, set[str]], chance: random.Random | None
) -> int:
    """Feed one process and kill it at a random moment (never, without chance); answers how often it was killed."""
    command = [sys.executable, "-m", "tests.crash.web_program", database_url]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdin
        assert process.stdout
        assert process.stdout.readline().startswith("ready")
        feeder = threading.Thread(target=_feed, args=(process, waiting))
        feeder.start()
        left = chance.randint(3, 20) if chance else len(waiting) + 1
        for line in process.stdout:
            number, payment_id = line.split()
            acknowledged[number].add(payment_id)
            left -= 1
            if left == 0:  # the other threads are in the middle of theirs
                process.kill()
        feeder.join()
    return int(process.returncode == -signal.SIGKILL)


def _feed(process: subprocess.Popen[str], numbers: list[str]) -> None:
    assert process.stdin
    try:
        process.stdin.write("".join(f"{number}\n" for number in numbers))
        process.stdin.close()
    except BrokenPipeError:
        pass  # it was killed while it was being fed


def _queue_payments(database: Database, kind: str, place: str) -> set[str]:
    core = open_core(kind, place)
    customer = "cus-1" if kind == "careless" else _any_sandbox_customer(place)
    desk = Desk(database, core, SystemClock(), customer)
    today = dt.datetime.now(MOSCOW).date()
    orders = [desk.order(f"inv-{number}", number=str(number), date=today) for number in range(1, WORK + 1)]
    batch, _ = desk.import_batch(orders)
    return {line.payment_id for line in batch.lines if line.payment_id}


def _any_sandbox_customer(place: str) -> str:
    import sqlite3

    with sqlite3.connect(place) as books:
        return str(books.execute("SELECT min(id) FROM sandbox_customers").fetchone()[0])


def _run_worker(database_url: str, kind: str, place: str, seed: int) -> int:
    command = [sys.executable, "-m", "tests.crash.worker_program", database_url, kind, place, str(seed)]
    return subprocess.run(command, cwd=ROOT, timeout=600, check=False).returncode
