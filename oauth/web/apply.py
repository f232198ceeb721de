"""`/apply`: a company asks to become a partner, follows its application and takes its credentials once.

The receipt code is the applicant's only key to the application.  It travels in form bodies, never in an address.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from flask import Response, abort, request
from sqlalchemy.engine import Connection

from oauth import partners
from oauth.context import context
from oauth.errors import AlreadyClaimed, FieldProblem, InvalidApplication, NotFound, WrongState
from oauth.partner_rules import TEXT_LENGTHS, Application
from oauth.throttle import count_failures, note_failure
from oauth.web.browser import FORM, check_open_form, drop_cookie, give_cookie, open_form, remote_ip
from oauth.web.language import _
from oauth.web.pages import page_blueprint, render_page
from oauth.web.words import AUTH_METHODS, PARTNER_STATES, PROBLEMS, SCOPES

blueprint = page_blueprint("apply", "/apply")

APPLICATIONS_MAX = 20  # of one address within APPLICATION_MINUTES: people read each of them
APPLICATION_MINUTES = 60


@blueprint.get("")
def show_form() -> Response:
    """The empty application."""
    return _form_page({}, {})


@blueprint.post("")
def submit() -> Response:
    """Store the application, or show it again with what is wrong beside each field."""
    check_open_form()
    application = _read_application()
    server = context()
    try:
        with server.transaction() as tx:
            _count_application(tx)
            partner_id, receipt_code = partners.apply(tx, application, settings=server.settings, now=server.now())
    except InvalidApplication as invalid:
        return _form_page(request.form.to_dict(), _problem_texts(invalid.problems), status=422)
    page = render_page("apply_done.html", 201, partner_id=partner_id, receipt_code=receipt_code)
    return drop_cookie(page, FORM)  # sending the same page again is refused instead of applying twice


@blueprint.get("/status")
def ask_receipt() -> Response:
    """Where an applicant types the receipt code."""
    return _status_page()


@blueprint.post("/status")
def show_status() -> Response:
    """Where the application stands."""
    check_open_form()
    receipt = request.form.get("receipt", "").strip()
    try:
        with context().reading() as connection:
            return _status_page(partner=partners.read_by_receipt(connection, receipt), receipt=receipt)
    except NotFound:
        return _status_page(problem=_("Такого кода нет. Проверьте, что он скопирован целиком."), status=404)


@blueprint.post("/claim")
def claim() -> Response:
    """Show the credentials, this once."""
    check_open_form()
    server = context()
    receipt = request.form.get("receipt", "").strip()
    try:
        with server.transaction() as tx:
            credentials = partners.claim_credentials(
                tx, receipt, settings=server.settings, now=server.now(), ip=remote_ip()
            )
    except NotFound:
        return _status_page(problem=_("Такого кода нет. Проверьте, что он скопирован целиком."), status=404)
    except AlreadyClaimed:
        return _status_page(problem=_("Данные для подключения уже получены."), receipt=receipt, status=409)
    except WrongState:
        return _status_page(problem=_("Банк ещё не одобрил подключение."), receipt=receipt, status=409)
    return render_page("credentials.html", credentials=credentials, issuer=server.settings.issuer)


def _count_application(tx: Connection) -> None:
    """Answer 429 to an address that applied too often; what is not stored in the end is not counted either."""
    subject, now = f"apply:{remote_ip()}", context().now()
    note_failure(tx, subject, now)
    if count_failures(tx, subject, now, APPLICATION_MINUTES) > APPLICATIONS_MAX:
        abort(429)


def _read_application() -> Application:
    form = request.form
    texts: dict[str, Any] = {name: form.get(name, "").strip() for name in TEXT_LENGTHS}
    return Application(
        **texts,
        inn=form.get("inn", "").strip(),
        auth_method=form.get("auth_method", ""),
        redirect_uris=_lines("redirect_uris"),
        scopes=form.getlist("scopes"),
        jwks=_read_jwks() if form.get("auth_method") == "private_key_jwt" else None,
        ip_ranges=_lines("ip_ranges"),
    )


def _lines(name: str) -> list[str]:
    return [line.strip() for line in request.form.get(name, "").splitlines() if line.strip()]


def _read_jwks() -> Mapping[str, Any] | None:
    """What was pasted; None for anything that is not a JSON object, which the rules then refuse."""
    try:
        found = json.loads(request.form.get("jwks", ""))
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _problem_texts(problems: tuple[FieldProblem, ...]) -> dict[str, list[str]]:
    texts: dict[str, list[str]] = {}
    for problem in problems:
        text = _(PROBLEMS[problem.code])
        texts.setdefault(problem.field, []).append(f"{problem.value}: {text}" if problem.value else text)
    return texts


def _form_page(values: Mapping[str, str], problems: Mapping[str, list[str]], status: int = 200) -> Response:
    cookie, token = open_form()
    page = render_page(
        "apply.html",
        status,
        csrf=token,
        values=values,
        chosen_scopes=request.form.getlist("scopes"),
        problems=problems,
        scopes=SCOPES,
        auth_methods=AUTH_METHODS,
    )
    return give_cookie(page, FORM, cookie)


def _status_page(
    partner: partners.Partner | None = None, receipt: str = "", problem: str | None = None, status: int = 200
) -> Response:
    cookie, token = open_form()
    page = render_page(
        "apply_status.html",
        status,
        csrf=token,
        partner=partner,
        receipt=receipt,
        problem=problem,
        states=PARTNER_STATES,
    )
    return give_cookie(page, FORM, cookie)
