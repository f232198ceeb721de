"""The statement of a period, in the shape that the partner asks for, streamed."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import flask
from flask_smorest import Blueprint

from adapter.api import services
from adapter.api.negotiation import OPTION_VALUES, choose_options, choose_shape
from adapter.api.operations import operation
from adapter.api.queries import parameter, parse_period, read_query
from adapter.api.shapes import SHAPES, Options, Shape
from adapter.api.stopping import while_allowed
from adapter.api.viewing import AS_OF_DOC, AS_OF_HEADER, check_account, format_moment, viewer_of
from adapter.domain.feeds import StatementReading
from adapter.schemas.statements import StatementBody
from oauth import Scope, current_access, require

blp = Blueprint("statements", __name__, url_prefix="/v1", description="Statements of a period")

PARAMETERS = [
    parameter(
        "from",
        "first day, by booking date; `history_from` of the consent at the earliest",
        {"type": "string", "format": "date"},
        required=True,
    ),
    parameter("to", "last day; today in Moscow at the latest", {"type": "string", "format": "date"}, required=True),
    parameter("format", "wins over `Accept`", {"type": "string", "enum": list(SHAPES)}),
    *(
        parameter(name, "for the shapes that know it", {"type": "string", "enum": list(values)})
        for name, values in OPTION_VALUES.items()
    ),
]


def _document_files(view: Callable[..., Any]) -> Callable[..., Any]:
    """Put the shapes that are files into the document, each with its media type."""
    for shape in SHAPES.values():
        if shape.ending:
            described = {"type": "string", "format": "binary", "description": shape.title}
            answer = blp.alt_response(200, schema=described, content_type=shape.media_type, headers=AS_OF_DOC)
            view = answer(view)
    return view


@blp.get("/accounts/<account_id>/statement")
@blp.doc(**operation(Scope.STATEMENTS, errors=(404, 406, 422, 503), parameters=PARAMETERS))
@blp.response(200, StatementBody, headers=AS_OF_DOC)
@_document_files
@require(Scope.STATEMENTS)
def read_statement(account_id: str) -> flask.Response:
    """Read the statement of a period

    In the shape that `format=` names, else by `Accept`, else as JSON; what each shape holds is in `formats.md`.
    Entries come in the order of their booking dates; they and the totals are one frozen state, however long the reading
    takes.  A long statement comes in pieces: a connection that ends early means that the file is not whole.  What is
    too long for a shape is 422 `too_many_entries`: order it by `POST /v1/statement-orders`.  While too many others ask
    for XLSX or PDF it is 503 `busy` with `Retry-After`.
    """
    access = current_access()
    check_account(access, account_id)
    query = read_query(("from", "to", "format", *OPTION_VALUES))
    shape = SHAPES[choose_shape(query)]
    chosen = choose_options(query, shape)
    reading = services().statements.read_statement(account_id, *parse_period(query), viewer_of(access))
    return _respond(reading, shape, chosen)


def _respond(reading: StatementReading, shape: Shape, chosen: Options) -> flask.Response:
    statement = reading.statement
    pieces = while_allowed(shape.begin(reading, chosen), statement.account.id)
    response = flask.Response(pieces, content_type=shape.content_type(chosen))
    if shape.ending:
        response.headers["Content-Disposition"] = f'attachment; filename="{shape.file_name(statement)}"'
    response.headers[AS_OF_HEADER] = format_moment(statement.as_of)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    return response
