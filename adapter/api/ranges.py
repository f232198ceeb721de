"""Which bytes of a stored file a request gets (RFC 9110, sections 13 and 14).

One range is served; several at once, another unit than bytes and what cannot be read are answered with the whole file,
as the standard allows.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

import flask
from werkzeug.exceptions import PreconditionFailed, RequestedRangeNotSatisfiable

ONE_RANGE = re.compile(r"bytes=[ \t]*(\d{0,18})-(\d{0,18})[ \t]*", re.ASCII | re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """The bytes from `first` up to before `end` of a file of `size`."""

    first: int
    end: int
    size: int
    is_part: bool = True

    @property
    def content_range(self) -> str:
        return f"bytes {self.first}-{self.end - 1}/{self.size}"


def is_known(etag: str) -> bool:
    """Whether the caller has this very file already: 304.  Raises PreconditionFailed (412)."""
    request = flask.request
    if request.if_match and etag not in request.if_match:
        raise PreconditionFailed
    return request.if_none_match.contains_weak(etag)


def select_bytes(etag: str, size: int) -> Selection:
    """What the header Range asks for; raises RequestedRangeNotSatisfiable (416)."""
    whole = Selection(first=0, end=size, size=size, is_part=False)
    wanted = ONE_RANGE.fullmatch(flask.request.headers.get("Range", ""))
    if wanted is None or flask.request.method != "GET" or not _is_same_file(etag):
        return whole
    first, last = wanted.groups()
    if not first and not last:
        return whole
    if not first:  # so many from the end
        return _part(max(size - int(last), 0), size, size)
    if last and int(last) < int(first):
        return whole
    return _part(int(first), min(int(last) + 1, size) if last else size, size)


def _part(first: int, end: int, size: int) -> Selection:
    if first >= end:
        raise RequestedRangeNotSatisfiable(size)
    return Selection(first=first, end=end, size=size)


def _is_same_file(etag: str) -> bool:
    """Without If-Range the caller trusts that it is; a date is not what this file is known by."""
    return flask.request.headers.get("If-Range", f'"{etag}"').strip() == f'"{etag}"'
