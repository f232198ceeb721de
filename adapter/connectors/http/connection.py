"""One call to the core: signed where the bank wants it, bounded in time and size, never redirected.

It ends in an Answer, in NotSent (surely nothing of it reached the core) or in AnswerLost (the core may have acted).
"""

from __future__ import annotations

import secrets
import ssl
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import urlsplit

import httpcore2

from adapter.connectors.http.failures import tell_failure
from adapter.connectors.http.network import CallState, DeadlineBackend, call_until
from adapter.domain.core import Deadline

ANSWER_BYTES_MAX = 64 * 1024 * 1024
KEEP_ALIVE_S = 30.0  # less than servers keep an idle connection
FAILURES = (
    httpcore2.TimeoutException,
    httpcore2.NetworkError,
    httpcore2.ProtocolError,
    httpcore2.ProxyError,
    httpcore2.UnsupportedProtocol,
    OSError,
)

Signer = Callable[[str, str, bytes], str]  # method, address and body → what Authorization says


class NotSent(Exception):
    """Surely nothing of the call reached the core."""


class AnswerLost(Exception):
    """The call was sent, wholly or in part, and has no usable answer."""


@dataclass(frozen=True, slots=True)
class Answer:
    """Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Connection:
    """A pool of connections to one core."""

    def __init__(
        self, base_url: str, *, tls: ssl.SSLContext | None = None, sign: Signer | None = None, connections_max: int = 16
    ) -> None:
        parts = urlsplit(base_url)
        if parts.scheme not in {"http", "https"} or not parts.netloc or parts.query or base_url.endswith("/"):
            raise ValueError("the core's address is http(s)://host[:port][/path], no trailing slash")
        self._base_url = base_url
        self._sign = sign
        self._pool = httpcore2.ConnectionPool(
            ssl_context=tls,
            max_connections=connections_max,
            max_keepalive_connections=connections_max,
            keepalive_expiry=KEEP_ALIVE_S,
            network_backend=DeadlineBackend(),
        )

    def call(self, method: str, path: str, body: bytes, deadline: Deadline) -> Answer:
        """Send one request and read its answer whole; raises NotSent and AnswerLost."""
        with call_until(deadline) as state:
            if not deadline.seconds_left:
                raise NotSent("the deadline passed before the call")
            try:
                return self._exchange(method, f"{self._base_url}{path}", body, state)
            except FAILURES as error:
                what = tell_failure(error)
                raise (AnswerLost(what) if state.was_sent else NotSent(what)) from error

    def close(self) -> None:
        self._pool.close()

    def _exchange(self, method: str, url: str, body: bytes, state: CallState) -> Answer:
        headers = self._headers(method, url, body, state.deadline)
        timeout = {"pool": state.deadline.seconds_left}  # the others are the network's, by the deadline
        with self._pool.stream(
            method, url, headers=headers, content=body or None, extensions={"timeout": timeout}
        ) as answer:
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in answer.headers}
            if found.get("content-encoding", "identity") != "identity":
                raise AnswerLost("an encoding that was not asked for")
            pieces, size = [], 0
            for piece in answer.iter_stream():
                pieces.append(piece)
                size += len(piece)
                if size > ANSWER_BYTES_MAX:
                    raise AnswerLost(f"an answer of more than {ANSWER_BYTES_MAX} bytes")
            return Answer(answer.status, found, b"".join(pieces))

    def _headers(self, method: str, url: str, body: bytes, deadline: Deadline) -> dict[bytes | str, bytes | str]:
        headers: dict[bytes | str, bytes | str] = {
            "Host": urlsplit(url).netloc,
            "Accept": "application/json",
            "X-Request-ID": secrets.token_hex(8),
            "X-Request-Deadline": f"{deadline.seconds_left:.3f}",
        }
        if method != "GET":
            headers["Content-Type"] = "application/json"
            headers["Content-Length"] = str(len(body))
        if self._sign is not None:
            headers["Authorization"] = self._sign(method, url, body)
        return headers
