"""Partners: search, one partner with credentials, use and history; stop at once, ask for resume or new credentials."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from flask import Response, request

from oauth import audit, consents, partners, usage
from oauth.context import context
from oauth.partner_rules import BrokenRule
from oauth.staff import list_staff
from oauth.web.admin.desk import PAGE_SIZE, blueprint, current_employee, desk_page, page_number, read_reason
from oauth.web.language import _
from oauth.web.pages import see_other
from oauth.web.words import PARTNER_STATES, PROBLEMS

EVENTS_SHOWN = 10


@blueprint.get("/partners")
def list_partners() -> Response:
    """Partners by page, newest first; `q` searches names, INN and client id."""
    search, page = request.args.get("q", "").strip()[:100], page_number()
    state = request.args.get("state") if request.args.get("state") in PARTNER_STATES else None
    with context().reading() as connection:
        found = partners.list_partners(
            connection, state=state, search=search, limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE
        )
    return desk_page(
        "admin/partners.html",
        "partners",
        found=found[:PAGE_SIZE],
        has_more=len(found) > PAGE_SIZE,
        page=page,
        search=search,
        state=state,
    )


@blueprint.get("/partners/<partner_id>")
def show_partner(partner_id: str) -> Response:
    """One partner in full."""
    return _partner_page(partner_id)


@blueprint.post("/partners/<partner_id>/suspend")
def suspend(partner_id: str) -> Response:
    """Stop the partner at once."""
    return _with_reason(partner_id, partners.suspend)


@blueprint.post("/partners/<partner_id>/resume")
def request_resume(partner_id: str) -> Response:
    """Ask to lift the suspension; another employee confirms."""
    return _with_reason(partner_id, partners.request_resume)


@blueprint.post("/partners/<partner_id>/close")
def close(partner_id: str) -> Response:
    """End the partnership for ever."""
    return _with_reason(partner_id, partners.close)


@blueprint.post("/partners/<partner_id>/reissue")
def request_reissue(partner_id: str) -> Response:
    """Ask for new credentials: a new secret, or the pasted keys in place of the old ones."""
    server, employee, reason = context(), current_employee(), read_reason()
    if not reason:
        return _partner_page(partner_id, problem=_("Напишите причину."), status=422)
    try:
        with server.transaction() as tx:
            partners.request_reissue(
                tx,
                partner_id,
                staff_id=employee.id,
                role=employee.role,
                reason=reason,
                jwks=_read_jwks(),
                compromised="compromised" in request.form,
                now=server.now(),
            )
    except BrokenRule as broken:
        return _partner_page(partner_id, problem=_(PROBLEMS[broken.code]), status=422)
    return see_other(f"/admin/partners/{partner_id}")


def _with_reason(partner_id: str, change: Callable[..., object]) -> Response:
    server, employee, reason = context(), current_employee(), read_reason()
    if not reason:
        return _partner_page(partner_id, problem=_("Напишите причину."), status=422)
    with server.transaction() as tx:
        change(tx, partner_id, staff_id=employee.id, role=employee.role, reason=reason, now=server.now())
    return see_other(f"/admin/partners/{partner_id}")


def _read_jwks() -> Mapping[str, Any] | None:
    """Keys that were pasted, None when the field is empty; raises BrokenRule for text that is no JSON object."""
    text = request.form.get("jwks", "").strip()
    if not text:
        return None
    try:
        found = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BrokenRule("not_a_key_set") from error
    if not isinstance(found, dict):
        raise BrokenRule("not_a_key_set")
    return found


def _partner_page(partner_id: str, problem: str | None = None, status: int = 200) -> Response:
    server = context()
    with server.reading() as connection:
        partner = partners.read_partner(connection, partner_id)
        values = {
            "secrets": partners.list_secrets(connection, partner_id),
            "changes": partners.list_changes(connection, partner_id=partner_id),
            "active_consents": consents.count_active(connection, partner_id, now=server.now()),
            "use": usage.summarise_partner(connection, partner_id, now=server.now()),
            "events": audit.list_events(connection, partner_id=partner_id, limit=EVENTS_SHOWN),
            "staff_names": {employee.id: employee.name for employee in list_staff(connection)},
        }
    return desk_page("admin/partner.html", "partners", status, partner=partner, problem=problem, **values)
