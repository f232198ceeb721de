"""What a request asks, read and bounded; the core that answers it."""

from __future__ import annotations

from typing import Any

import flask
import orjson

from adapter.domain.core import Deadline, Mark
from adapter.ports import CoreBanking
from adapter.schemas.core_gateway.entries import PAGE_MAX
from adapter.schemas.core_gateway.members import Members, WrongShape

DEADLINE_HEADER = "X-Request-Deadline"
DEADLINE_MAX_S = 60.0
DEADLINE_DEFAULT_S = 10.0

DEADLINE_PARAMETER = {
    "name": DEADLINE_HEADER,
    "in": "header",
    "required": False,
    "description": "seconds after which the adapter no longer waits for the answer",
    "schema": {"type": "number", "minimum": 0},
}
PAGE_PARAMETERS = [
    {
        "name": "after",
        "in": "query",
        "required": False,
        "description": "`mark` of the page before; without it from the beginning",
        "schema": {"type": "string", "maxLength": 512},
    },
    {
        "name": "limit",
        "in": "query",
        "required": True,
        "description": "at most so many",
        "schema": {"type": "integer", "minimum": 1, "maximum": PAGE_MAX},
    },
    DEADLINE_PARAMETER,
]


def core() -> CoreBanking:
    """The core that this application serves."""
    found: CoreBanking = flask.current_app.extensions["core_gateway"].core
    return found


def deadline() -> Deadline:
    """When the adapter stops waiting; work that nobody waits for is not begun."""
    told = flask.request.headers.get(DEADLINE_HEADER, type=float)
    if told is None or not told >= 0:  # NaN is not either
        told = DEADLINE_DEFAULT_S
    return Deadline.after(min(told, DEADLINE_MAX_S))


def body() -> Members:
    """The JSON object that was sent; raises WrongShape."""
    try:
        return Members.of(orjson.loads(flask.request.get_data(cache=False)))
    except orjson.JSONDecodeError:
        raise WrongShape("", "not JSON") from None


def page() -> tuple[Mark | None, int]:
    """Where to go on, and how much at most; raises WrongShape."""
    text = flask.request.args.get("after")
    limit = flask.request.args.get("limit", type=int)
    if limit is None or not 1 <= limit <= PAGE_MAX:
        raise WrongShape("#query/limit", f"not a whole number from 1 to {PAGE_MAX}")
    try:
        return (None if text is None else Mark(text)), limit
    except ValueError:
        raise WrongShape("#query/after", "not a mark") from None


def answer(found: dict[str, Any], status: int = 200) -> flask.Response:
    response = flask.Response(orjson.dumps(found), status, content_type="application/json")
    response.headers["Cache-Control"] = "no-store"
    return response
