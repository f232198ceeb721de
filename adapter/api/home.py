"""The first page: where a developer, a customer and an employee go on from here."""

from __future__ import annotations

import flask

from adapter.api import options

CSP = (
    "default-src 'none'; style-src 'self'; font-src 'self'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)

bp = flask.Blueprint("home", __name__, template_folder="templates")


@bp.get("/")
def show() -> flask.Response:
    """Links to every page of the product; the sandbox bank is named only where there is one."""
    has_sandbox = "sandbox" in flask.current_app.blueprints
    page = flask.render_template("api/home.html", bank_name=options().bank_name, has_sandbox=has_sandbox)
    response = flask.make_response(page)
    response.headers["Content-Security-Policy"] = CSP
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
