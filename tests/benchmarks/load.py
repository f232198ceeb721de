"""Plays prepared HTTP requests over a few kept connections, from a process of its own.

Requests are bytes made before the clock starts, and answers are cut by their length only, so that the client costs
little and the server is what is measured.
"""

from __future__ import annotations

import socket
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

CONNECTIONS = 4
TIMEOUT_S = 300.0
_END_OF_CHUNKS = b"\r\n0\r\n\r\n"


@dataclass(frozen=True, slots=True)
class Played:
    """What came back: how many answers of each status, in how many seconds, of how many bytes."""

    statuses: Mapping[int, int]
    seconds: float
    received_bytes: int


def render_request(method: str, path: str, headers: Mapping[str, str], body: bytes = b"") -> bytes:
    """One HTTP/1.1 request as bytes."""
    lines = [
        f"{method} {path} HTTP/1.1",
        "Host: bank.example",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    if body or method == "POST":
        lines.append(f"Content-Length: {len(body)}")
    return "\r\n".join([*lines, "", ""]).encode() + body


def play(port: int, requests: Sequence[bytes], connections: int = CONNECTIONS) -> Played:
    """Send every request once, each connection its share, and wait for all answers."""
    with ThreadPoolExecutor(connections) as pool:
        shares = [requests[place::connections] for place in range(connections)]
        began = time.perf_counter()
        answers = [one for share in pool.map(lambda share: list(_converse(port, share)), shares) for one in share]
        seconds = time.perf_counter() - began
    statuses = Counter(status for status, _ in answers)
    return Played(dict(statuses), seconds, sum(size for _, size in answers))


def _converse(port: int, requests: Sequence[bytes]) -> Iterator[tuple[int, int]]:
    if not requests:
        return
    with socket.create_connection(("127.0.0.1", port), timeout=TIMEOUT_S) as connection:
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        for request in requests:
            connection.sendall(request)
            yield _receive(connection)


def _receive(connection: socket.socket) -> tuple[int, int]:
    """Status and size of one answer."""
    head, _, rest = _receive_until(connection, b"\r\n\r\n").partition(b"\r\n\r\n")
    status = int(head[9:12])
    size = len(rest)
    lower = head.lower()
    if b"transfer-encoding: chunked" in lower:
        end = b"\r\n" + rest[-16:]
        while not end.endswith(_END_OF_CHUNKS):
            piece = _piece(connection)
            size += len(piece)
            end = end[-16:] + piece
        return status, size
    if status == 304:
        return status, size
    length = int(lower.partition(b"content-length: ")[2].partition(b"\r\n")[0])
    while size < length:
        size += len(_piece(connection))
    return status, size


def _receive_until(connection: socket.socket, end: bytes) -> bytes:
    received = b""
    while end not in received:
        received += _piece(connection)
    return received


def _piece(connection: socket.socket) -> bytes:
    piece = connection.recv(262_144)
    if not piece:
        raise ConnectionError("the server closed the connection")
    return piece
