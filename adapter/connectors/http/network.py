"""A network on which no call outlives its deadline.

Timeouts of HTTP libraries hold for one read or write each: a core that drips a byte a second would hold a caller for
hours.  Here every step of a call (name, connect, TLS, write, read) gets what is left of the call's time, and the call
learns whether anything was written: then the core may have acted on it.

A call stays in its thread, so what belongs to it is kept by thread.
"""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

import httpcore2

from adapter.connectors.http.names import find_addresses
from adapter.domain.core import Deadline

NO_ADDRESS = "the core's host has no address"
PIECE = 64 * 1024  # written at a time, so that a slow reader is noticed


class CallState:
    """One call: when it must end, and whether any of it left this machine."""

    def __init__(self, deadline: Deadline) -> None:
        self.deadline = deadline
        self.was_sent = False


class _Present(threading.local):
    state: CallState | None = None


_present = _Present()


@contextmanager
def call_until(deadline: Deadline) -> Iterator[CallState]:
    """Calls of this thread inside the block end by the deadline."""
    state = CallState(deadline)
    _present.state = state
    try:
        yield state
    finally:
        _present.state = None


class DeadlineBackend(httpcore2.NetworkBackend):
    """Connects within the present call's time."""

    def __init__(self) -> None:
        self._backend = httpcore2.SyncBackend()

    def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.NetworkStream:
        addresses = _find_addresses(host, port)
        for place, address in enumerate(addresses, 1):
            left = _seconds_left(httpcore2.ConnectTimeout) / (len(addresses) - place + 1)
            try:
                return _DeadlineStream(self._backend.connect_tcp(address, port, left, local_address, socket_options))
            except (httpcore2.ConnectError, httpcore2.ConnectTimeout):
                if place == len(addresses):
                    raise
        raise httpcore2.ConnectError(NO_ADDRESS)


class _DeadlineStream(httpcore2.NetworkStream):
    def __init__(self, stream: httpcore2.NetworkStream) -> None:
        self._stream = stream

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._stream.read(max_bytes, _seconds_left(httpcore2.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        for start in range(0, len(buffer), PIECE):
            left = _seconds_left(httpcore2.WriteTimeout)
            if _present.state is not None:
                _present.state.was_sent = True
            self._stream.write(buffer[start : start + PIECE], left)

    def close(self) -> None:
        self._stream.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore2.NetworkStream:
        left = _seconds_left(httpcore2.ConnectTimeout)
        return _DeadlineStream(self._stream.start_tls(ssl_context, server_hostname, left))

    def get_extra_info(self, info: str) -> Any:
        return self._stream.get_extra_info(info)


def _find_addresses(host: str, port: int) -> Sequence[str]:
    """What the name stands for; the question ends by the deadline, too."""
    deadline = Deadline.after(_seconds_left(httpcore2.ConnectTimeout))
    try:
        return find_addresses(host, port, deadline)
    except TimeoutError as error:
        raise httpcore2.ConnectTimeout("the name of the core's host was not resolved in time") from error
    except OSError as error:
        raise httpcore2.ConnectError(NO_ADDRESS) from error


def _seconds_left(too_late: type[Exception]) -> float:
    state = _present.state
    if state is None:
        raise RuntimeError("a call without a deadline")
    left = state.deadline.seconds_left
    if left <= 0:
        raise too_late("the deadline passed")
    return left
