"""Bodies that come in chunks: what the server finds wrong while they arrive is the caller's error, not ours.

WSGI does not say what a server raises then; gunicorn raises errors of its own classes from inside `read`.
"""

from __future__ import annotations

from typing import Protocol

from werkzeug.exceptions import BadRequest, HTTPException


class Stream(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Chunks:
    """The body of one request; raises BadRequest where it cannot be read."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream

    def read(self, size: int = -1) -> bytes:
        try:
            return self._stream.read(size)
        except HTTPException:
            raise
        except Exception as error:  # of the server's own kind
            raise BadRequest("the body is not in good chunks") from error
