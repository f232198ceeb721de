"""An ordered statement fetched over a bad line from a running bank: connections break, the file comes whole."""

from __future__ import annotations

import base64
import datetime as dt
import hashlib
import random
import socket
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx2
import pytest

from adapter.demo.world import World, today
from adapter.store.entry_json import dump_details
from tests.e2e.connected import connected_partner
from tests.fakes import entry_details

ENTRIES = 5000  # about four megabytes
WITHIN_S = 120.0
BREAKS = 5

ADD_ENTRIES = """
    INSERT INTO entries (account_id, number, entry_id, version, added_number, removed,
                         booking_date, first_booking_date, direction, kopecks, details)
    WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < :count)
    SELECT account_id, number + i, 'en_' || i, 1, number + i, false, :day, :day, 'credit', 150000, :details
    FROM place, feeds WHERE account_id = :account_id
"""


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with connected_partner(tmp_path_factory.mktemp("bank")) as found:
        found.partner.call("GET", f"/v1/accounts/{found.account_id}/changes")  # the account is read
        _add_entries(found)
        yield found


def test_a_download_that_breaks_goes_on_where_it_stopped(world: World) -> None:
    told = order(world, "resumed")
    path = f"/v1/statement-orders/{told['id']}/file"
    chance, data, etag = random.Random(3), b"", ""
    for _ in range(BREAKS):
        wanted = len(data) + chance.randint(1, told["size"] // (BREAKS + 1))
        headers, part = fetch_until_break(world, path, etag, len(data), wanted - len(data))
        assert headers["status"] == ("206" if data else "200")
        etag = headers["etag"]
        data += part
    assert 0 < len(data) < told["size"]
    rest = ask(world, path, Range=f"bytes={len(data)}-", If_Range=etag)
    assert (rest.status_code, rest.headers["Content-Range"]) == (
        206,
        f"bytes {len(data)}-{told['size'] - 1}/{told['size']}",
    )
    data += rest.content
    digest = hashlib.sha256(data).digest()
    assert (digest.hex(), len(data)) == (told["sha256"], told["size"])
    assert rest.headers["Repr-Digest"] == f"sha-256=:{base64.b64encode(digest).decode()}:"
    assert data == ask(world, path).content


def test_it_is_what_the_direct_answer_holds(world: World) -> None:
    told = order(world, "compared")
    period = {name: told[name] for name in ("from", "to", "format", "encoding")}
    direct = ask(world, f"/v1/accounts/{world.account_id}/statement", params=period)
    assert direct.headers["X-As-Of"] >= told["as_of"][:19]
    made = ask(world, f"/v1/statement-orders/{told['id']}/file").content
    assert without_times(direct.content) == without_times(made)


def without_times(text: bytes) -> list[bytes]:
    """The lines of 1C text but those that name the moment of making."""
    return [line for line in text.splitlines() if not line.startswith("ВремяСоздания".encode())]


def order(world: World, key: str) -> Any:
    """An ordered statement, once it is ready; asked for as the bank says."""
    day = today()
    body = {"account_id": world.account_id, "from": (day - dt.timedelta(days=30)).isoformat(), "to": day.isoformat()}
    headers = {"Idempotency-Key": key}
    body |= {"format": "1c", "encoding": "utf-8"}
    answer = world.partner.call("POST", "/v1/statement-orders", json=body, headers=headers)
    assert answer.status == 202, answer.body
    deadline = time.monotonic() + WITHIN_S
    while True:
        now = ask(world, f"/v1/statement-orders/{answer.body['id']}")
        if "Retry-After" not in now.headers:
            assert now.json()["status"] == "ready"
            return now.json()
        assert time.monotonic() < deadline
        time.sleep(float(now.headers["Retry-After"]) / 4)


def ask(world: World, path: str, params: dict[str, str] | None = None, **headers: str) -> httpx2.Response:
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    named["Authorization"] = f"Bearer {world.partner.access_token}"
    return httpx2.get(world.bank.url + path, headers=named, params=params, timeout=60)


def fetch_until_break(world: World, path: str, etag: str, first: int, count: int) -> tuple[dict[str, str], bytes]:
    """Read so many bytes of the body from `first` on, and cut the connection."""
    address = urlsplit(world.bank.url)
    lines = [f"GET {path} HTTP/1.1", f"Host: {address.netloc}", f"Authorization: Bearer {world.partner.access_token}"]
    if etag:
        lines += [f"Range: bytes={first}-", f"If-Range: {etag}"]
    with socket.create_connection((address.hostname or "", address.port or 80), timeout=30) as line:
        line.sendall("\r\n".join([*lines, "", ""]).encode())
        with line.makefile("rb") as answer:
            headers = {"status": answer.readline().split()[1].decode()}
            while (text := answer.readline().strip()) != b"":
                name, _, value = text.decode().partition(": ")
                headers[name.lower()] = value
            return headers, answer.read(count)


def _add_entries(world: World) -> None:
    """As if the core had told of many entries."""
    day = today() - dt.timedelta(days=3)
    details = dump_details(entry_details(day=day, purpose="Оплата по счёту, без НДС"))
    row = {"account_id": world.account_id, "count": ENTRIES, "day": day.isoformat(), "details": details}
    with closing(sqlite3.connect(Path(world.bank.folder) / "var/bank-adapter.db", timeout=30)) as books, books:
        books.execute(ADD_ENTRIES, row)
        books.execute("UPDATE feeds SET number = number + ? WHERE account_id = ?", (ENTRIES, world.account_id))
