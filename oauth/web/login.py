"""The way of a customer to the bank's own login and back.

The bank's login is told a `state` that is sealed with our key and names the session and the page of ours to go on to:
nothing from outside chooses where a browser is sent.
"""

from __future__ import annotations

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from oauth.context import context
from oauth.credentials import derive_key, digest
from oauth.ports import LoginRefused, LoginRequest
from oauth.web.browser import CUSTOMER, cookie_value, give_cookie
from oauth.web.pages import page_blueprint, render_error, see_other
from oauth.web.sessions import Session, log_in, open_session, read_session, touch_session

blueprint = page_blueprint("login", "/oauth/login")

LOGIN_LIFETIME_S = 1800


def current_session(idle_s: float) -> Session | None:
    """The session of this browser, if it is alive."""
    server = context()
    with server.reading() as connection:
        return read_session(
            connection, cookie_value(CUSTOMER), idle_s=idle_s, settings=server.settings, now=server.now()
        )


def begin_login(session: Session | None, return_path: str, service_name: str | None = None) -> Response:
    """Send the browser to the bank's login, to come back to `return_path`, a path of ours."""
    server = context()
    cookie = None
    with server.transaction() as tx:
        if session is None:
            cookie, session = open_session(tx, server.now())
        elif session.person is None:  # who logged in is idle until a page of theirs says otherwise
            touch_session(tx, session, server.now())
    login = LoginRequest(
        return_url=f"{server.settings.issuer}{blueprint.url_prefix}/callback",
        state=_seal_state(session, return_path),
        service_name=service_name,
    )
    response = see_other(server.customer_login.begin(login))
    return give_cookie(response, CUSTOMER, cookie) if cookie else response


@blueprint.get("/callback")
def come_back() -> Response:
    """The browser returns from the bank's login; the page that it goes on to tells when that did not work."""
    server = context()
    session = current_session(LOGIN_LIFETIME_S)
    try:
        return_path, belongs = _open_state(session, request.args.get("state", ""))
    except BadSignature:
        return render_error(400)
    if session is None or not belongs:
        return see_other(f"{return_path}?login=refused")
    try:
        result = server.customer_login.finish(request.args.to_dict())
    except LoginRefused:
        # A reply that was used already, by the Back button, is no reason to send a person away who is logged in.
        return see_other(return_path if session.person else f"{return_path}?login=refused")
    with server.transaction() as tx:
        cookie = log_in(tx, session, result, server.now())
    return give_cookie(see_other(return_path), CUSTOMER, cookie)


def _seal_state(session: Session, return_path: str) -> str:
    return _sealer().dumps([_mark(session), return_path])


def _open_state(session: Session | None, state: str) -> tuple[str, bool]:
    """The page to go on to, and whether this session asked for the login.  Raises BadSignature."""
    mark, return_path = _sealer().loads(state, max_age=LOGIN_LIFETIME_S)
    return return_path, session is not None and mark == _mark(session)


def _mark(session: Session) -> str:
    return digest(session.csrf).hex()


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derive_key(context().settings.secret_key, "login-state"))
