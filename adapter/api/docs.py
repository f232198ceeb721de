"""The API's own documentation: the OpenAPI 3.1 document and a page that shows it, offline, under a strict CSP."""

from __future__ import annotations

from typing import Any

import flask
from flask_smorest import Api

from adapter.api import errors, options

OPENAPI_CONFIG: dict[str, Any] = {
    "API_TITLE": "Bank adapter",
    "API_VERSION": "v1",
    "OPENAPI_VERSION": "3.1.0",
    "OPENAPI_URL_PREFIX": "/",
    "OPENAPI_JSON_PATH": "openapi.json",
}

DESCRIPTION = """\
Statements and payment drafts of a bank's customers for trusted accounting services.

Money is a decimal string with two places (`"1500.00"`); dates are Moscow business dates; moments are RFC 3339 with an
offset.  Errors are RFC 9457 problem details.  Clients must ignore members that they do not know: v1 only grows.
"""

# Swagger UI sets style attributes; it draws its icons from data: URIs and needs nothing from outside.
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

bp = flask.Blueprint(
    "docs", __name__, template_folder="templates", static_folder="static", static_url_path="/docs/static"
)


def describe(api: Api) -> None:
    """Put into the document what no view says: how to authenticate, and the servers."""
    api.spec.options["info"] = {"description": DESCRIPTION}
    api.spec.options["servers"] = [{"url": "/", "description": "this bank"}]
    api.spec.components.security_scheme(
        "oauth2",
        {
            "type": "oauth2",
            "flows": {
                "authorizationCode": {
                    "authorizationUrl": "/oauth/authorize",
                    "tokenUrl": "/oauth/token",
                    "refreshUrl": "/oauth/token",
                    "scopes": {
                        "statements": "accounts, balances, entries, statements",
                        "payments": "drafts of payment orders and their fate",
                    },
                }
            },
        },
    )


@bp.get("/docs")
def show() -> flask.Response:
    """The documentation page."""
    return _page("docs.html", bank_url=options().issuer)


@bp.get("/docs/errors")
def show_errors() -> flask.Response:
    """Every error code: what `type` in a problem points to."""
    rows = [(kind.code, answer.status, answer.title, kind.__doc__ or "") for kind, answer in errors.ANSWERS.items()]
    rows += [(code, status, title, "") for status, (code, title) in errors.HTTP_ERRORS.items()]
    unique = {row[0]: row for row in reversed(rows)}
    return _page("errors.html", rows=sorted(unique.values(), key=lambda row: (row[1], row[0])))


def _page(template: str, **values: Any) -> flask.Response:
    response = flask.make_response(flask.render_template(f"api/{template}", **values))
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
