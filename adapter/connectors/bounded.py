"""HTTP calls that end: by a total deadline, with an answer of a limited size, without redirects of their own.

For what a login asks outside: the documents, keys and tokens of an identity provider.  It is a transport of httpx, so
that Authlib's client can stand on it.  The deadline is kept by `http/network.py`, at every step of a call.
"""

from __future__ import annotations

import ssl

import httpcore2
import httpx2

from adapter.connectors.http.connection import FAILURES
from adapter.connectors.http.network import DeadlineBackend, call_until
from adapter.domain.core import Deadline


class TooLong(httpx2.TransportError):
    """The answer is larger than any right one."""


class BoundedTransport(httpx2.BaseTransport):
    """Every call has `seconds` in all, and its answer at most `bytes_max`."""

    def __init__(self, *, tls: ssl.SSLContext, seconds: float, bytes_max: int) -> None:
        self._seconds = seconds
        self._bytes_max = bytes_max
        self._pool = httpcore2.ConnectionPool(ssl_context=tls, network_backend=DeadlineBackend())

    def handle_request(self, request: httpx2.Request) -> httpx2.Response:
        """Raises httpx2.TransportError."""
        with call_until(Deadline.after(self._seconds)):
            try:
                return self._exchange(request)
            except FAILURES as error:
                raise httpx2.TransportError(type(error).__name__) from error

    def close(self) -> None:
        self._pool.close()

    def _exchange(self, request: httpx2.Request) -> httpx2.Response:
        # What is packed has no size until it is unpacked.
        request.headers["Accept-Encoding"] = "identity"
        with self._pool.stream(
            request.method, str(request.url), headers=request.headers.raw, content=request.read()
        ) as answer:
            headers = httpx2.Headers(answer.headers)
            if headers.get("Content-Encoding", "identity") != "identity":
                raise httpx2.TransportError("an encoding that was not asked for")
            body = bytearray()
            for piece in answer.iter_stream():
                body += piece
                if len(body) > self._bytes_max:
                    raise TooLong(f"more than {self._bytes_max} bytes")
            return httpx2.Response(answer.status, headers=headers, content=bytes(body), request=request)


def open_tls(ca_file: str = "") -> ssl.SSLContext:
    """Trusts the authorities of the file, else those that everybody trusts."""
    return httpx2.create_ssl_context(verify=ca_file or True, trust_env=False)
