"""Which shape an answer takes: `format=` decides, else `Accept`."""

from __future__ import annotations

from collections.abc import Mapping

import flask
from werkzeug.exceptions import NotAcceptable

from adapter.api.queries import parse_choice

# By name in `format=`; the first is given to who accepts anything.
SHAPES: Mapping[str, str] = {"json": "application/json", "1c": "text/plain"}


def choose_shape(query: Mapping[str, str]) -> str:
    """The name of the shape; raises InvalidQuery for an unknown `format`, NotAcceptable for `Accept` without ours."""
    named = parse_choice(query, "format", SHAPES)
    if named:
        return named
    if "Accept" not in flask.request.headers:
        return next(iter(SHAPES))
    best = flask.request.accept_mimetypes.best_match(list(SHAPES.values()))
    for name, media_type in SHAPES.items():
        if media_type == best:
            return name
    raise NotAcceptable
