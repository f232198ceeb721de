"""A wire between the product and the bank's database that a test can break at a chosen moment."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable
from contextlib import suppress
from enum import Enum, auto
from pathlib import Path

from sqlalchemy.engine import URL, make_url


class Break(Enum):
    """What happens to the first message from the product that holds the word of the breakage."""

    BEFORE = auto()  # the connection ends and the message does not arrive
    AFTER = auto()  # the message arrives, its answer does not
    SILENCE = auto()  # nothing arrives any more and nobody says so


class Wire:
    """Listens on a port of this machine and passes all on to the server."""

    def __init__(self, server_url: str) -> None:
        self._target = make_url(server_url)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._plan: tuple[bytes, Break] | None = None
        self.broken = threading.Event()
        threading.Thread(target=self._accept, daemon=True).start()

    @property
    def url(self) -> URL:
        query = {name: value for name, value in self._target.query.items() if name != "host"}
        return self._target.set(host="127.0.0.1", port=self._listener.getsockname()[1], query=query)

    def break_at(self, word: bytes, how: Break) -> None:
        """Once, at the next message with this word."""
        self.broken.clear()
        self._plan = (word, how)

    def close(self) -> None:
        self._listener.close()

    def _accept(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                far = _connect(self._target)
                _Line(self, near, far).start()


class _Line:
    def __init__(self, wire: Wire, near: socket.socket, far: socket.socket) -> None:
        self.wire, self.near, self.far = wire, near, far
        self.is_deaf = False

    def start(self) -> None:
        for job in (self._from_product, self._from_server):
            threading.Thread(target=self._guard, args=(job,), daemon=True).start()

    def _guard(self, job: Callable[[], None]) -> None:
        with suppress(OSError):
            job()
        for end in (self.near, self.far):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def _from_product(self) -> None:
        while data := self.near.recv(65536):
            plan = self.wire._plan
            if plan and plan[0] in data:
                self.wire._plan = None
                if plan[1] is Break.BEFORE:
                    self.wire.broken.set()
                    return
                self.is_deaf = True
                if plan[1] is Break.SILENCE:
                    self.wire.broken.set()
                    continue
            if not (self.is_deaf and self.wire.broken.is_set()):
                self.far.sendall(data)

    def _from_server(self) -> None:
        while data := self.far.recv(65536):
            if self.is_deaf:
                self.wire.broken.set()
                if self.wire._plan is None:
                    self.near.shutdown(socket.SHUT_RDWR)
                return
            self.near.sendall(data)


def _connect(url: URL) -> socket.socket:
    host = str(url.query.get("host") or url.host or "127.0.0.1")
    port = url.port or 5432
    if not host.startswith("/"):
        return socket.create_connection((host, port))
    connection = socket.socket(socket.AF_UNIX)
    connection.connect(str(Path(host) / f".s.PGSQL.{port}"))
    return connection
