"""What keeps other sites out of the service's pages: a token in every form, own paths only, security headers."""

from __future__ import annotations

import hmac
import secrets

import flask
from werkzeug.wrappers import Response

POLICY = "default-src 'none'; style-src 'self'; img-src 'self' data:; base-uri 'none'; frame-ancestors 'none'"


def form_token() -> str:
    """The token of this browser's session, for the hidden field of each form."""
    token: str = flask.session.setdefault("form_token", secrets.token_urlsafe(24))
    return token


def check_form_token() -> None:
    """Answer 403 to a form that another site made."""
    if flask.request.method == "POST":
        sent, kept = flask.request.form.get("form_token", ""), flask.session.get("form_token", "")
        if not kept or not hmac.compare_digest(sent.encode(), kept.encode()):
            flask.abort(403)


def own_path(path: str) -> str:
    """The path if it is one of ours, else the front page: a form never sends the browser to another site."""
    is_own = path.startswith("/") and not path.startswith(("//", "/\\"))
    return path if is_own else "/"


def harden(response: Response) -> Response:
    """Headers of every page."""
    response.headers["Content-Security-Policy"] = POLICY
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Referrer-Policy"] = "no-referrer"
    return response
