"""Keys of the other side: new ones are found, a silent address is borne, nobody makes us ask without end."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx2
import pytest

from adapter.connectors import key_sets
from adapter.connectors.bounded import TooLong
from adapter.connectors.key_sets import AddressKeys, FileKeys, KeysUnavailable, fetch, open_keys
from tests.connectors.http_servers import HostileServer, Talk, answering

OLD, NEW = {"kid": "old", "kty": "EC"}, {"kid": "new", "kty": "EC"}


class Address:
    """A JWKS at an address, and time."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.keys: list[Any] = [OLD]
        self.is_silent = False
        self.asked = 0
        self.now = 1000.0
        monkeypatch.setattr(key_sets.time, "monotonic", lambda: self.now)

    def fetch(self) -> bytes:
        self.asked += 1
        if self.is_silent:
            raise httpx2.ConnectError("nobody")
        return json.dumps({"keys": self.keys}).encode()


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Address:
    return Address(monkeypatch)


def test_keys_are_kept_for_a_while(address: Address) -> None:
    keys = AddressKeys(address.fetch)
    assert keys.find("old") == [OLD] == keys.find("old")
    assert address.asked == 1
    address.now += key_sets.KEPT_S + 1
    assert keys.find("old") == [OLD]
    assert address.asked == 2


def test_a_key_that_is_new_is_looked_for_but_not_at_every_call(address: Address) -> None:
    keys = AddressKeys(address.fetch)
    keys.find("old")
    address.keys = [OLD, NEW]
    assert keys.find("new") == []  # asked a moment ago
    address.now += key_sets.ASK_AGAIN_S
    assert keys.find("new") == [NEW]
    for number in range(20):
        assert keys.find(f"nobody-{number}") == []
    assert address.asked == 2


def test_what_was_read_stays_good_while_the_address_is_silent(address: Address) -> None:
    keys = AddressKeys(address.fetch)
    keys.find("old")
    address.is_silent = True
    address.now += 10 * key_sets.KEPT_S
    assert keys.find("old") == [OLD]


def test_keys_that_were_never_read_judge_nobody(address: Address) -> None:
    address.is_silent = True
    keys = AddressKeys(address.fetch)
    for _ in range(3):
        with pytest.raises(KeysUnavailable):
            keys.find("old")
    assert address.asked == 1
    address.is_silent = False
    address.now += key_sets.ASK_AGAIN_S
    assert keys.find("old") == [OLD]


def test_a_file_is_read_again_when_it_changes(tmp_path: Path) -> None:
    path = tmp_path / "jwks.json"
    keys = FileKeys(str(path))
    with pytest.raises(KeysUnavailable):
        keys.find("old")
    path.write_text(json.dumps({"keys": [OLD, {**NEW, "use": "enc"}]}))
    assert (keys.find("old"), keys.find("new")) == ([OLD], [])
    path.write_text(json.dumps({"keys": [NEW]}))
    assert (keys.find("old"), keys.find("new")) == ([], [NEW])


@pytest.mark.parametrize("text", ["", "[]", '{"keys": 1}', '{"keys": [1]}', json.dumps({"keys": [OLD] * 51})])
def test_what_is_no_key_set_is_not_taken(tmp_path: Path, text: str) -> None:
    path = tmp_path / "jwks.json"
    path.write_text(text)
    with pytest.raises(KeysUnavailable):
        FileKeys(str(path)).find("old")
    path.write_text(json.dumps({"keys": [OLD]}))
    assert FileKeys(str(path)).find("old") == [OLD]


def test_an_address_is_read_bounded_and_without_redirects() -> None:
    server = HostileServer(answering(b"", "302 Found", Location="http://127.0.0.1:9/"))
    try:
        for talk in (server.talk, answering(b" " * (key_sets.JWKS_BYTES_MAX + 1)), answering(b"", "404 Not Found")):
            server.talk = talk
            with pytest.raises((ValueError, TooLong), match=r"answered|more than"):
                fetch(server.url)
        server.talk = answering(b'{"keys": []}')
        assert fetch(server.url) == b'{"keys": []}'
    finally:
        server.close()


@pytest.fixture
def server() -> Iterator[HostileServer]:
    server = HostileServer(answering(b'{"keys": []}'))
    yield server
    server.close()


def dripping(server: HostileServer, start: bytes, byte: bytes) -> Talk:
    """A byte at a time, each sooner than any timeout of one read, until the caller hangs up."""

    def talk(connection: socket.socket, _: bytes) -> None:
        connection.sendall(start)
        while not server.stopping.wait(0.05):
            connection.sendall(byte)

    return talk


@pytest.mark.parametrize(
    ("start", "byte"),
    [(b"HTTP/1.1 200 OK\r\nX-Slow: ", b"a"), (b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n", b" ")],
    ids=["headers", "body"],
)
def test_an_address_that_drips_is_given_up_in_time(
    server: HostileServer, monkeypatch: pytest.MonkeyPatch, start: bytes, byte: bytes
) -> None:
    monkeypatch.setattr(key_sets, "FETCH_TIMEOUT_S", 0.5)
    right, server.talk = server.talk, dripping(server, start, byte)
    began = time.monotonic()
    with pytest.raises((httpx2.TransportError, ValueError)):
        fetch(server.url)
    assert time.monotonic() - began < 3
    server.talk = right
    assert fetch(server.url) == b'{"keys": []}'


def test_an_answer_that_is_packed_is_not_unpacked(server: HostileServer) -> None:
    right, server.talk = server.talk, answering(b"\x1f\x8b", Content_Encoding="gzip")
    with pytest.raises(httpx2.TransportError):
        fetch(server.url)
    assert b"accept-encoding: identity" in server.requests[0].lower()
    server.talk = right
    assert fetch(server.url) == b'{"keys": []}'


def test_while_one_asks_for_a_new_key_the_others_use_the_known_ones(address: Address) -> None:
    keys = AddressKeys(address.fetch)
    keys.find("old")
    address.now += key_sets.ASK_AGAIN_S
    asked, may_answer = threading.Event(), threading.Event()

    def slow() -> bytes:
        asked.set()
        assert may_answer.wait(30)
        return json.dumps({"keys": [OLD, NEW]}).encode()

    keys._fetch = slow
    found: list[Any] = []
    asking = threading.Thread(target=lambda: found.append(keys.find("new")))
    asking.start()
    assert asked.wait(30)
    others = threading.Thread(target=lambda: found.append((keys.find("old"), keys.find("new"))), daemon=True)
    others.start()
    others.join(10)
    assert found == [([OLD], [])]
    may_answer.set()
    asking.join(30)
    assert found[1:] == [[NEW]]


def test_who_has_no_key_yet_waits_for_the_one_who_asks() -> None:
    both = threading.Barrier(2)

    def fetch_once() -> bytes:
        both.wait(30)
        return json.dumps({"keys": [OLD]}).encode()

    keys, found = AddressKeys(fetch_once), []
    threads = [threading.Thread(target=lambda: found.append(keys.find("old"))) for _ in range(4)]
    for thread in threads:
        thread.start()
    both.wait(30)
    for thread in threads:
        thread.join(30)
    assert found == [[OLD]] * 4


def test_settings_must_name_a_place() -> None:
    with pytest.raises(ValueError, match="neither"):
        open_keys(file="", url="")
