"""Login by one-time code: to the internet bank, or for a service that sent the person (`?request=`)."""

from __future__ import annotations

import datetime as dt
from typing import Any
from urllib.parse import urlencode

from flask import Blueprint, abort, render_template, request, url_for
from sqlalchemy.engine import Connection, Row

from adapter.connectors.sandbox import login, people, sessions
from adapter.connectors.sandbox.web.session import Page, browser_session, log_in, log_out, own_page, sandbox, to

blp = Blueprint("login", __name__)


@blp.get("/login")
def choose() -> Page:
    return _choice_page()


@blp.post("/login")
def send_code() -> Page:
    """The person named the login: a code goes out, as an SMS would."""
    _check_request_is_open()
    with sandbox().database.transaction() as tx:
        user = people.find_user(tx, request.form.get("login", "").strip().lower())
        if user is not None:
            sessions.send_code(tx, browser_session(), user.id, sessions.LOGIN_PURPOSE, _now())
    if user is None:
        return _choice_page("Такого логина нет. Выберите один из списка."), 422
    return to(f"{url_for('.enter_code')}?{urlencode(_way())}")


@blp.get("/login/code")
def enter_code() -> Page:
    return _code_page()


@blp.post("/login/code")
def check_code() -> Page:
    """A right code logs in; where a service asked, the person goes back to it."""
    asked = _check_request_is_open()
    with sandbox().database.transaction() as tx:
        user_id = sessions.use_code(tx, browser_session(), sessions.LOGIN_PURPOSE, request.form.get("code", ""), _now())
        back = _accept(tx, asked, user_id) if user_id and asked else None
    if user_id is None:
        return _code_page("Код не подошёл."), 422
    log_in(user_id)
    return to(back or own_page(request.form.get("next", "")))


@blp.get("/login/refusal")
def refuse() -> Page:
    """A link rather than a form, so that no form policy of a browser stops the way back to the service."""
    with sandbox().database.transaction() as tx:
        asked = login.find_request(tx, request.args.get("request", ""), _now())
        if asked is None:
            abort(404)
        back = login.refuse_request(tx, asked, _now())
    return to(back)


@blp.post("/logout")
def leave() -> Page:
    log_out()
    return to(url_for(".choose"))


def _accept(tx: Connection, asked: Row[*tuple[Any, ...]], user_id: str) -> str:
    """Where the person goes on to, with a ticket."""
    handover = sandbox().handover
    if handover is None:
        return login.accept_request(tx, asked, user_id, _now())
    login.end_request(tx, asked.id, _now())
    name = people.read_user(tx, user_id).name
    return handover.locate_return(asked.state, user_id=user_id, user_name=name, now=_now())


def _choice_page(mistake: str | None = None) -> str:
    asked = _check_request_is_open()
    with sandbox().database.reading() as connection:
        users = [(user, people.list_customers(connection, user.id)) for user in people.list_users(connection)]
    return render_template("sandbox/login.html", users=users, asked=asked, way=_way(), mistake=mistake)


def _code_page(mistake: str | None = None) -> str:
    asked = _check_request_is_open()
    with sandbox().database.reading() as connection:
        sent = sessions.find_code(connection, browser_session(), sessions.LOGIN_PURPOSE, _now())
        user = people.read_user(connection, sent.user_id) if sent else None
    return render_template("sandbox/code.html", sent=sent, user=user, asked=asked, way=_way(), mistake=mistake)


def _check_request_is_open() -> Row[*tuple[Any, ...]] | None:
    """The login request that this is for; None for the internet bank itself; 404 when it is over."""
    request_id = request.values.get("request", "")
    if not request_id:
        return None
    with sandbox().database.reading() as connection:
        asked = login.find_request(connection, request_id, _now())
    if asked is None:
        abort(404)
    return asked


def _way() -> dict[str, str]:
    """What must survive from page to page: the login request, or where to go in the internet bank."""
    return {name: request.values[name] for name in ("request", "next") if request.values.get(name)}


def _now() -> dt.datetime:
    return sandbox().clock.now()
