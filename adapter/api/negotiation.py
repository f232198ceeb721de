"""Which shape an answer takes: `format=` decides, else `Accept`; and the parameters of that shape."""

from __future__ import annotations

from collections.abc import Mapping

import flask
from werkzeug.datastructures import MIMEAccept
from werkzeug.exceptions import NotAcceptable

from adapter.api.queries import invalid, parse_choice
from adapter.api.shapes import SHAPES, Options, Shape

# Every parameter that some shape knows, with all values.
OPTION_VALUES: Mapping[str, tuple[str, ...]] = {
    name: tuple(dict.fromkeys(value for shape in SHAPES.values() for value in shape.options.get(name, ())))
    for name in dict.fromkeys(name for shape in SHAPES.values() for name in shape.options)
}


def choose_shape(query: Mapping[str, str]) -> str:
    """The name of the shape; raises InvalidQuery for an unknown `format`, NotAcceptable for `Accept` without ours."""
    named = parse_choice(query, "format", SHAPES)
    if named:
        return named
    if "Accept" not in flask.request.headers:
        return next(iter(SHAPES))
    best = _accepted_types().best_match([shape.media_type for shape in SHAPES.values()])
    for name, shape in SHAPES.items():
        if shape.media_type == best:
            return name
    raise NotAcceptable


def _accepted_types() -> MIMEAccept:
    """`Accept` without parameters: `text/plain; charset=utf-8` names a shape, and `encoding=` its charset."""
    return MIMEAccept((item.partition(";")[0].strip(), quality) for item, quality in flask.request.accept_mimetypes)


def choose_options(query: Mapping[str, str], shape: Shape) -> Options:
    """What was asked for and the defaults for the rest; raises InvalidQuery for what the shape does not know."""
    chosen = {name: values[0] for name, values in shape.options.items()}
    for name in OPTION_VALUES:
        if name not in query:
            continue
        if name not in shape.options:
            raise invalid(name, "unknown_parameter", "У этого формата такого параметра нет")
        chosen[name] = parse_choice(query, name, shape.options[name]) or chosen[name]
    return chosen
