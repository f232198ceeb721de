"""Bodies that bring payment orders: JSON, the text of 1C or pain.001, with the header that makes a retry harmless."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable, Mapping
from typing import Any

import flask
from werkzeug.exceptions import UnsupportedMediaType

from adapter.api import options
from adapter.api.json_bodies import parse_json
from adapter.domain.errors import BadIdempotencyKey, FieldError, InvalidOrders
from adapter.domain.imports import ImportMode, ImportShape, KeyClaim, OrderLine, ParsedOrders, SentBatch
from adapter.formats import onec_exchange, pain001
from adapter.schemas.orders import load_order

JSON = "application/json"
ONEC = "text/plain"
PAIN_001 = "application/xml"
# Media types of files and who reads them.
READERS: Mapping[str, Callable[[bytes], ParsedOrders]] = {
    ONEC: onec_exchange.parse_orders,
    PAIN_001: pain001.parse_orders,
    "text/xml": pain001.parse_orders,
}
FILES_DOC: Mapping[str, Any] = {
    name: {"schema": {"type": "string", "format": "binary", "description": title}}
    for name, title in ((ONEC, "1CClientBankExchange"), (PAIN_001, "pain.001.001.03 or pain.001.001.09"))
}

KEY = re.compile(r"[!-~]{1,255}")
KEY_PARAMETER: Mapping[str, Any] = {
    "in": "header",
    "name": "Idempotency-Key",
    "required": True,
    "schema": {"type": "string", "pattern": "^[!-~]{1,255}$"},
    "description": "made by you for each new request; a retry with the same key and body gives the same answer",
}
LOCATION_DOC: Mapping[str, Any] = {"Location": {"description": "where to read it again", "schema": {"type": "string"}}}
REPLAYED = "Idempotent-Replayed"
REPLAYED_DOC: Mapping[str, Any] = {
    REPLAYED: {"description": "true where it was stored before", "schema": {"type": "string", "enum": ["true"]}}
}


def read_claim(operation: str, *parts: str) -> KeyClaim:
    """The idempotency key of the present request; `parts` are what the body does not say, such as the mode."""
    keys = flask.request.headers.getlist("Idempotency-Key")
    if len(keys) != 1 or not KEY.fullmatch(keys[0]):
        raise BadIdempotencyKey
    digest = hashlib.sha256("\n".join((operation, *parts, "")).encode())
    digest.update(flask.request.get_data())
    return KeyClaim(key=keys[0], operation=operation, body_sha256=digest.digest())


def media_type(*allowed: str) -> str:
    """The media type of the body; raises UnsupportedMediaType (415) for another."""
    found = flask.request.mimetype
    if found not in allowed:
        raise UnsupportedMediaType
    return found


def read_json() -> Any:
    """The body as JSON; raises MalformedBody."""
    return parse_json(flask.request.get_data())


def read_order() -> OrderLine:
    """One order; raises InvalidOrders where its shape is wrong."""
    errors: list[FieldError] = []
    order = load_order(read_json(), "", errors)
    if order is None:
        raise InvalidOrders(errors)
    return OrderLine(order=order)


def read_batch(mode: ImportMode) -> SentBatch:
    """A batch as JSON or a file; raises InvalidOrders where it is no batch, UnreadableFile where it is no file."""
    if (sent := media_type(JSON, *READERS)) != JSON:
        return _read_file(READERS[sent], mode)
    return load_batch(read_json(), mode)


def read_for_check() -> SentBatch:
    """One order, a batch or a file."""
    if (sent := media_type(JSON, *READERS)) != JSON:
        return _read_file(READERS[sent], ImportMode.ALL_OR_NOTHING)
    body = read_json()
    if isinstance(body, dict) and "payments" in body:
        return load_batch(body, ImportMode.ALL_OR_NOTHING)
    errors: list[FieldError] = []
    order = load_order(body, "", errors)
    return SentBatch(lines=[OrderLine(order=order)] if order else [], errors=errors)


def load_batch(body: Any, mode: ImportMode) -> SentBatch:
    """Read `{"payments": [...]}`; orders that cannot be read are told in `errors`, the others go on."""
    orders = body.get("payments") if isinstance(body, dict) else None
    if not isinstance(orders, list) or set(body) != {"payments"}:
        raise _no_batch("", "not_a_batch", "Ожидается объект с одним полем payments - списком поручений")
    _check_size(len(orders))
    lines: list[OrderLine] = []
    errors: list[FieldError] = []
    for place, data in enumerate(orders):
        pointer = f"/payments/{place}"
        order = load_order(data, pointer, errors)
        if order is not None:
            lines.append(OrderLine(order=order, pointer=pointer))
    return SentBatch(lines=lines, errors=errors, shape=ImportShape.JSON, mode=mode)


def _read_file(parse: Callable[[bytes], ParsedOrders], mode: ImportMode) -> SentBatch:
    parsed = parse(flask.request.get_data())
    if parsed.orders or not parsed.errors:
        _check_size(len(parsed.orders))
    return SentBatch(
        lines=parsed.orders,
        errors=parsed.errors,
        warnings=parsed.warnings,
        shape=parsed.shape,
        mode=mode,
        message=parsed.message,
        unread=parsed.unread,
    )


def _check_size(orders: int) -> None:
    if not orders:
        raise _no_batch("/payments", "empty_batch", "В пакете нет ни одного поручения")
    if orders > options().batch_orders_max:
        most = options().batch_orders_max
        raise _no_batch("/payments", "too_many_orders", f"В пакете больше {most} поручений: {orders}")


def _no_batch(pointer: str, code: str, message: str) -> InvalidOrders:
    return InvalidOrders([FieldError(pointer=pointer, code=code, message=message)])
