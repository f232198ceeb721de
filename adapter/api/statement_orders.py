"""Statements of long periods: ordered, made in the background, fetched as files that can be resumed."""

from __future__ import annotations

import base64
from collections.abc import Iterable, Mapping
from typing import Any

import flask
import orjson
from flask_smorest import Blueprint

from adapter.api import services
from adapter.api.negotiation import OPTION_VALUES
from adapter.api.operations import operation
from adapter.api.order_bodies import (
    JSON,
    KEY_PARAMETER,
    LOCATION_DOC,
    REPLAYED,
    REPLAYED_DOC,
    media_type,
    read_claim,
    read_json,
)
from adapter.api.queries import read_query
from adapter.api.ranges import Selection, is_known, select_bytes
from adapter.api.shapes import SHAPES
from adapter.api.stopping import while_allowed
from adapter.api.viewing import AS_OF_HEADER, format_moment
from adapter.domain.errors import FieldError, InvalidStatementOrder
from adapter.domain.statement_orders import StatementFile, StatementOrder, StatementWish
from adapter.schemas.statement_orders import body_with, dump_statement_order, input_with, load_wish
from oauth import Scope, current_access, require

blp = Blueprint("statement_orders", __name__, url_prefix="/v1", description="Statements made in the background")

RETRY_AFTER_S = 2
BODY_BYTES_MAX = 16 * 1024

OrderInput = input_with(list(SHAPES), OPTION_VALUES)
OrderBody = body_with(OPTION_VALUES)
_order_input = OrderInput()
_options_of = {name: shape.options for name, shape in SHAPES.items()}

RETRY_DOC: Mapping[str, Any] = {
    "Retry-After": {
        "description": "seconds until the next question; there only while it is being made",
        "schema": {"type": "integer"},
    }
}
RANGE_PARAMETERS = [
    {"in": "header", "name": name, "description": description, "schema": {"type": "string"}}
    for name, description in (
        ("Range", "one range of bytes, as `bytes=1048576-`; several are answered with the whole file"),
        ("If-Range", "the ETag of the first part: should the file be another by now, it comes whole"),
        ("If-None-Match", "the ETag of a file that you have"),
    )
]
TEXT = {"type": "string"}
FILE_HEADERS = {
    "ETag": {"description": "strong; the SHA-256 of the file", "schema": TEXT},
    "Repr-Digest": {"description": "`sha-256=:…:` of the whole file (RFC 9530), also beside a part", "schema": TEXT},
    "Accept-Ranges": {"description": "bytes", "schema": TEXT},
    "Content-Disposition": {"description": "the file's name", "schema": TEXT},
    AS_OF_HEADER: {
        "description": "the moment that the core vouches for",
        "schema": {"type": "string", "format": "date-time"},
    },
}
FILE_CONTENT = {shape.media_type: {"schema": {"type": "string", "format": "binary"}} for shape in SHAPES.values()}
PART_HEADERS = FILE_HEADERS | {"Content-Range": {"description": "which bytes these are", "schema": TEXT}}
FILE_ANSWERS = {
    "200": {"description": "The whole file", "headers": FILE_HEADERS, "content": FILE_CONTENT},
    "206": {"description": "The part that was asked for", "headers": PART_HEADERS, "content": FILE_CONTENT},
    "304": {"description": "You have it already"},
}


@blp.post("/statement-orders")
@blp.doc(
    **operation(
        Scope.STATEMENTS,
        errors=(404, 409, 413, 415, 422, 429),
        parameters=[KEY_PARAMETER],
        requestBody={"required": True, "content": {JSON: {"schema": OrderInput}}},
    )
)
@blp.response(202, OrderBody, headers={**LOCATION_DOC, **RETRY_DOC})
@blp.alt_response(
    200, schema=OrderBody, headers={**REPLAYED_DOC, **RETRY_DOC}, description="it was ordered before; its present state"
)
@require(Scope.STATEMENTS)
def order_statement() -> flask.Response:
    """Order a statement

    It is made in the background: ask for its status until it is `ready`, then fetch the file.  The file is kept until
    `expires_at`, for this consent alone.
    """
    read_query(())
    media_type(JSON)
    flask.request.max_content_length = BODY_BYTES_MAX
    access = current_access()
    claim = read_claim("statement-order", access.consent_id)
    order, is_new = services().statement_orders.order(access, claim, _read_wish())
    if is_new:
        return _answer(order, 202, {"Location": f"/v1/statement-orders/{order.id}"})
    return _answer(order, 200, {REPLAYED: "true"})


@blp.get("/statement-orders/<order_id>")
@blp.doc(**operation(Scope.STATEMENTS, errors=(404,)))
@blp.response(200, OrderBody, headers=RETRY_DOC)
@require(Scope.STATEMENTS)
def read_order(order_id: str) -> flask.Response:
    """Read how far an ordered statement is"""
    read_query(())
    return _answer(services().statement_orders.read(current_access(), order_id), 200, {})


@blp.get("/statement-orders/<order_id>/file")
@blp.doc(
    **operation(Scope.STATEMENTS, errors=(404, 409, 410, 416), parameters=RANGE_PARAMETERS, responses=FILE_ANSWERS)
)
@require(Scope.STATEMENTS)
def read_file(order_id: str) -> flask.Response:
    """Fetch the file of an ordered statement

    A download that broke off goes on with `Range` and `If-Range`; compare the SHA-256 of the whole at the end.
    """
    read_query(())
    order, file = services().statement_orders.open_file(current_access(), order_id)
    etag = file.sha256.hex()
    if is_known(etag):
        return _with_file_headers(flask.Response(status=304), file)
    selection = select_bytes(etag, file.size)
    return _with_file_headers(_send(order, file, selection), file)


def _read_wish() -> StatementWish:
    errors: list[FieldError] = []
    wish = load_wish(read_json(), _order_input, _options_of, errors)
    if wish is None:
        raise InvalidStatementOrder(errors)
    return wish


def _answer(order: StatementOrder, status: int, headers: dict[str, str]) -> flask.Response:
    response = flask.Response(orjson.dumps(dump_statement_order(order)), status, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers)
    if order.status.is_unfinished:
        response.headers["Retry-After"] = str(RETRY_AFTER_S)
    return response


def _send(order: StatementOrder, file: StatementFile, selection: Selection) -> flask.Response:
    pieces: Iterable[bytes] = ()
    if flask.request.method != "HEAD":
        pieces = services().statement_orders.read_pieces(order, selection.first, selection.end)
        pieces = while_allowed(pieces, order.wish.account_id, recheck_s=0)  # one query for a piece of a megabyte
    response = flask.Response(pieces, 206 if selection.is_part else 200, content_type=file.media_type)
    response.headers["Content-Length"] = str(selection.end - selection.first)
    if selection.is_part:
        response.headers["Content-Range"] = selection.content_range
    return response


def _with_file_headers(response: flask.Response, file: StatementFile) -> flask.Response:
    response.set_etag(file.sha256.hex())
    response.headers["Accept-Ranges"] = "bytes"
    response.headers["Content-Disposition"] = f'attachment; filename="{file.name}"'
    response.headers["Repr-Digest"] = f"sha-256=:{base64.b64encode(file.sha256).decode()}:"
    response.headers[AS_OF_HEADER] = format_moment(file.as_of)
    response.headers["Cache-Control"] = "no-store"
    return response
