"""kill -9 of gunicorn's processes while partners send payments over HTTP; the sandbox bank is the judge.

A client does what the guide tells it: after a lost answer it sends the same body with the same key again.
"""

from __future__ import annotations

import datetime as dt
import os
import random
import signal
import sqlite3
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from pathlib import Path

import httpx2
import pytest

from adapter.demo.world import World
from tests.e2e.connected import connected_partner
from tests.scale import scale

pytestmark = [pytest.mark.crash, pytest.mark.timeout(1200)]

PAYMENTS = scale(40, 500)
CLIENTS = 8
TRIES_MAX = 200
PAUSE_S = 0.5  # between two kills
DELIVERED_WITHIN_S = 120.0
TRANSPORT = (httpx2.TransportError, httpx2.RemoteProtocolError)


@pytest.fixture
def world(tmp_path: Path, bare_postgres_url: str) -> Iterator[World]:
    settings = {"BANK_ADAPTER_DATABASE_URL": bare_postgres_url, "BANK_ADAPTER_DATABASE_POOL_SIZE": "12"}
    settings["BANK_ADAPTER_WEB_WORKERS"] = "2"
    with connected_partner(tmp_path, **settings) as world:
        yield world


def test_nothing_is_lost_or_doubled_while_web_processes_are_killed(world: World) -> None:
    done = threading.Event()
    killer = ThreadPoolExecutor(1).submit(_kill_now_and_then, world, done)
    with ThreadPoolExecutor(CLIENTS) as clients:
        told = list(clients.map(lambda number: _pay(world, number), range(1, PAYMENTS + 1)))
    done.set()
    kills, repeats = killer.result(), sum(tries - 1 for _, tries in told)
    arrived = _arrived(world, PAYMENTS)
    print(f"\n{PAYMENTS} payments over HTTP, {kills} kills of web processes, {repeats} repeated requests")
    assert Counter(arrived) == Counter(payment_id for payment_id, _ in told)
    assert set(Counter(arrived).values()) == {1}
    assert kills >= 3


def _pay(world: World, number: int) -> tuple[str, int]:
    """The id that the bank acknowledged, and how many tries it took."""
    headers = {"Authorization": f"Bearer {world.partner.access_token}", "Idempotency-Key": f"kill-{number}"}
    for tries in range(1, TRIES_MAX):
        try:
            answer = httpx2.post(
                f"{world.bank.url}/v1/payments", json=_order(world, number), headers=headers, timeout=20
            )
        except TRANSPORT:
            continue
        if answer.status_code in (200, 201):
            payment_id: str = answer.json()["id"]
            return payment_id, tries
        assert answer.status_code in (409, 503), answer.text  # still running, or the database was busy
    raise AssertionError(f"payment {number} was never acknowledged")


def _order(world: World, number: int) -> dict[str, object]:
    today = dt.datetime.now(dt.timezone(dt.timedelta(hours=3))).date()
    return {
        "external_id": f"kill-{number}",
        "account_id": world.account_id,
        "number": str(number),
        "date": today.isoformat(),
        "amount": f"{number}.00",
        "currency": "RUB",
        "payee": {
            "name": 'ООО "Северный ветер"',
            "inn": "7753600602",
            "kpp": "770701001",
            "account": "40702810500650067085",
            "bic": "044525983",
        },
        "purpose": f"Оплата по счёту {number}, НДС не облагается",
    }


def _kill_now_and_then(world: World, done: threading.Event) -> int:
    """Kill a random web process every half a second; gunicorn's master starts another one."""
    chance, kills = random.Random(5), 0
    while not done.wait(PAUSE_S):
        found = _web_processes(world)
        if found:
            os.kill(chance.choice(found), signal.SIGKILL)
            kills += 1
    return kills


def _web_processes(world: World) -> list[int]:
    """Children of the gunicorn master that works in the bank's folder."""
    parents = {pid: parent for pid, parent in map(_stat, _pids()) if parent}
    ours = [pid for pid in parents if _works_in(pid, world.bank.folder) and b"gunicorn" in _command(pid)]
    return [pid for pid in ours if parents[pid] in ours]


def _pids() -> list[int]:
    return [int(name) for name in os.listdir("/proc") if name.isdigit()]


def _stat(pid: int) -> tuple[int, int]:
    try:
        return pid, int(Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1])
    except (OSError, IndexError):
        return pid, 0


def _works_in(pid: int, folder: Path) -> bool:
    try:
        return Path(os.readlink(f"/proc/{pid}/cwd")) == folder.resolve()
    except OSError:
        return False


def _command(pid: int) -> bytes:
    try:
        return Path(f"/proc/{pid}/cmdline").read_bytes()
    except OSError:
        return b""


def _arrived(world: World, wanted: int) -> list[str]:
    """Our ids of all drafts in the sandbox bank, once the worker has carried the last one there."""
    deadline = dt.datetime.now(dt.UTC) + dt.timedelta(seconds=DELIVERED_WITHIN_S)
    found: list[str] = []
    while dt.datetime.now(dt.UTC) < deadline:
        with closing(sqlite3.connect(f"{world.bank.folder}/var/sandbox.db")) as bank:
            found = [row[0] for row in bank.execute("SELECT id FROM sandbox_documents")]
        if len(found) >= wanted:
            break
        threading.Event().wait(0.2)  # the worker is another process; nothing here can be waited on
    return found
