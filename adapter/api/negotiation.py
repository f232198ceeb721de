"""The shapes of a statement and which of them an answer takes: `format=` decides, else `Accept`.

A new shape is one module in `adapter/formats` and one row here; the document and the parameters follow from the table.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, cast

import flask
from werkzeug.exceptions import NotAcceptable

from adapter.api.queries import invalid, parse_choice
from adapter.api.statement_json import render_json
from adapter.domain.feeds import StatementReading
from adapter.formats.onec_exchange import render_statement


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How a statement leaves; `ending` is that of the file's name, None for an answer that is no file."""

    media_type: str
    render: Callable[[StatementReading, str], Iterable[bytes]]  # the second is the encoding
    encodings: Sequence[str] = ()  # the first is the default; none for shapes with one encoding only
    ending: str | None = None


def _render_1c(reading: StatementReading, encoding: str) -> Iterable[bytes]:
    return render_statement(reading.statement, cast(Literal["windows-1251", "utf-8"], encoding))


# By name in `format=`; the first is given to who accepts anything.
SHAPES: Mapping[str, Shape] = {
    "json": Shape(media_type="application/json", render=lambda reading, _: render_json(reading)),
    "1c": Shape(media_type="text/plain", render=_render_1c, encodings=("windows-1251", "utf-8"), ending="txt"),
}
ENCODINGS = tuple(dict.fromkeys(encoding for shape in SHAPES.values() for encoding in shape.encodings))


def choose_shape(query: Mapping[str, str]) -> Shape:
    """Raises InvalidQuery for an unknown `format`, NotAcceptable for `Accept` without ours."""
    named = parse_choice(query, "format", SHAPES)
    if named:
        return SHAPES[named]
    if "Accept" not in flask.request.headers:
        return next(iter(SHAPES.values()))
    best = flask.request.accept_mimetypes.best_match([shape.media_type for shape in SHAPES.values()])
    for shape in SHAPES.values():
        if shape.media_type == best:
            return shape
    raise NotAcceptable


def choose_encoding(query: Mapping[str, str], shape: Shape) -> str:
    """Of the text that the shape writes; raises InvalidQuery for one that it cannot."""
    asked = parse_choice(query, "encoding", ENCODINGS)
    if asked is None:
        return next(iter(shape.encodings), "utf-8")
    if asked not in shape.encodings:
        raise invalid("encoding", "unknown_parameter", "У этого формата кодировка не выбирается")
    return asked
