"""Payment drafts: send one, follow its fate, take it back."""

from __future__ import annotations

from typing import Any

import flask
import orjson
from flask_smorest import Blueprint

from adapter.api import options, services
from adapter.api.operations import operation
from adapter.api.order_bodies import (
    FILES_DOC,
    JSON,
    KEY_PARAMETER,
    LOCATION_DOC,
    REPLAYED,
    REPLAYED_DOC,
    media_type,
    read_claim,
    read_for_check,
    read_order,
)
from adapter.api.queries import invalid, parameter, parse_number, read_query
from adapter.domain.errors import MalformedBody
from adapter.domain.fates import FatePage
from adapter.domain.payments import Payment, PaymentStatus
from adapter.schemas.payment_shapes import BatchInput, CheckBody, FatesBody, OrderInput, PaymentBody
from adapter.schemas.payments import dump_check, dump_fates, dump_payment
from oauth import Scope, current_access, require

blp = Blueprint("payments", __name__, url_prefix="/v1", description="Payment drafts and their fate")

DEFAULT_LIMIT = 100

LIST_PARAMETERS = [
    parameter("external_id", "only the payment of this id of yours", {"type": "string"}),
    parameter("cursor", "`next_cursor` of the page before; without it from the beginning", {"type": "string"}),
    parameter("limit", "payments in a page", {"type": "integer", "minimum": 1, "default": DEFAULT_LIMIT}),
]
ORDER_BODY = {"required": True, "content": {JSON: {"schema": OrderInput}}}
CHECK_BODY = {
    "required": True,
    "content": {JSON: {"schema": {"anyOf": [OrderInput, BatchInput]}}, **FILES_DOC},
}


@blp.post("/payments")
@blp.doc(**operation(Scope.PAYMENTS, errors=(409, 413, 415, 422), parameters=[KEY_PARAMETER], requestBody=ORDER_BODY))
@blp.response(201, PaymentBody, headers=LOCATION_DOC)
@blp.alt_response(200, schema=PaymentBody, headers=REPLAYED_DOC, description="it was stored before; its present state")
@require(Scope.PAYMENTS)
def submit_payment() -> flask.Response:
    """Send one payment order

    It becomes a draft that the customer signs in the bank.  The same `external_id` is one payment for ever.
    """
    read_query(())
    media_type(JSON)
    claim = read_claim("payment")
    payment, is_new = services().payments.submit(current_access(), claim, read_order())
    if is_new:
        return _answer(dump_payment(payment), 201, {"Location": f"/v1/payments/{payment.id}"})
    return _answer(dump_payment(payment), 200, {REPLAYED: "true"})


@blp.get("/payments")
@blp.doc(**operation(Scope.PAYMENTS, parameters=LIST_PARAMETERS))
@blp.response(200, FatesBody)
@require(Scope.PAYMENTS)
def list_payments() -> flask.Response:
    """Read whose fate changed

    Payments whose status or other facts changed since the cursor, each once, in its present state; or the payment of
    one `external_id`, if there is one.
    """
    query = read_query(("external_id", "cursor", "limit"))
    external_id = query.get("external_id")
    if external_id is not None and len(query) > 1:
        raise invalid("external_id", "not_with_others", "external_id не сочетается с другими параметрами")
    if external_id is not None:
        return _answer(_dump_found(services().payments.find(current_access(), external_id)))
    limit = parse_number(query, "limit", DEFAULT_LIMIT, 1, options().page_limit_max)
    page, next_cursor = services().payments.list_fates(current_access(), query.get("cursor"), limit)
    return _answer(dump_fates(page, next_cursor))


@blp.get("/payments/<payment_id>")
@blp.doc(**operation(Scope.PAYMENTS, errors=(404,)))
@blp.response(200, PaymentBody)
@require(Scope.PAYMENTS)
def read_payment(payment_id: str) -> flask.Response:
    """Read a payment and its fate

    Also of one from an account that the customer took out of the consent since.
    """
    read_query(())
    return _answer(dump_payment(services().payments.read(current_access(), payment_id)))


@blp.post("/payments/check")
@blp.doc(**operation(Scope.PAYMENTS, errors=(413, 415, 422), requestBody=CHECK_BODY))
@blp.response(200, CheckBody)
@require(Scope.PAYMENTS)
def check_payments() -> flask.Response:
    """Check orders

    The same check as when sending: one order, a batch, or a file of 1C or pain.001.  Nothing is stored.
    """
    read_query(())
    return _answer(dump_check(services().payments.check(current_access(), read_for_check())))


@blp.post("/payments/<payment_id>/cancellation")
@blp.doc(**operation(Scope.PAYMENTS, errors=(404, 409, 413, 422, 503), parameters=[KEY_PARAMETER]))
@blp.response(200, PaymentBody)
@blp.alt_response(202, schema=PaymentBody, description="the bank is being asked; follow the payment's status")
@require(Scope.PAYMENTS)
def cancel_payment(payment_id: str) -> flask.Response:
    """Take a payment back

    Works while the customer has not signed it, and the account is still in the consent (else 404).  A repetition of
    the request answers 409 `not_cancellable` once the customer was faster.
    """
    read_query(())
    if flask.request.get_data() not in (b"", b"{}"):
        raise MalformedBody("a cancellation has no body")
    payment = services().payments.cancel(current_access(), read_claim("cancellation", payment_id), payment_id)
    return _answer(dump_payment(payment), 200 if payment.status is PaymentStatus.CANCELLED else 202)


def _dump_found(payment: Payment | None) -> dict[str, Any]:
    """A list of one or none has the shape of every list; there is nothing after it."""
    page = FatePage(payments=[payment] if payment else [], number=0, has_more=False)
    return {**dump_fates(page, ""), "next_cursor": None}


def _answer(body: dict[str, Any], status: int = 200, headers: dict[str, str] | None = None) -> flask.Response:
    response = flask.Response(orjson.dumps(body), status, content_type=JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response
