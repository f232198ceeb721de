"""Consents of a partner's customers: look (which is recorded), suspend, resume, revoke by the bank."""

from __future__ import annotations

from flask import Response

from oauth import audit, consents, partners, usage
from oauth.context import context
from oauth.errors import NotAllowed
from oauth.web.admin.desk import (
    PAGE_SIZE,
    blueprint,
    current_employee,
    desk_page,
    page_number,
    read_reason,
    record_view,
)
from oauth.web.browser import remote_ip
from oauth.web.language import _
from oauth.web.pages import see_other
from oauth.web.words import ENDED_BY, clusters


@blueprint.get("/partners/<partner_id>/consents")
def list_consents(partner_id: str) -> Response:
    """What customers gave to this partner, by page."""
    server, page = context(), page_number()
    with server.reading() as connection:
        partner = partners.read_partner(connection, partner_id)
        found = consents.list_for_partner(
            connection, partner_id, now=server.now(), limit=PAGE_SIZE + 1, offset=(page - 1) * PAGE_SIZE
        )
        uses = usage.summarise(connection, [consent.id for consent in found], now=server.now())
    record_view({"page": page, "shown": len(found[:PAGE_SIZE])}, partner_id)
    return desk_page(
        "admin/consents.html",
        "partners",
        partner=partner,
        found=found[:PAGE_SIZE],
        uses=uses,
        has_more=len(found) > PAGE_SIZE,
        page=page,
    )


@blueprint.get("/consents/<consent_id>")
def show_consent(consent_id: str) -> Response:
    """One consent in full, with its use and history."""
    return _consent_page(consent_id)


@blueprint.post("/consents/<consent_id>/<any(suspend, resume, revoke):action>")
def change_consent(consent_id: str, action: str) -> Response:
    """Suspend, resume or end a consent by the bank; suspending and ending work on the next call of the partner.

    Whoever may suspend may stop access; only an approver gives it back.
    """
    server, employee, reason = context(), current_employee(), read_reason()
    if not (employee.may_approve if action == "resume" else employee.may_suspend):
        raise NotAllowed(f"the role {employee.role} may not do this")
    if not reason:
        return _consent_page(consent_id, problem=_("Напишите причину: клиент увидит её."), status=422)
    with server.transaction() as tx:
        consents.read_consent(tx, consent_id, now=server.now())
        if action == "suspend":
            consents.suspend(tx, consent_id, staff_id=employee.id, reason=reason, now=server.now())
        elif action == "resume":
            consents.resume(tx, consent_id, staff_id=employee.id, reason=reason, now=server.now())
        else:
            consents.revoke(
                tx, consent_id, by="bank", actor=employee.actor, reason=reason, now=server.now(), ip=remote_ip()
            )
    return see_other(f"/admin/consents/{consent_id}")


def _consent_page(consent_id: str, problem: str | None = None, status: int = 200) -> Response:
    server = context()
    with server.reading() as connection:
        consent = consents.read_consent(connection, consent_id, now=server.now())
        uses = usage.list_uses(connection, consent_id, limit=20)
        events = audit.list_events(connection, consent_id=consent_id, limit=20)
    record_view({}, consent.partner_id, consent_id)
    return desk_page(
        "admin/consent.html",
        "partners",
        status,
        consent=consent,
        clusters=clusters(consent.scopes),
        uses=uses,
        events=events,
        ended_by=ENDED_BY,
        problem=problem,
    )
