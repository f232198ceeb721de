"""Browsers and forms: cookie names, cross-site request forgery, the address a request comes from.

A form is accepted when it carries the token of the session that the page was made for, and when the browser does not
say that it was sent from another site.  Forms before any login (application, staff login) use a cookie of their own.
"""

from __future__ import annotations

import hmac
import secrets
from urllib.parse import urlsplit

from flask import Response, abort, request

from oauth.context import context
from oauth.credentials import derive_key

CUSTOMER = "bank-customer"
STAFF = "bank-staff"
FORM = "bank-form"


def cookie_value(name: str) -> str | None:
    return request.cookies.get(_cookie_name(name))


def give_cookie(response: Response, name: str, value: str) -> Response:
    """A cookie that ends with the browser; `__Host-` binds it to this very host wherever there is https."""
    response.set_cookie(
        _cookie_name(name),
        value,
        secure=not context().settings.is_sandbox,
        httponly=True,
        samesite="Lax",  # Strict would lose the session on the way back from the bank's login
        path="/",
    )
    return response


def drop_cookie(response: Response, name: str) -> Response:
    response.delete_cookie(
        _cookie_name(name), path="/", secure=not context().settings.is_sandbox, httponly=True, samesite="Lax"
    )
    return response


def _cookie_name(name: str) -> str:
    return name if context().settings.is_sandbox else f"__Host-{name}"


def check_form(csrf: str) -> None:
    """Answer 403 unless this POST comes from a page of ours that was made for the session with this token."""
    check_same_site()
    if not hmac.compare_digest(request.form.get("csrf", "").encode(), csrf.encode()):
        abort(403)


def check_same_site() -> None:
    """Answer 403 when the browser says that the form was sent from elsewhere.

    Our own pages send `Origin: null`, since they send no referrer; then Sec-Fetch-Site tells, and the token decides.
    """
    origin = request.headers.get("Origin")
    if origin not in (None, "null") and origin not in _own_origins():
        abort(403)
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        abort(403)


def _own_origins() -> set[str]:
    issuer = urlsplit(context().settings.issuer)
    return {f"{issuer.scheme}://{issuer.netloc}", request.host_url.rstrip("/")}


def open_form() -> tuple[str, str]:
    """For a form before any login: the value of its cookie and the token for its hidden field."""
    cookie = cookie_value(FORM) or secrets.token_urlsafe(32)
    return cookie, _form_token(cookie)


def check_open_form() -> None:
    """The counterpart of `open_form`; answers 403."""
    cookie = cookie_value(FORM)
    if not cookie:
        abort(403)
    check_form(_form_token(cookie))


def _form_token(cookie: str) -> str:
    key = derive_key(context().settings.secret_key, "open-form")
    return hmac.digest(key, cookie.encode(), "sha256").hex()


def remote_ip() -> str:
    """The address of the browser; behind proxies werkzeug's ProxyFix has put it right."""
    return request.remote_addr or "unknown"
