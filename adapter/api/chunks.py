"""Bodies that come in chunks: what the server finds wrong while they arrive is the caller's error, not ours.

WSGI does not say what a server raises then; gunicorn raises errors of its own classes from inside `read`.
Werkzeug cuts a body of untold length at the limit without a word; half a body must never be read as a whole one.
"""

from __future__ import annotations

from typing import Protocol

import flask
from werkzeug.exceptions import BadRequest, HTTPException, RequestEntityTooLarge


class Stream(Protocol):
    def read(self, size: int = -1, /) -> bytes: ...


class Chunks:
    """The body of one request; raises BadRequest where it cannot be read, RequestEntityTooLarge at the limit."""

    def __init__(self, stream: Stream) -> None:
        self._stream = stream
        self._taken = 0

    def read(self, size: int = -1) -> bytes:
        try:
            data = self._stream.read(size)
        except HTTPException:
            raise
        except Exception as error:  # of the server's own kind
            raise BadRequest("the body is not in good chunks") from error
        self._taken += len(data)
        limit = flask.request.max_content_length  # a view may have lowered it
        if limit is not None and self._taken >= limit:
            raise RequestEntityTooLarge
        return data
