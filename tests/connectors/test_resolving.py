"""The name of the core's host: a resolver that hangs holds nobody beyond the deadline, and only a few threads."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest

from adapter.connectors.http import names
from adapter.connectors.http.connection import Connection
from adapter.connectors.http.core import HttpCore
from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable
from tests.connectors.http_servers import HostileServer, answering
from tests.fakes import FakeClock

HOST = "core.bank.example"
REAL = socket.getaddrinfo
ACCOUNTS = answering(b'{"accounts": []}')


class Resolver:
    """HOST stands for `addresses`, once it no longer hangs."""

    def __init__(self) -> None:
        self.addresses = ["127.0.0.1"]
        self.works = threading.Event()
        self.asked = 0

    def ask(self, host: str, port: int, *rest: Any, **more: Any) -> list[Any]:
        if host != HOST:
            return REAL(host, port, *rest, **more)
        self.asked += 1
        self.works.wait(30)
        if not self.addresses:
            raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (one, port)) for one in self.addresses]


@pytest.fixture
def resolver(monkeypatch: pytest.MonkeyPatch) -> Iterator[Resolver]:
    found = Resolver()
    monkeypatch.setattr(socket, "getaddrinfo", found.ask)
    yield found
    found.works.set()


@pytest.fixture
def core(resolver: Resolver) -> Iterator[HttpCore]:
    """At a host with a name, where a server answers once the name is known."""
    server = HostileServer(ACCOUNTS)
    found = HttpCore(Connection(f"http://{HOST}:{server.url.rsplit(':', 1)[1]}"), FakeClock())
    yield found
    found.close()
    server.close()


def ask(core: HttpCore, seconds: float) -> float:
    """How long the caller was held by a call that fails."""
    began = time.monotonic()
    with pytest.raises(CoreUnavailable):
        core.list_accounts("cus-1", Deadline.after(seconds))
    return time.monotonic() - began


def test_a_resolver_that_hangs_holds_nobody_beyond_the_deadline(core: HttpCore, resolver: Resolver) -> None:
    held = [ask(core, 0.2) for _ in range(names.QUESTIONS_MAX + 2)]
    assert max(held) < 1.5
    assert resolver.asked == names.QUESTIONS_MAX, "no more threads hang than may"
    resolver.works.set()
    assert core.list_accounts("cus-1", Deadline.after(10)) == []


def test_the_next_address_is_tried_where_one_does_not_listen(core: HttpCore, resolver: Resolver) -> None:
    resolver.works.set()
    resolver.addresses = ["127.0.0.9", "127.0.0.1"]
    assert core.list_accounts("cus-1", Deadline.after(10)) == []


def test_a_name_that_nobody_knows_is_told_so(core: HttpCore, resolver: Resolver) -> None:
    resolver.works.set()
    addresses, resolver.addresses = resolver.addresses, []
    assert "Name or service not known" in core.probe(Deadline.after(10)).detail
    resolver.addresses = addresses
    assert core.list_accounts("cus-1", Deadline.after(10)) == []
