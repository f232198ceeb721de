"""`/oauth/authorize` and the consent page: RFC 6749 section 4.1.1, with the login at the bank in between.

authorize (request checked, bound to this browser) → the bank's login → consent page → 303 to the partner.  Whatever
cannot be trusted ends on a page of ours; a refusal on any screen goes back to the partner as `access_denied`.
"""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlsplit

from flask import Response, abort, request

from oauth import consents, requests
from oauth.context import context
from oauth.errors import NotAllowed, NotFound, WrongState
from oauth.ports import DirectoryUnavailable
from oauth.requests import AuthorizationRequest
from oauth.scopes import Scope
from oauth.server import RefusedRequest, UntrustedRequest, finish_authorization, open_authorization
from oauth.web.browser import CUSTOMER, check_form, give_cookie, remote_ip
from oauth.web.consent_form import BadChoice, Offer, is_hint_offered, make_offer, read_agreement
from oauth.web.language import MOSCOW, _, mark
from oauth.web.login import PROBLEMS, TOO_OLD, LoginProblem, begin_login, current_session, show_problem
from oauth.web.pages import allow_form_target, page_blueprint, render_error, render_page, see_other
from oauth.web.sessions import Person, Session, has_opened, note_opening, open_session
from oauth.web.words import account_number, clusters

blueprint = page_blueprint("authorize", "/oauth")

IF_NOT_BACK = mark(
    "Если сервис не открылся сам, вернитесь в него. Открытые счета видны в разделе «Подключённые сервисы»."
)


@blueprint.get("/authorize")
def authorize() -> Response:
    """Check the request, bind it to this browser, send the person to the bank's login."""
    server = context()
    session, cookie = current_session(server.settings.interaction_lifetime_s), None
    try:
        with server.transaction() as tx:
            asked = open_authorization(tx, request.args)
            if session is None:
                cookie, session = open_session(tx, server.now())
            note_opening(tx, session, asked.id, server.now())
    except UntrustedRequest:
        return render_error(
            400,
            _("Запрос сервиса неверен, устарел или уже использован."),
            _("Вернитесь в сервис и начните подключение заново. Доступ к вашим счетам никто не получил."),
        )
    except RefusedRequest as refused:
        return see_other(refused.location)
    response = _begin_login(asked, session)
    return give_cookie(response, CUSTOMER, cookie) if cookie else response


@blueprint.get("/consent/<request_id>")
def show_consent(request_id: str) -> Response:
    """The consent page, for the browser that came with the request and a person who logged in just now."""
    asked, session = _read_request(request_id)
    if _may_decide(asked, session):
        return _consent_page(asked, session)
    problem = PROBLEMS.get(request.args.get("login", ""))
    return _show_problem(asked, session, problem) if problem else _begin_login(asked, session)


@blueprint.post("/consent/<request_id>")
def decide(request_id: str) -> Response:
    """The person's decision; taken once."""
    asked, session = _read_request(request_id)
    check_form(session.csrf)
    if request.form.get("decision") == "refuse":
        return _finish(asked, session, None)
    if request.form.get("decision") != "allow":
        abort(400)
    if not _may_decide(asked, session, since_shown_s=context().settings.interaction_lifetime_s):
        # No redirect to the bank's login: the form policy of the page keeps a browser from following it.
        return _show_problem(asked, session, TOO_OLD)
    return _finish(asked, session, session.person)


@blueprint.errorhandler(DirectoryUnavailable)
def bank_is_silent(_error: DirectoryUnavailable) -> Response:
    return render_error(503)


@blueprint.errorhandler(NotAllowed)
def not_allowed(_error: NotAllowed) -> Response:
    return render_error(403, _("От имени этой компании вы не можете дать доступ."))


@blueprint.errorhandler(WrongState)
def decided_already(_error: WrongState) -> Response:
    return render_error(409, _("Вы уже ответили на этот запрос."), _(IF_NOT_BACK))


def _finish(asked: AuthorizationRequest, session: Session, person: Person | None) -> Response:
    """Carry out the decision; `person` agrees, None refuses."""
    server, agreement = context(), None
    if person is not None:
        try:
            agreement = read_agreement(request.form, _offer(asked, person), asked, person, remote_ip())
        except BadChoice as bad:
            return _consent_page(asked, session, problem=_(str(bad)), status=422)
    with server.transaction() as tx:
        user_id = session.person.user_id if session.person else None
        return finish_authorization(tx, asked, agreement, user_id=user_id)


def _read_request(request_id: str) -> tuple[AuthorizationRequest, Session]:
    """The request and the session it was opened in; answers 400 when it is over, 403 to any other browser.

    Of several browsers that opened it, the one that logged in first keeps it.
    """
    server = context()
    session = current_session(server.settings.interaction_lifetime_s)
    if session is None:
        abort(403)
    with server.reading() as connection:
        if not has_opened(connection, session, request_id):
            abort(403)
        try:
            asked = requests.read_open(connection, request_id, now=server.now())
        except NotFound:
            abort(render_error(400, _("Вы уже ответили на этот запрос, или он устарел."), _(IF_NOT_BACK)))
    if asked.session_hash not in (None, session.id_hash):
        abort(403)
    return asked, session


def _may_decide(asked: AuthorizationRequest, session: Session, since_shown_s: float = 0) -> bool:
    """Whether somebody logged in for this request: lately and, before a service may prepare payments, strongly.

    A page that is opened later asks again; the time that a person then reads it, `since_shown_s`, is theirs.
    """
    settings, person = context().settings, session.person
    if person is None or asked.session_hash is None:
        return False
    age = context().now() - person.authenticated_at
    if _needs_strong(asked):
        return person.is_strong and age <= timedelta(seconds=settings.strong_login_s + since_shown_s)
    return age <= timedelta(seconds=settings.customer_idle_s + since_shown_s)


def _needs_strong(asked: AuthorizationRequest) -> bool:
    return Scope.PAYMENTS in asked.scopes


def _begin_login(asked: AuthorizationRequest, session: Session) -> Response:
    return begin_login(session, _path(asked), asked.partner_name, needs_strong=_needs_strong(asked))


def _show_problem(asked: AuthorizationRequest, session: Session, problem: LoginProblem) -> Response:
    page = show_problem(problem, _path(asked), cancel_url=_path(asked), csrf=session.csrf)
    return allow_form_target(page, asked.redirect_uri)


def _consent_page(
    asked: AuthorizationRequest, session: Session, problem: str | None = None, status: int = 200
) -> Response:
    assert session.person is not None
    offer = _offer(asked, session.person)
    page = render_page(
        "consent.html" if offer.companies else "no_company.html",
        status,
        asked=asked,
        offer=offer,
        user_name=session.person.user_name,
        csrf=session.csrf,
        problem=problem,
        hint_text=_hint_text(asked.account_hint, offer),
        open_now=_open_accounts(asked.partner_id, session.person),
        ticked=set(request.form.getlist("account")) or {offer.only_account},
        chosen_customer=request.form.get("customer"),
        chosen_days=request.form.get("days", str(context().settings.consent_days)),
        clusters=clusters(asked.scopes),
        prepares_payments=Scope.PAYMENTS in asked.scopes,
        return_host=urlsplit(asked.redirect_uri).hostname,
        decide_until=f"{asked.decide_until.astimezone(MOSCOW):%H:%M}" if asked.decide_until else "",
    )
    return allow_form_target(page, asked.redirect_uri)


def _offer(asked: AuthorizationRequest, person: Person) -> Offer:
    server = context()
    return make_offer(server.directory, person, asked.account_hint, server.settings, server.now())


def _open_accounts(partner_id: str, person: Person) -> set[str]:
    """What this person has open for the service now: the new decision takes its place."""
    server = context()
    with server.reading() as connection:
        given = consents.list_for_user(connection, person.user_id, now=server.now())
    living = [consent for consent in given if consent.partner_id == partner_id and consent.state == "active"]
    return {account.account_id for consent in living for account in consent.accounts}


def _hint_text(hint: str | None, offer: Offer) -> str | None:
    if hint is None:
        return None
    if is_hint_offered(offer, hint):
        text = _("Сервис назвал счёт {number}. Отметьте его, если хотите открыть именно его.")
    else:
        text = _("Сервис назвал счёт {number}, но среди ваших счетов, которые можно открыть, его нет.")
    return text.format(number=account_number(hint))


def _path(asked: AuthorizationRequest) -> str:
    return f"/oauth/consent/{asked.id}"
