"""HTTP in: one thin blueprint per resource, one table of errors, one document.

A view is decorators that state its contract and a few lines: check the access, one call of a service.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module

import flask
from flask_smorest import Api
from werkzeug.exceptions import HTTPException

from adapter.domain.errors import AdapterError
from adapter.ports import CoreDesk
from adapter.services import Services

RESOURCES = ("accounts", "changes", "statements", "statement_orders", "payments", "payment_imports", "consent")

HealthCheck = Callable[[], Mapping[str, str]]  # what is wrong, by check; empty when all is well
Measures = Callable[[], Mapping[str, float]]  # figures for monitoring, by name


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiOptions:
    """What the views need beside the services."""

    issuer: str
    bank_name: str
    page_limit_max: int
    feed_wait_max_s: float
    feed_waiters_max: int
    body_bytes_max: int
    batch_orders_max: int


@dataclass(frozen=True, slots=True)
class _Extension:
    services: Services
    options: ApiOptions
    health_check: HealthCheck
    measures: Measures
    core_desk: CoreDesk


def services() -> Services:
    """The use cases of the present application."""
    return _extension().services


def options() -> ApiOptions:
    """Limits of the present application."""
    return _extension().options


def health_check() -> HealthCheck:
    """The readiness check of the present application."""
    return _extension().health_check


def measures() -> Measures:
    """What `/metrics` tells beside the requests of the present application."""
    return _extension().measures


def core_desk() -> CoreDesk:
    """Where the core turns to the present application by itself."""
    return _extension().core_desk


def init_app(
    app: flask.Flask,
    services: Services,
    options: ApiOptions,
    *,
    health_check: HealthCheck,
    measures: Measures,
    core_desk: CoreDesk,
) -> None:
    """Register every resource, the error table, the document, health, and where the core calls."""
    from adapter.api import core_calls, docs, errors, health, home, requests

    app.extensions["bank_adapter"] = _Extension(services, options, health_check, measures, core_desk)
    app.config.update(docs.OPENAPI_CONFIG)
    requests.init_app(app)
    api = BankApi(app)
    docs.describe(api)
    for resource in RESOURCES:
        api.register_blueprint(import_module(f"adapter.api.{resource}").blp)
    app.register_blueprint(docs.bp)
    app.register_blueprint(home.bp)
    app.register_blueprint(health.bp)
    app.register_blueprint(core_calls.bp)
    app.register_error_handler(AdapterError, errors.answer_adapter_error)
    app.register_error_handler(Exception, errors.answer_unexpected)


class BankApi(Api):  # type: ignore[misc]  # flask-smorest is untyped
    """flask-smorest with our error body: problem+json, headers such as Allow kept (its own handler drops them)."""

    def __init__(self, app: flask.Flask) -> None:
        from adapter.schemas.problems import Problem

        self.ERROR_SCHEMA = Problem
        super().__init__(app)

    def _register_responses(self) -> None:
        self.DEFAULT_RESPONSE_CONTENT_TYPE = "application/problem+json"  # only the error components
        super()._register_responses()
        del self.DEFAULT_RESPONSE_CONTENT_TYPE

    def handle_http_exception(self, error: HTTPException) -> flask.Response:
        from adapter.api.errors import answer_http_error

        return answer_http_error(error)


def unavailable() -> flask.Response:
    """The answer while something that we stand on does not work; the caller may ask again."""
    from adapter.api.errors import HTTP_ERRORS, problem_response

    code, title = HTTP_ERRORS[503]
    return problem_response(503, code, title, headers={"Retry-After": "5"})


def _extension() -> _Extension:
    found: _Extension = flask.current_app.extensions["bank_adapter"]
    return found


__all__: Sequence[str] = (
    "ApiOptions",
    "HealthCheck",
    "Measures",
    "core_desk",
    "health_check",
    "init_app",
    "measures",
    "options",
    "services",
    "unavailable",
)
