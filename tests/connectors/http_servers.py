"""Real servers for the tests of the HTTP core: the reference server in a thread, a hostile one that speaks bytes."""

from __future__ import annotations

import socket
import ssl
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import flask
from werkzeug.serving import make_server

from adapter.connectors.gateway.app import init_app
from adapter.connectors.gateway.callers import CallerCheck
from adapter.ports import Clock, CoreBanking

Talk = Callable[[socket.socket, bytes], object]  # a connection and the request that came over it


@contextmanager
def served(
    core: CoreBanking, clock: Clock, callers: CallerCheck | None = None, tls: ssl.SSLContext | None = None
) -> Iterator[str]:
    """The reference server over a core; its address."""
    app = flask.Flask("core")
    init_app(app, core, clock, callers)
    with serving(app, tls) as url:
        yield url


@contextmanager
def serving(app: flask.Flask, tls: ssl.SSLContext | None = None) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, app, threaded=True, ssl_context=tls)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield f"http{'s' if tls else ''}://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


class HostileServer:
    """Reads one request from each connection and lets `talk` answer as it likes; counts what came."""

    def __init__(self, talk: Talk) -> None:
        self.talk = talk
        self.requests: list[bytes] = []
        self.stopping = threading.Event()
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._socket.getsockname()[1]}"
        self._threads: list[threading.Thread] = []
        self._main = threading.Thread(target=self._accept, daemon=True)
        self._main.start()

    def close(self) -> None:
        self.stopping.set()
        with suppress(OSError):
            self._socket.shutdown(socket.SHUT_RDWR)
        self._socket.close()
        for thread in [self._main, *self._threads]:
            thread.join(5)

    def _accept(self) -> None:
        while not self.stopping.is_set():
            try:
                connection, _ = self._socket.accept()
            except OSError:
                return
            thread = threading.Thread(target=self._serve, args=(connection,), daemon=True)
            self._threads.append(thread)
            thread.start()

    def _serve(self, connection: socket.socket) -> None:
        with connection, suppress(OSError):
            request = _read_request(connection)
            if request:
                self.requests.append(request)
                self.talk(connection, request)


def _read_request(connection: socket.socket) -> bytes:
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return data
        data += piece
    head, _, body = data.partition(b"\r\n\r\n")
    lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:")]
    wanted = int(lengths[0].split(b":")[1]) if lengths else 0
    while len(body) < wanted:
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def http_answer(body: bytes, status: str = "200 OK", **headers: str) -> bytes:
    """One whole HTTP answer that closes its connection."""
    told = {"Content-Type": "application/json", "Content-Length": str(len(body)), "Connection": "close"}
    lines = [f"{name.replace('_', '-')}: {value}" for name, value in {**told, **headers}.items()]
    return f"HTTP/1.1 {status}\r\n".encode() + "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def answering(body: bytes, status: str = "200 OK", **headers: str) -> Talk:
    """Answers every request with this."""
    return lambda connection, _: connection.sendall(http_answer(body, status, **headers))
