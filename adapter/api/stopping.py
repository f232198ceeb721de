"""Long answers end when the customer stops the service: while they are sent, the permission is asked for again."""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator

import flask

from oauth import current_access, recheck_access

RECHECK_S = 1.0


class AccessEnded(Exception):
    """Ends an answer in its middle: the server closes the connection, so that nobody takes the part for the whole."""


def while_allowed(pieces: Iterable[bytes], account_id: str, recheck_s: float | None = None) -> Iterator[bytes]:
    """The pieces of an answer about an account, as long as the token may read it; asked every `recheck_s` seconds.

    Raises AccessEnded in the middle.
    """
    found = _watch(pieces, account_id, RECHECK_S if recheck_s is None else recheck_s)
    return flask.stream_with_context(found)


def _watch(pieces: Iterable[bytes], account_id: str, recheck_s: float) -> Iterator[bytes]:
    checked = time.monotonic()
    for piece in pieces:
        if time.monotonic() - checked >= recheck_s:
            _check(account_id)
            checked = time.monotonic()
        yield piece


def _check(account_id: str) -> None:
    if recheck_access() is not None or account_id not in current_access().account_ids:
        raise AccessEnded
