"""How every error leaves the API: RFC 9457 problem details, from one table.

`type` is the address of the error's description in `/docs/errors`; `code` is stable and machine-readable; `title` and
`detail` speak English to developers, the messages inside `errors` speak Russian to accountants.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import flask
import orjson
import structlog
from werkzeug.exceptions import HTTPException

from adapter.domain import errors as domain
from adapter.domain.errors import AdapterError, FieldError
from adapter.domain.telling import limit_errors
from adapter.schemas.problems import dump_field_error

log = structlog.get_logger("adapter.errors")

PROBLEM_JSON = "application/problem+json"


@dataclass(frozen=True, slots=True)
class Answer:
    """What the table says of one error."""

    status: int
    title: str
    retry_after_s: int | None = None


ANSWERS: Mapping[type[AdapterError], Answer] = {
    domain.NotFound: Answer(404, "Not found"),
    domain.BadCursor: Answer(400, "The cursor is not one that this feed gave"),
    domain.CursorExpired: Answer(410, "The feed was rebuilt; go on as `restart` says"),
    domain.InvalidQuery: Answer(400, "Query parameters are not valid"),
    domain.MalformedBody: Answer(400, "The body cannot be read"),
    domain.BadIdempotencyKey: Answer(400, "The header Idempotency-Key is needed, once"),
    domain.InvalidOrders: Answer(422, "Payment orders break rules"),
    domain.UnreadableFile: Answer(422, "The file cannot be read"),
    domain.TooManyEntries: Answer(422, "The statement is too long for this shape"),
    domain.Busy: Answer(503, "The server is busy with other statements of this shape", retry_after_s=2),
    domain.IdempotencyKeyReused: Answer(422, "The idempotency key was used with another body"),
    domain.RequestInProgress: Answer(409, "The first request with this key is still running", retry_after_s=1),
    domain.ExternalIdTaken: Answer(409, "The external id names another payment"),
    domain.NotCancellable: Answer(409, "The payment can no longer be withdrawn"),
    domain.InvalidStatementOrder: Answer(422, "The statement cannot be ordered so"),
    domain.TooManyStatementOrders: Answer(429, "Too many ordered statements", retry_after_s=10),
    domain.StatementNotReady: Answer(409, "The statement is not ready", retry_after_s=2),
    domain.StatementFailed: Answer(409, "The statement could not be made"),
    domain.StatementExpired: Answer(410, "The file is no longer kept"),
    domain.CoreCallRefused: Answer(401, "The call is not signed by the core as it must be"),
    domain.Recovering: Answer(503, "The bank's records are being recovered", retry_after_s=30),
    domain.CoreUnavailable: Answer(503, "The bank's core does not answer", retry_after_s=5),
    domain.MarkUnknown: Answer(503, "The bank's core does not answer", retry_after_s=5),
    domain.CoreAnswerWrong: Answer(503, "The bank's core does not answer", retry_after_s=5),
}

# Errors that HTTP itself knows, by status: code and title.
HTTP_ERRORS: Mapping[int, tuple[str, str]] = {
    400: ("bad_request", "The request cannot be understood"),
    401: ("unauthorized", "The access token is missing or not valid"),
    403: ("forbidden", "The token does not allow this"),
    404: ("not_found", "Not found"),
    405: ("method_not_allowed", "This method is not allowed here"),
    406: ("not_acceptable", "None of the accepted media types can be made"),
    408: ("request_timeout", "The request took too long to arrive"),
    409: ("conflict", "The request conflicts with the present state"),
    411: ("length_required", "Content-Length is required"),
    412: ("precondition_failed", "The file is not the one that was named"),
    413: ("body_too_large", "The body is too large"),
    414: ("uri_too_long", "The address is too long"),
    415: ("unsupported_media_type", "This media type is not read here"),
    416: ("range_not_satisfiable", "The file has no such bytes"),
    422: ("invalid_fields", "Some fields are not valid"),
    429: ("too_many_requests", "Too many requests"),
    431: ("headers_too_large", "The headers are too large"),
    500: ("internal_error", "Something failed on our side"),
    503: ("unavailable", "The service is not available now"),
}


def problem_response(
    status: int,
    code: str,
    title: str,
    detail: str | None = None,
    errors: Sequence[Mapping[str, Any]] = (),
    headers: Mapping[str, str] | None = None,
    more: Mapping[str, Any] | None = None,
) -> flask.Response:
    """One problem+json answer; optional members are left out when empty, `more` are those of this error alone."""
    body: dict[str, Any] = {"type": f"/docs/errors#{code}", "title": title, "status": status, "code": code}
    body |= more or {}
    if detail:
        body["detail"] = detail
    if request_id := flask.g.get("request_id"):
        body["request_id"] = request_id
    if errors:
        body["errors"] = list(errors)
    response = flask.Response(orjson.dumps(body), status, content_type=PROBLEM_JSON)
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def answer_adapter_error(error: AdapterError) -> flask.Response:
    """The table's answer to one of our own errors."""
    answer = ANSWERS[type(error)]
    field_errors: Sequence[FieldError] = limit_errors(getattr(error, "errors", ()))
    headers = {"Retry-After": str(answer.retry_after_s)} if answer.retry_after_s else {}
    is_ours = not isinstance(error, domain.CoreUnavailable)  # what is wrong between us and the core is for staff
    detail = str(error) if is_ours and not field_errors and str(error) else None
    more = {"restart": _tell_restart(error)} if isinstance(error, domain.CursorExpired) else None
    return problem_response(
        answer.status, error.code, answer.title, detail, [dump_field_error(e) for e in field_errors], headers, more
    )


def _tell_restart(error: domain.CursorExpired) -> dict[str, str | None]:
    """Where reading goes on: the same address, with this cursor or, where it is null, without any."""
    return {"url": flask.request.path, "cursor": error.restart}


def answer_http_error(error: HTTPException) -> flask.Response:
    """An HTTP error of Flask, Werkzeug or flask-smorest; keeps headers such as Allow, drops its HTML."""
    status = error.code or 500
    code, title = HTTP_ERRORS.get(status, ("error", error.name))
    headers = {
        name: value for name, value in error.get_headers() if name.lower() not in {"content-type", "content-length"}
    }
    messages = getattr(error, "data", {}).get("messages") if hasattr(error, "data") else None
    errors = list(_schema_errors(messages)) if isinstance(messages, Mapping) else []
    detail = None if errors else getattr(error, "data", {}).get("message")
    return problem_response(status, code, title, detail, errors, headers)


def _schema_errors(messages: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """webargs says {location: {field: {…: [texts]}}}; a list index is an int key."""
    for location, fields in messages.items():
        prefix = "" if location in {"json", "json_or_form"} else f"#{location}"
        if isinstance(fields, Mapping):
            yield from _walk(prefix, "", fields)
        else:
            yield from _texts(prefix, "", fields)


def _walk(pointer: str, field: str, messages: Mapping[Any, Any]) -> Iterator[dict[str, Any]]:
    for key, value in messages.items():
        inner = pointer if key == "_schema" else f"{pointer}/{str(key).replace('~', '~0').replace('/', '~1')}"
        name = field if key == "_schema" or isinstance(key, int) else f"{field}.{key}".lstrip(".")
        if isinstance(value, Mapping):
            yield from _walk(inner, name, value)
        else:
            yield from _texts(inner, name, value)


def _texts(pointer: str, field: str, texts: Any) -> Iterator[dict[str, Any]]:
    for text in texts if isinstance(texts, list) else [texts]:
        found = {"pointer": pointer, "code": "invalid_field", "message": str(text)}
        yield {**found, "field": field} if field else found


def answer_unexpected(error: Exception) -> flask.Response:
    """A bug or a broken dependency: the cause goes to the log, the caller gets the request id."""
    if isinstance(error, HTTPException):
        return answer_http_error(error)
    log.exception("unexpected error", endpoint=flask.request.endpoint, request_id=flask.g.get("request_id"))
    code, title = HTTP_ERRORS[500]
    return problem_response(500, code, title, "Tell the bank's support the request_id.")
