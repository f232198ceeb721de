"""The application that serves a core: its errors, its document, and who may call."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import flask
import orjson
import structlog
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from adapter.connectors.compact_tokens import BadToken
from adapter.connectors.gateway import accounts, documents, statements, status
from adapter.connectors.gateway.callers import CallerCheck
from adapter.connectors.key_sets import KeysUnavailable
from adapter.domain.errors import CoreUnavailable, MarkUnknown
from adapter.ports import Clock, CoreBanking
from adapter.schemas.core_gateway.members import WrongShape
from adapter.schemas.core_gateway.shapes.choices import CHOICES
from adapter.schemas.core_gateway.shapes.hints import HintBody
from adapter.schemas.core_gateway.shapes.status import ProblemBody

log = structlog.get_logger("adapter.core_gateway")

BODY_BYTES_MAX = 64 * 1024 * 1024
RETRY_AFTER_S = 2
PREFIX = "/core/v1"
CONFIG: dict[str, Any] = {
    "API_TITLE": "Core gateway",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/core",
    "OPENAPI_JSON_PATH": "openapi.json",
}
DESCRIPTION = """\
What a bank's core serves, so that the adapter can stand beside it.  `core-gateway.md` explains it.

Money is a decimal string (`"1500.00"`), dates are Moscow business dates, moments are RFC 3339 with an offset, errors
are RFC 9457 problem details.  Members that are not known are passed over: both sides may grow.
"""


HINT = {
    "summary": "Something is new",
    "description": "POST /core/hints at the adapter, signed by the core, each token once.  Never needed but welcome.",
    "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/HintBody"}}}},
    "responses": {
        "202": {"description": "taken"},
        "401": {"description": "not signed as it must be, too old, or used before"},
    },
}
WEBHOOKS = {"hint": {"post": HINT}}


@dataclass(frozen=True, slots=True, kw_only=True)
class Served:
    """What the views answer from."""

    core: CoreBanking
    clock: Clock
    callers: CallerCheck | None


class GatewayApi(Api):  # type: ignore[misc]  # flask-smorest is untyped
    """flask-smorest with problem+json."""

    ERROR_SCHEMA = ProblemBody

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"  # only the error components
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def handle_http_exception(self, error: HTTPException) -> flask.Response:
        return _problem(error.code or 500, (error.name or "error").lower().replace(" ", "_"), error.name)


def init_app(app: flask.Flask, core: CoreBanking, clock: Clock, callers: CallerCheck | None) -> None:
    """Serve the core under /core/v1; `callers` None lets everybody call, for a bank that trusts its network."""
    app.config.update(MAX_CONTENT_LENGTH=BODY_BYTES_MAX)
    app.extensions["core_gateway"] = Served(core=core, clock=clock, callers=callers)
    _register(app)
    app.before_request(_check_caller)
    app.register_error_handler(WrongShape, _answer_wrong_shape)
    app.register_error_handler(CoreUnavailable, _answer_unavailable)
    app.register_error_handler(MarkUnknown, _answer_mark_unknown)
    app.register_error_handler(BadToken, _answer_bad_token)
    app.register_error_handler(KeysUnavailable, _answer_unavailable)


def openapi_document() -> bytes:
    """The document as committed in api_specs/core-gateway.openapi.json."""
    app = flask.Flask("core_gateway")
    _register(app)
    answer = app.test_client().get("/core/openapi.json")
    return orjson.dumps(answer.get_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def _register(app: flask.Flask) -> None:
    app.config.update(CONFIG)
    api = GatewayApi(app)
    api.spec.options["info"] = {"description": DESCRIPTION}
    api.spec.components.security_scheme(
        "signed_call", {"type": "http", "scheme": "bearer", "bearerFormat": "JWT of this one request"}
    )
    api.spec.components.security_scheme("mutual_tls", {"type": "mutualTLS"})
    api.spec.options["security"] = [{"signed_call": []}, {"mutual_tls": []}]
    api.spec.components.schema("HintBody", schema=HintBody)
    api.spec.options["webhooks"] = WEBHOOKS
    for part in (status, accounts, statements, documents):
        api.register_blueprint(part.blp)
    for name, alternatives in CHOICES.items():
        api.spec.components.schemas[name]["oneOf"] = alternatives


def _check_caller() -> None:
    served: Served = flask.current_app.extensions["core_gateway"]
    if served.callers is not None and flask.request.path.startswith(f"{PREFIX}/"):
        served.callers.check(flask.request)


def _answer_wrong_shape(error: WrongShape) -> flask.Response:
    return _problem(422, "invalid_body", "The request breaks its contract", str(error))


def _answer_unavailable(error: Exception) -> flask.Response:
    log.warning("the core does not answer", error=str(error))
    return _problem(
        503,
        "unavailable",
        "The core is not available now; nothing was done",
        headers={"Retry-After": str(RETRY_AFTER_S)},
    )


def _answer_mark_unknown(error: MarkUnknown) -> flask.Response:
    return _problem(410, error.code, "The core does not know this mark; read from the beginning")


def _answer_bad_token(error: BadToken) -> flask.Response:
    log.warning("a call is refused", why=str(error), path=flask.request.path.split("/")[3:4])
    return _problem(401, "unauthorized", "The call is not signed as it must be", headers={"WWW-Authenticate": "Bearer"})


def _problem(
    status: int, code: str, title: str, detail: str | None = None, headers: Mapping[str, str] | None = None
) -> flask.Response:
    found = {"type": "about:blank", "title": title, "status": status, "code": code}
    body = orjson.dumps({**found, "detail": detail} if detail else found)
    response = flask.Response(body, status, content_type="application/problem+json")
    response.headers.update(headers or {})
    return response
