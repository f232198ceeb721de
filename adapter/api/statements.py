"""The statement of a period, in the shape that the partner asks for, streamed."""

from __future__ import annotations

import flask
from flask_smorest import Blueprint

from adapter.api import services
from adapter.api.negotiation import OPTION_VALUES, choose_options, choose_shape
from adapter.api.operations import operation
from adapter.api.queries import parameter, parse_date, read_query
from adapter.api.shapes import SHAPES, Options, Shape
from adapter.api.viewing import AS_OF_DOC, AS_OF_HEADER, check_account, format_moment, viewer_of
from adapter.domain.feeds import StatementReading
from adapter.schemas.statements import StatementBody
from oauth import Scope, current_access, require

blp = Blueprint("statements", __name__, url_prefix="/v1", description="Statements of a period")

PARAMETERS = [
    parameter("from", "first day, by booking date", {"type": "string", "format": "date"}, required=True),
    parameter("to", "last day", {"type": "string", "format": "date"}, required=True),
    parameter("format", "wins over `Accept`", {"type": "string", "enum": list(SHAPES)}),
    *(
        parameter(name, "for the shapes that know it", {"type": "string", "enum": list(values)})
        for name, values in OPTION_VALUES.items()
    ),
]

TEXT_OF_1C = {"type": "string", "description": "1CClientBankExchange, in the encoding of the charset"}


@blp.get("/accounts/<account_id>/statement")
@blp.doc(**operation(Scope.STATEMENTS, errors=(404, 406, 503), parameters=PARAMETERS))
@blp.response(200, StatementBody, headers=AS_OF_DOC)
@blp.alt_response(200, schema=TEXT_OF_1C, content_type="text/plain", headers=AS_OF_DOC)
@require(Scope.STATEMENTS)
def read_statement(account_id: str) -> flask.Response:
    """Read the statement of a period

    As JSON, or as the text that 1C reads (`format=1c` or `Accept: text/plain`).  Entries come in the order of their
    booking dates; they and the totals are one frozen state, however long the reading takes.
    """
    access = current_access()
    check_account(access, account_id)
    query = read_query(("from", "to", "format", *OPTION_VALUES))
    shape = SHAPES[choose_shape(query)]
    chosen = choose_options(query, shape)
    services().feeds.list_heads([account_id])
    reading = services().statements.read_statement(
        services().accounts.read_account(account_id),
        parse_date(query, "from"),
        parse_date(query, "to"),
        viewer_of(access),
    )
    return _respond(reading, shape, chosen)


def _respond(reading: StatementReading, shape: Shape, chosen: Options) -> flask.Response:
    statement = reading.statement
    response = flask.Response(shape.render(reading, chosen), content_type=shape.content_type(chosen))
    if shape.ending:
        name = f"statement_{statement.date_from}_{statement.date_to}.{shape.ending}"
        response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    response.headers[AS_OF_HEADER] = format_moment(statement.as_of)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    return response
