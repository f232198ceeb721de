"""An employee's desk: signing in and out, the session, and one way to show a page."""

from __future__ import annotations

from flask import Response, g, request

from oauth import audit
from oauth.context import context
from oauth.errors import NotAllowed, NotFound, WrongState
from oauth.staff import Employee, SignInRefused, sign_in
from oauth.web.browser import (
    FORM,
    STAFF,
    check_form,
    check_open_form,
    cookie_value,
    drop_cookie,
    give_cookie,
    open_form,
    remote_ip,
)
from oauth.web.language import _
from oauth.web.pages import page_blueprint, render_error, render_page, see_other
from oauth.web.staff_sessions import (
    StaffSession,
    end_staff_session,
    open_staff_session,
    read_staff_session,
    touch_staff_session,
)
from oauth.web.words import AUTH_METHODS, CHANGE_KINDS, CONSENT_STATES, PARTNER_STATES, ROLES, SCOPES

blueprint = page_blueprint("admin", "/admin")

SIGN_IN = "oauth_admin.show_sign_in", "oauth_admin.sign_in_employee"
PAGE_SIZE = 25
REASON_LENGTH_MAX = 500


@blueprint.before_request
def require_employee() -> Response | None:
    """Everything but the login page is for signed-in employees; forms carry the session's token."""
    if request.endpoint in SIGN_IN:
        return None
    session = _read_session()
    if session is None:
        return see_other("/admin/login") if request.method == "GET" else render_error(403)
    if request.method == "POST":
        check_form(session.csrf)
    server = context()
    with server.transaction() as tx:
        touch_staff_session(tx, session, server.now())
    g.staff_session = session
    return None


@blueprint.get("/login")
def show_sign_in() -> Response:
    return _sign_in_page()


@blueprint.post("/login")
def sign_in_employee() -> Response:
    """Login, password and one-time code together: a wrong one of them is not told apart."""
    check_open_form()
    server, form = context(), request.form
    try:
        employee = sign_in(
            server,
            login=form.get("login", "").strip(),
            password=form.get("password", ""),
            code=form.get("code", "").strip(),
            ip=remote_ip(),
        )
    except SignInRefused:
        return _sign_in_page(login=form.get("login", ""), status=403)
    with server.transaction() as tx:
        cookie = open_staff_session(tx, employee, server.now())
    return give_cookie(see_other("/admin"), STAFF, cookie)


@blueprint.post("/logout")
def sign_out() -> Response:
    server = context()
    with server.transaction() as tx:
        end_staff_session(tx, current_session(), server.now())
    return drop_cookie(see_other("/admin/login"), STAFF)


@blueprint.errorhandler(NotFound)
def not_found(_error: NotFound) -> Response:
    return render_error(404)


@blueprint.errorhandler(NotAllowed)
def not_allowed(_error: NotAllowed) -> Response:
    return render_error(403, _("Ваша роль этого не позволяет, или второе решение должен принять другой сотрудник."))


@blueprint.errorhandler(WrongState)
def wrong_state(_error: WrongState) -> Response:
    return render_error(409)


def current_session() -> StaffSession:
    session: StaffSession = g.staff_session
    return session


def current_employee() -> Employee:
    return current_session().employee


def desk_page(template: str, section: str, status: int = 200, **values: object) -> Response:
    """A page of the desk; `section` is the menu entry that it belongs to."""
    session = current_session()
    return render_page(
        template,
        status,
        csrf=session.csrf,
        employee=session.employee,
        section=section,
        roles=ROLES,
        partner_states=PARTNER_STATES,
        consent_states=CONSENT_STATES,
        change_kinds=CHANGE_KINDS,
        auth_methods=AUTH_METHODS,
        scope_words=SCOPES,
        **values,
    )


def record_view(detail: dict[str, object], partner_id: str | None = None, consent_id: str | None = None) -> None:
    """This employee looks at data of customers."""
    server = context()
    with server.transaction() as tx:
        audit.record(
            tx,
            at=server.now(),
            actor=current_employee().actor,
            action="customer_data.viewed",
            partner_id=partner_id,
            consent_id=consent_id,
            ip=remote_ip(),
            detail=detail,
        )


def read_reason() -> str:
    """The reason from the form, which the partner or the customer may be shown; empty when none was given."""
    return " ".join(request.form.get("reason", "").split())[:REASON_LENGTH_MAX]


def page_number() -> int:
    """The page asked for, counted from 1."""
    return max(1, min(request.args.get("page", 1, type=int), 10_000))


def _read_session() -> StaffSession | None:
    server = context()
    with server.reading() as connection:
        return read_staff_session(connection, cookie_value(STAFF), settings=server.settings, now=server.now())


def _sign_in_page(login: str = "", status: int = 200) -> Response:
    cookie, token = open_form()
    page = render_page("admin/sign_in.html", status, csrf=token, login=login, is_refused=status != 200)
    return give_cookie(page, FORM, cookie)
