"""What people open: the consent page, a customer's connected services, partner applications, the staff's desk.

Server-rendered pages without JavaScript under a strict content security policy; Russian, and English by the browser's
language.  `register_pages` puts them into a Flask application whose context is set.
"""

from __future__ import annotations

from flask import Blueprint, Flask, Response

from oauth.web import admin, apply, authorize, customer, login, statements

STATIC_MAX_AGE_S = 3600


def register_pages(app: Flask) -> None:
    """Register every page of the authorization server."""
    static = Blueprint("oauth_static", __name__, static_folder="static", static_url_path="/oauth/static")
    static.after_request(_add_static_headers)
    for blueprint in (static, login.blueprint, authorize.blueprint, apply.blueprint, admin.blueprint):
        app.register_blueprint(blueprint)
    for blueprint in (customer.blueprint, statements.blueprint):
        app.register_blueprint(blueprint)


def _add_static_headers(response: Response) -> Response:
    response.headers["Cache-Control"] = f"public, max-age={STATIC_MAX_AGE_S}"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response
