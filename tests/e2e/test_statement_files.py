"""Files of statements over a real server: a person downloads what a service gets, and no torn file looks whole."""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager

import httpx2
import pytest

from adapter.demo.browser import Page
from adapter.demo.connecting import log_in
from adapter.demo.world import World, today
from tests.e2e.connected import connected_partner

STARTED_WITHIN_S = 60.0


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with connected_partner(tmp_path_factory.mktemp("bank")) as world:
        yield world


def download(world: World, page: Page, **chosen: str) -> Page:
    """Choose on the page of statements and press the button."""
    return world.customer.submit(page, page.form(having="shape"), chosen)


def open_statements(world: World) -> Page:
    page = world.customer.open("/customer/statements")
    return page if "/customer/statements" in page.url else log_in(world.customer, page)


def read_as_partner(world: World, shape: str) -> httpx2.Response:
    path = f"{world.bank.url}/v1/accounts/{world.account_id}/statement"
    query = {"from": today().replace(month=1, day=1).isoformat(), "to": today().isoformat(), "format": shape}
    headers = {"Authorization": f"Bearer {world.partner.access_token}"}
    return httpx2.get(path, params=query, headers=headers, timeout=60)


def test_a_person_downloads_what_a_service_gets(world: World) -> None:
    page = open_statements(world)
    mine = json.loads(download(world, page, account=world.account_id, period="year", shape="json").html)
    theirs = read_as_partner(world, "json").json()
    assert len(theirs["entries"]) > 10
    assert {**mine, "as_of": ""} == {**theirs, "as_of": ""}


def test_an_account_that_nobody_connected_can_be_downloaded_too(world: World) -> None:
    page = open_statements(world)
    answer = download(world, page, account=world.other_account_id, period="year", shape="1c")
    assert answer.status == 200
    assert answer.html.startswith("1CClientBankExchange")


@contextmanager
def tearing_server(world: World) -> Iterator[int]:
    """The port of a second server on the same bank, whose JSON statements break in the middle."""
    with closing(socket.socket()) as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
    settings = {
        "BANK_ADAPTER_BIND": f"127.0.0.1:{port}",
        "BANK_ADAPTER_WEB_WORKERS": "1",
        "BANK_ADAPTER_SECRET_KEY": "k" * 40,
        "PYTHONPATH": os.pathsep.join(sys.path),
    }
    command = [sys.executable, "-m", "gunicorn", "-c", "python:adapter.serving", "tests.e2e.torn_program:app"]
    process = subprocess.Popen(
        command, cwd=world.bank.folder, env={**os.environ, **settings}, stderr=subprocess.DEVNULL
    )
    try:
        deadline = time.monotonic() + STARTED_WITHIN_S
        while not is_open(port):
            assert time.monotonic() < deadline
            assert process.poll() is None
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def is_open(port: int) -> bool:
    with closing(socket.socket()) as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def read_until_it_ends(received: list[bytes], port: int, world: World, **more: str) -> None:
    address = f"http://127.0.0.1:{port}/v1/accounts/{world.account_id}/statement"
    query = {"from": today().isoformat(), "to": today().isoformat(), **more}
    headers = {"Authorization": f"Bearer {world.partner.access_token}"}
    with httpx2.stream("GET", address, params=query, headers=headers, timeout=30) as answer:
        assert answer.status_code == 200
        received.extend(answer.iter_raw())


def test_a_statement_that_breaks_in_the_middle_never_looks_whole(world: World) -> None:
    torn: list[bytes] = []
    whole: list[bytes] = []
    with tearing_server(world) as port:
        with pytest.raises(httpx2.RemoteProtocolError):
            read_until_it_ends(torn, port, world)
        read_until_it_ends(whole, port, world, format="1c")
    assert b"".join(torn) == b'{"account":'
    assert b"".join(whole).rstrip().endswith("КонецФайла".encode("windows-1251"))
