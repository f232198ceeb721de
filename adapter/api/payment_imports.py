"""Batches of payment orders: JSON or the file of an accounting program in, their fate as JSON or pain.002 out."""

from __future__ import annotations

from collections.abc import Mapping

import flask
import orjson
from flask_smorest import Blueprint
from werkzeug.exceptions import NotAcceptable

from adapter.api import services
from adapter.api.operations import operation
from adapter.api.order_bodies import (
    FILES_DOC,
    JSON,
    KEY_PARAMETER,
    LOCATION_DOC,
    REPLAYED,
    REPLAYED_DOC,
    read_batch,
    read_claim,
)
from adapter.api.queries import parameter, parse_choice, read_query
from adapter.domain.imports import ImportMode, PaymentImport
from adapter.formats.pain002 import render_status_report
from adapter.schemas.payment_shapes import BatchInput, ImportBody
from adapter.schemas.payments import dump_import
from oauth import Scope, current_access, require

blp = Blueprint("payment_imports", __name__, url_prefix="/v1", description="Batches of payment orders")

MODES = tuple(mode.value for mode in ImportMode)
MODE_PARAMETER = parameter(
    "mode", "one broken rule and nothing is stored, or store the good ones", {"type": "string", "enum": list(MODES)}
)
FATE_SHAPES = {"json": JSON, "pain002": "application/xml"}
FATE_PARAMETER = parameter("format", "wins over `Accept`", {"type": "string", "enum": list(FATE_SHAPES)})
PAIN_002_DOC = {"type": "string", "format": "binary", "description": "pain.002.001.10; .03 for a pain.001.001.03"}
BODY = {"required": True, "content": {JSON: {"schema": BatchInput}, **FILES_DOC}}


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

    Every broken rule of every order is told at once, with its place in the batch or its line in the file.  A pain.001
    whose counts or control sums differ from its orders is damaged and refused whole, in both modes.
    """
    query = read_query(("mode",))
    mode = ImportMode(parse_choice(query, "mode", MODES) or ImportMode.ALL_OR_NOTHING)
    claim = read_claim("import", mode, flask.request.mimetype)
    batch, is_new = services().payments.import_batch(current_access(), claim, read_batch(mode))
    if is_new:
        return _answer(batch, 202, {"Location": f"/v1/payment-imports/{batch.id}"})
    return _answer(batch, 200, {REPLAYED: "true"})


@blp.get("/payment-imports/<import_id>")
@blp.doc(**operation(Scope.PAYMENTS, errors=(404, 406), parameters=[FATE_PARAMETER]))
@blp.response(200, ImportBody)
@blp.alt_response(200, schema=PAIN_002_DOC, content_type=FATE_SHAPES["pain002"])
@require(Scope.PAYMENTS)
def read_import(import_id: str) -> flask.Response:
    """Read a batch and what became of each order

    As JSON, or as the status report pain.002 of ISO 20022, also of a batch that came in another shape.
    """
    shape = _choose_fate_shape(read_query(("format",)))
    batch = services().payments.read_import(current_access(), import_id)
    if shape == "json":
        return _answer(batch, 200, {})
    return _report(batch)


def _choose_fate_shape(query: Mapping[str, str]) -> str:
    """Raises InvalidQuery for an unknown `format`, NotAcceptable for an `Accept` without ours."""
    named = parse_choice(query, "format", FATE_SHAPES)
    if named or "Accept" not in flask.request.headers:
        return named or "json"
    best = flask.request.accept_mimetypes.best_match(FATE_SHAPES.values())
    for name, media_type in FATE_SHAPES.items():
        if media_type == best:
            return name
    raise NotAcceptable


def _report(batch: PaymentImport) -> flask.Response:
    report = render_status_report(batch, services().payments.clock.now())
    response = flask.Response(report, content_type=FATE_SHAPES["pain002"])
    response.headers["Content-Disposition"] = f'attachment; filename="pain002_{batch.id}.xml"'
    response.headers["Cache-Control"] = "no-store"
    response.headers["Vary"] = "Accept"
    return response


def _answer(batch: PaymentImport, status: int, headers: dict[str, str]) -> flask.Response:
    response = flask.Response(orjson.dumps(dump_import(batch)), status, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers)
    return response
