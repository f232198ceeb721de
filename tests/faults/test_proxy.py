"""The proxy does what its plan says: without that the rows would prove nothing."""

from __future__ import annotations

import http.client
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar

import pytest

from adapter.demo.processes import free_port
from tests.faults.processes import Processes, open_processes
from tests.faults.proxy import Plan
from tests.faults.steering import Steering

BODY = b"x" * 1000


class Core(BaseHTTPRequestHandler):
    """Counts what reached it."""

    protocol_version = "HTTP/1.1"
    done: ClassVar[list[str]] = []

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.done.append(self.path)
        self.send_response(200)
        self.send_header("Content-Length", str(len(BODY)))
        self.end_headers()
        self.wfile.write(BODY)

    def log_message(self, *_told: object) -> None:
        return


@pytest.fixture
def core() -> Iterator[ThreadingHTTPServer]:
    Core.done.clear()
    server = ThreadingHTTPServer(("127.0.0.1", 0), Core)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def proxy(core: ThreadingHTTPServer, tmp_path: Path) -> Iterator[Steering]:
    steering = Steering(free_port(), free_port())
    with open_processes(tmp_path, {}) as processes:
        ports = [str(port) for port in (steering.port, core.server_port, steering.control_port)]
        processes.start("proxy", "tests.faults.proxy", *ports, str(tmp_path / "proxy.jsonl"))
        _await(processes, steering)
        yield steering


def _await(processes: Processes, steering: Steering) -> None:
    for _ in range(600):
        try:
            steering.count()
        except OSError:
            threading.Event().wait(0.05)
        else:
            return
    raise AssertionError(processes.tail("proxy"))


def call(proxy: Steering, path: str = "/documents") -> bytes:
    connection = http.client.HTTPConnection("127.0.0.1", proxy.port, timeout=5)
    try:
        connection.request("POST", path, b"{}")
        return connection.getresponse().read()
    finally:
        connection.close()


def test_a_healthy_network_carries_everything(proxy: Steering) -> None:
    assert call(proxy) == BODY
    assert Core.done == ["/documents"]


def test_a_call_dropped_before_never_reaches_the_core(proxy: Steering) -> None:
    proxy.follow(Plan(drop_before=1.0))
    with pytest.raises((http.client.HTTPException, OSError)):
        call(proxy)
    assert Core.done == []
    proxy.heal()
    assert call(proxy) == BODY


def test_a_call_dropped_after_was_done(proxy: Steering) -> None:
    proxy.follow(Plan(drop_after=1.0))
    with pytest.raises((http.client.HTTPException, OSError)):
        call(proxy)
    assert Core.done == ["/documents"]


def test_half_an_answer_arrives(proxy: Steering) -> None:
    proxy.follow(Plan(cut=1.0))
    with pytest.raises((http.client.IncompleteRead, http.client.BadStatusLine, OSError)):
        call(proxy)
    assert Core.done == ["/documents"]


def test_nobody_listens_while_the_core_is_down(proxy: Steering) -> None:
    proxy.follow(Plan(refuse=True))
    with pytest.raises(ConnectionRefusedError):
        call(proxy)
    proxy.heal()
    assert call(proxy) == BODY


def test_only_calls_that_match_are_broken(proxy: Steering) -> None:
    proxy.follow(Plan(match="/documents", drop_before=1.0))
    assert call(proxy, "/balances") == BODY
    assert proxy.count() == {"none": 1}
