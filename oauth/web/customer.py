"""`/customer`: the services that a person connected: what they may do, how they used it, fewer accounts, stop.

Everything is read and changed by the person's own id, so a foreign consent is 404 like an unknown one.  The login
"""

from __future__ import annotations

from functools import partial

from flask import Response, abort, g, request

from oauth import consents, usage
from oauth.audit import Actor
from oauth.consents import Consent
from oauth.context import context
from oauth.errors import NotFound, WrongState
from oauth.scopes import Scope
from oauth.web.browser import CUSTOMER, check_form, drop_cookie, remote_ip
from oauth.web.language import _
from oauth.web.login import PROBLEMS, begin_login, current_session, show_problem
from oauth.web.pages import page_blueprint, render_error, render_page, see_other
from oauth.web.sessions import Person, Session, end_session, touch_session
from oauth.web.words import CONSENT_STATES, ENDED_BY, clusters

SECTION = "/customer"
LIVING = ("active", "suspended")
USES_SHOWN = 20


def require_login(section: str) -> Response | None:
    """Log the person in at the bank first, to come back to the section; a form of an ended session is refused."""
    server = context()
    session = current_session(server.settings.customer_idle_s)
    if session is None or session.person is None:
        if request.method == "POST":
            abort(403)
        problem = PROBLEMS.get(request.args.get("login", ""))
        if problem is not None:
            return show_problem(problem, section, cancel_url=None, csrf="")
        return begin_login(session, section)
    if request.method == "POST":
        check_form(session.csrf)
    with server.transaction() as tx:
        touch_session(tx, session, server.now())
    g.session, g.person = session, session.person
    return None


blueprint = page_blueprint("customer", SECTION)
blueprint.before_request(partial(require_login, SECTION))


@blueprint.errorhandler(NotFound)
def not_found(_error: NotFound) -> Response:
    return render_error(404)


@blueprint.errorhandler(WrongState)
def wrong_state(_error: WrongState) -> Response:
    return render_error(409)


@blueprint.get("")
def list_services() -> Response:
    """Connected services: living ones above, ended ones below."""
    server, person = context(), current_person()
    with server.reading() as connection:
        found = consents.list_for_user(connection, person.user_id, now=server.now())
        uses = usage.summarise(connection, [consent.id for consent in found], now=server.now())
    living = [consent for consent in found if consent.state in LIVING]
    ended = [consent for consent in found if consent.state not in LIVING]
    return _service_page("customer_list.html", living=living, ended=ended, uses=uses)


@blueprint.get("/consents/<consent_id>")
def show_service(consent_id: str) -> Response:
    """One service in full."""
    return _consent_page("customer_consent.html", consent_id)


@blueprint.get("/consents/<consent_id>/accounts")
def choose_accounts(consent_id: str) -> Response:
    """Choose which accounts to leave."""
    return _consent_page("customer_accounts.html", consent_id, problem=None)


@blueprint.post("/consents/<consent_id>/accounts")
def narrow(consent_id: str) -> Response:
    """Leave fewer accounts; the others are closed to the service at once."""
    server, kept = context(), request.form.getlist("account")
    if not kept:
        problem = _("Оставьте хотя бы один счёт. Чтобы закрыть все, остановите доступ целиком.")
        return _consent_page("customer_accounts.html", consent_id, problem=problem, status=422)
    with server.transaction() as tx:
        consents.narrow(tx, consent_id, kept, user_id=current_person().user_id, now=server.now(), ip=remote_ip())
    return see_other(f"/customer/consents/{consent_id}")


@blueprint.get("/consents/<consent_id>/stop")
def ask_stop(consent_id: str) -> Response:
    """Ask once whether to stop."""
    return _consent_page("customer_stop.html", consent_id)


@blueprint.post("/consents/<consent_id>/stop")
def stop(consent_id: str) -> Response:
    """End the consent: the service's next call fails."""
    server, person = context(), current_person()
    with server.transaction() as tx:
        consents.read_for_user(tx, consent_id, person.user_id, now=server.now())
        actor = Actor(kind="customer", id=person.user_id)
        consents.revoke(tx, consent_id, by="customer", actor=actor, now=server.now(), ip=remote_ip())
    return see_other(f"/customer/consents/{consent_id}/receipt")


@blueprint.get("/consents/<consent_id>/receipt")
def show_receipt(consent_id: str) -> Response:
    """That and when the service was stopped, with a number to refer to."""
    consent = _read(consent_id)
    if consent.state != "revoked":
        raise NotFound(consent_id)
    return _service_page("customer_receipt.html", consent=consent, number=receipt_number(consent))


@blueprint.post("/logout")
def log_out() -> Response:
    server = context()
    with server.transaction() as tx:
        end_session(tx, _session(), server.now())
    return drop_cookie(render_page("signed_out.html"), CUSTOMER)


def receipt_number(consent: Consent) -> str:
    """Consent and version name one change of one consent."""
    return f"{consent.id}-{consent.version}"


def _read(consent_id: str) -> Consent:
    server = context()
    with server.reading() as connection:
        return consents.read_for_user(connection, consent_id, current_person().user_id, now=server.now())


def _consent_page(template: str, consent_id: str, status: int = 200, **values: object) -> Response:
    consent, server = _read(consent_id), context()
    with server.reading() as connection:
        uses = usage.list_uses(connection, consent_id, limit=USES_SHOWN)
        summary = usage.summarise(connection, [consent_id], now=server.now()).get(consent_id)
    return _service_page(
        template,
        status,
        consent=consent,
        uses=uses,
        summary=summary,
        clusters=clusters(consent.scopes),
        prepares_payments=Scope.PAYMENTS in consent.scopes,
        **values,
    )


def _service_page(template: str, status: int = 200, **values: object) -> Response:
    return customer_page(
        template,
        status,
        section="services",
        states=CONSENT_STATES,
        ended_by=ENDED_BY,
        living_states=LIVING,
        **values,
    )


def customer_page(template: str, status: int = 200, **values: object) -> Response:
    """A page of the person who is logged in; `section` names its entry in the menu."""
    return render_page(template, status, csrf=_session().csrf, user_name=current_person().user_name, **values)


def current_person() -> Person:
    """Who is logged in, in any view under `/customer`."""
    person: Person = g.person
    return person


def _session() -> Session:
    session: Session = g.session
    return session
