"""The statement of a period, in the shape that the partner asks for, streamed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import chain, islice
from typing import Any, Literal, cast

import flask
import orjson
from flask_smorest import Blueprint

from adapter.api import services
from adapter.api.negotiation import choose_shape
from adapter.api.operations import operation
from adapter.api.queries import invalid, parameter, parse_choice, parse_date, read_query
from adapter.api.viewing import AS_OF_DOC, AS_OF_HEADER, check_account, format_moment, viewer_of
from adapter.domain.feeds import StatementReading
from adapter.domain.statements import Statement
from adapter.formats.onec_exchange import render_statement
from adapter.schemas.accounts import AccountBody
from adapter.schemas.statements import StatementBody
from oauth import Scope, current_access, require

blp = Blueprint("statements", __name__, url_prefix="/v1", description="Statements of a period")

ENCODINGS = ("windows-1251", "utf-8")
ENTRIES_PER_CHUNK = 200

PARAMETERS = [
    parameter("from", "first day, by booking date", {"type": "string", "format": "date"}, required=True),
    parameter("to", "last day", {"type": "string", "format": "date"}, required=True),
    parameter("format", "wins over `Accept`", {"type": "string", "enum": ["json", "1c"]}),
    parameter("encoding", "of the 1C text, windows-1251 unless told", {"type": "string", "enum": list(ENCODINGS)}),
]

TEXT_OF_1C = {"type": "string", "description": "1CClientBankExchange, in the encoding of the charset"}

_account_body = AccountBody()


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
    query = read_query(("from", "to", "format", "encoding"))
    shape = choose_shape(query)
    encoding = parse_choice(query, "encoding", ENCODINGS)
    if encoding and shape != "1c":
        raise invalid("encoding", "unknown_parameter", "Кодировка указывается только для формата 1c")
    services().feeds.list_heads([account_id])
    reading = services().statements.read_statement(
        services().accounts.read_account(account_id),
        parse_date(query, "from"),
        parse_date(query, "to"),
        viewer_of(access),
    )
    if shape == "1c":
        return _respond_1c(reading.statement, encoding or ENCODINGS[0])
    return _respond(reading.statement, render_json(reading), "application/json", {})


def _respond_1c(statement: Statement, encoding: str) -> flask.Response:
    chunks = render_statement(statement, cast(Literal["windows-1251", "utf-8"], encoding))
    name = f"statement_{statement.date_from}_{statement.date_to}.txt"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return _respond(statement, chunks, f"text/plain; charset={encoding}", headers)


def _respond(
    statement: Statement, body: Iterable[bytes], content_type: str, headers: Mapping[str, str]
) -> flask.Response:
    response = flask.Response(body, content_type=content_type)
    response.headers.update(headers)
    response.headers[AS_OF_HEADER] = format_moment(statement.as_of)
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    return response


def render_json(reading: StatementReading) -> Iterator[bytes]:
    """The JSON of a statement in pieces; the entries come last, so that a reader knows the totals before them."""
    yield orjson.dumps(_head(reading.statement))[:-1] + b',"entries":['
    texts = iter(reading.entry_texts)
    yield from (first.encode() for first in islice(texts, 1))
    while batch := list(islice(texts, ENTRIES_PER_CHUNK)):
        yield ",".join(chain([""], batch)).encode()
    yield b"]}"


def _head(statement: Statement) -> dict[str, Any]:
    return {
        "account": _account_body.dump(statement.account),
        "from": statement.date_from,
        "to": statement.date_to,
        "currency": statement.account.currency,
        "opening_balance": str(statement.opening_balance),
        "closing_balance": str(statement.closing_balance),
        "total_credits": str(statement.total_credits),
        "total_debits": str(statement.total_debits),
        "as_of": format_moment(statement.as_of),
        "complete_through": statement.complete_through,
    }
