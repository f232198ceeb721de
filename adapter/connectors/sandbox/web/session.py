"""What every page needs: the sandbox itself, the browser's session, the anti-forgery token and the headers."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import TYPE_CHECKING, Any, ParamSpec
from urllib.parse import urlsplit

from flask import Response, abort, current_app, g, redirect, request, url_for

from adapter.connectors.sandbox import people, sessions
from adapter.connectors.sandbox.sessions import Session

if TYPE_CHECKING:
    from adapter.connectors.sandbox.opening import Sandbox

P = ParamSpec("P")
Page = str | tuple[str, int] | Response
COOKIE = "sandbox_session"
HEADERS = {
    # No form-action: a form's redirects may lead on to the service that sent the person here.
    "Content-Security-Policy": (
        "default-src 'none'; style-src 'self'; img-src 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


def sandbox() -> Sandbox:
    """The bank that this application was built with."""
    bank: Sandbox = current_app.extensions["sandbox"]
    return bank


def browser_session() -> Session:
    """The session of this browser; a new one where it has none."""
    if "sandbox_session" not in g:
        g.sandbox_session = _find_session() or _open_session(None)
    session: Session = g.sandbox_session
    return session


def log_in(user_id: str) -> None:
    """Replace this browser's session by one of the user."""
    old = browser_session()
    with sandbox().database.transaction() as tx:
        sessions.end_session(tx, old)
    g.sandbox_session = _open_session(user_id)


def log_out() -> None:
    with sandbox().database.transaction() as tx:
        sessions.end_session(tx, browser_session())
    g.sandbox_session = _open_session(None)


def user_id() -> str:
    """Who is logged in; only on pages behind `needs_login`."""
    found = browser_session().user_id
    if found is None:
        abort(403)
    return found


def user_name() -> str | None:
    found = browser_session().user_id
    if found is None:
        return None
    with sandbox().database.reading() as connection:
        return str(people.read_user(connection, found).name)


def needs_login(view: Callable[P, Page]) -> Callable[P, Page]:
    """Send strangers to the login and back."""

    @wraps(view)
    def guarded(*args: P.args, **kwargs: P.kwargs) -> Page:
        if browser_session().user_id is None:
            return to(url_for("sandbox.login.choose", next=request.path))
        return view(*args, **kwargs)

    return guarded


def to(url: str) -> Response:
    """After a form: 303, so that a reload repeats nothing."""
    answer = redirect(url, code=303)
    assert isinstance(answer, Response)
    return answer


def own_page(path: str) -> str:
    """A path inside the sandbox as given in `next`, else its home: never another site."""
    parts = urlsplit(path)
    is_own = not parts.scheme and not parts.netloc and parts.path.startswith("/sandbox/") and "\\" not in path
    return path if is_own else url_for("sandbox.accounts.home")


def check_form_token() -> None:
    """Every form carries its session's token; the JSON control asks for its content type instead."""
    if request.method != "POST" or request.blueprint == "sandbox.control":
        return
    if not hmac.compare_digest(browser_session().csrf.encode(), request.form.get("csrf", "").encode()):
        abort(400)


def finish_response(response: Response) -> Response:
    """Security headers, and the cookie of a new session."""
    for name, value in HEADERS.items():
        response.headers.setdefault(name, value)
    token = g.get("sandbox_new_token")
    if token:
        is_https = sandbox().base_url.startswith("https://")
        response.set_cookie(COOKIE, token, path="/sandbox", httponly=True, samesite="Lax", secure=is_https)
    return response


def _find_session() -> Session | None:
    token = request.cookies.get(COOKIE, "")
    if not token:
        return None
    with sandbox().database.reading() as connection:
        return sessions.find_session(connection, token, sandbox().clock.now())


def _open_session(found_user: str | None) -> Session:
    with sandbox().database.transaction() as tx:
        session = sessions.open_session(tx, sandbox().clock.now(), found_user)
    g.sandbox_new_token = session.token
    return session


def page_tools() -> dict[str, Any]:
    """What the templates share."""
    return {"bank_name": sandbox().bank_name, "csrf": browser_session().csrf, "user_name": user_name()}
