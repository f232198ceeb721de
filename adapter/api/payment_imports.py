"""Batches of payment orders, as JSON or as the text file of an accounting program."""

from __future__ import annotations

import flask
import orjson
from flask_smorest import Blueprint

from adapter.api import services
from adapter.api.operations import operation
from adapter.api.order_bodies import (
    JSON,
    KEY_PARAMETER,
    LOCATION_DOC,
    ONEC,
    REPLAYED,
    REPLAYED_DOC,
    read_batch,
    read_claim,
)
from adapter.api.queries import parameter, parse_choice, read_query
from adapter.domain.imports import ImportMode, PaymentImport
from adapter.schemas.payment_shapes import BatchInput, ImportBody
from adapter.schemas.payments import dump_import
from oauth import Scope, current_access, require

blp = Blueprint("payment_imports", __name__, url_prefix="/v1", description="Batches of payment orders")

MODES = tuple(mode.value for mode in ImportMode)
MODE_PARAMETER = parameter(
    "mode", "one broken rule and nothing is stored, or store the good ones", {"type": "string", "enum": list(MODES)}
)
BODY = {
    "required": True,
    "content": {JSON: {"schema": BatchInput}, ONEC: {"schema": {"type": "string", "format": "binary"}}},
}


@blp.post("/payment-imports")
@blp.doc(
    **operation(
        Scope.PAYMENTS, errors=(409, 413, 415, 422), parameters=[KEY_PARAMETER, MODE_PARAMETER], requestBody=BODY
    )
)
@blp.response(202, ImportBody, headers=LOCATION_DOC)
@blp.alt_response(200, schema=ImportBody, headers=REPLAYED_DOC, description="it was stored before; its present state")
@require(Scope.PAYMENTS)
def import_payments() -> flask.Response:
    """Send a batch

    Every broken rule of every order is told at once, with its place in the batch or its line in the file.
    """
    query = read_query(("mode",))
    mode = ImportMode(parse_choice(query, "mode", MODES) or ImportMode.ALL_OR_NOTHING)
    claim = read_claim("import", mode, flask.request.mimetype)
    batch, is_new = services().payments.import_batch(current_access(), claim, read_batch(mode))
    if is_new:
        return _answer(batch, 202, {"Location": f"/v1/payment-imports/{batch.id}"})
    return _answer(batch, 200, {REPLAYED: "true"})


@blp.get("/payment-imports/<import_id>")
@blp.doc(**operation(Scope.PAYMENTS, errors=(404,)))
@blp.response(200, ImportBody)
@require(Scope.PAYMENTS)
def read_import(import_id: str) -> flask.Response:
    """Read a batch and what became of each order"""
    read_query(())
    return _answer(services().payments.read_import(current_access(), import_id), 200, {})


def _answer(batch: PaymentImport, status: int, headers: dict[str, str]) -> flask.Response:
    response = flask.Response(orjson.dumps(dump_import(batch)), status, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers)
    return response
