"""The way of a customer to the bank's own login and back.

The bank's login is told a `state` that is sealed with our key and names the session and the page of ours to go on to:
nothing from outside chooses where a browser is sent.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from oauth.context import context
from oauth.credentials import derive_key, digest
from oauth.ports import LoginRefused, LoginRequest
from oauth.web.browser import CUSTOMER, cookie_value, give_cookie
from oauth.web.language import _, mark
from oauth.web.pages import page_blueprint, render_error, render_page, see_other
from oauth.web.sessions import Session, log_in, open_session, read_session, touch_session

blueprint = page_blueprint("login", "/oauth/login")

LOGIN_LIFETIME_S = 1800


@dataclass(frozen=True, slots=True)
class LoginProblem:
    """What was wrong with a login, in words for the person."""

    title: str
    text: str


# What a page is told by `?login=`, and says.  It shows that instead of beginning a login again, so nobody goes round.
PROBLEMS = {
    "refused": LoginProblem(
        mark("Вход не выполнен"),
        mark("Интернет-банк не подтвердил вход, или подтверждение уже использовано."),
    ),
    "weak": LoginProblem(
        mark("Нужен вход с подтверждением"),
        mark(
            "Вы вошли, но без подтверждения, например кодом из СМС. Сервис хочет готовить платежи: для этого оно нужно."
        ),
    ),
}
TOO_OLD = LoginProblem(mark("Войдите ещё раз"), mark("С вашего входа в интернет-банк прошло слишком много времени."))


def current_session(idle_s: float) -> Session | None:
    """The session of this browser, if it is alive."""
    server = context()
    with server.reading() as connection:
        return read_session(
            connection, cookie_value(CUSTOMER), idle_s=idle_s, settings=server.settings, now=server.now()
        )


def begin_login(
    session: Session | None, return_path: str, service_name: str | None = None, *, needs_strong: bool = False
) -> Response:
    """Send the browser to the bank's login, to come back to `return_path`, a path of ours.

    The page there checks the age of the login itself; half of that is asked for, so that time at the bank fits in.
    """
    server = context()
    cookie = None
    with server.transaction() as tx:
        if session is None:
            cookie, session = open_session(tx, server.now())
        elif session.person is None:  # who logged in is idle until a page of theirs says otherwise
            touch_session(tx, session, server.now())
    login = LoginRequest(
        return_url=f"{server.settings.issuer}{blueprint.url_prefix}/callback",
        state=_seal_state(session, return_path, needs_strong),
        service_name=service_name,
        needs_strong=needs_strong,
        max_age_s=0 if needs_strong else server.settings.customer_idle_s // 2,
    )
    response = see_other(server.customer_login.begin(login))
    return give_cookie(response, CUSTOMER, cookie) if cookie else response


@blueprint.get("/callback")
def come_back() -> Response:
    """The browser returns from the bank's login; the page that it goes on to tells when that did not work."""
    server = context()
    session = current_session(LOGIN_LIFETIME_S)
    try:
        return_path, needs_strong, belongs = _open_state(session, request.args.get("state", ""))
    except BadSignature:
        return render_error(400)
    if session is None or not belongs:
        return see_other(f"{return_path}?login=refused")
    try:
        result = server.customer_login.finish(request.args.to_dict())
    except LoginRefused:
        # Of a reply that was used already, by the Back button, the page says nothing to who is logged in.
        return see_other(f"{return_path}?login=refused")
    with server.transaction() as tx:
        cookie = log_in(tx, session, result, server.now())
    is_weak = needs_strong and not result.is_strong
    return give_cookie(see_other(f"{return_path}?login=weak" if is_weak else return_path), CUSTOMER, cookie)


def show_problem(problem: LoginProblem, again_url: str, *, cancel_url: str | None, csrf: str) -> Response:
    """The page that says what was wrong with the login; it offers to log in again, and to give up where one can."""
    return render_page(
        "login_refused.html",
        403,
        title=_(problem.title),
        text=_(problem.text),
        again_url=again_url,
        cancel_url=cancel_url,
        csrf=csrf,
    )


def _seal_state(session: Session, return_path: str, needs_strong: bool) -> str:
    once = secrets.token_urlsafe(9)  # a state is of one login: the seal alone would be the same twice in a second
    return _sealer().dumps([_name_session(session), return_path, needs_strong, once])


def _open_state(session: Session | None, state: str) -> tuple[str, bool, bool]:
    """The page to go on to, what was asked, and whether this session asked.  Raises BadSignature."""
    name, return_path, needs_strong, _once = _sealer().loads(state, max_age=LOGIN_LIFETIME_S)
    return return_path, needs_strong, session is not None and name == _name_session(session)


def _name_session(session: Session) -> str:
    return digest(session.csrf).hex()


def _sealer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(derive_key(context().settings.secret_key, "login-request"))
