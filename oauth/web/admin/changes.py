"""What needs two people: applications, lifting a suspension, new credentials.

An approval is bound to the digest of what the page showed; the second approval must come from another employee.
"""

from __future__ import annotations

from flask import Response, request

from oauth import partners
from oauth.context import context
from oauth.staff import list_staff
from oauth.web.admin.desk import blueprint, current_employee, desk_page, page_number, read_reason
from oauth.web.language import _
from oauth.web.pages import see_other

QUEUE_PAGE_SIZE = 50


@blueprint.get("")
def show_queue() -> Response:
    """Everything that waits for a first or a second decision by page, oldest first and applications last."""
    page = page_number()
    with context().reading() as connection:
        found = partners.list_changes(connection, limit=QUEUE_PAGE_SIZE + 1, offset=(page - 1) * QUEUE_PAGE_SIZE)
        changes = found[:QUEUE_PAGE_SIZE]
        names = {change.partner_id: partners.read_partner(connection, change.partner_id).name for change in changes}
        staff_names = {employee.id: employee.name for employee in list_staff(connection)}
    return desk_page(
        "admin/queue.html",
        "queue",
        changes=changes,
        has_more=len(found) > QUEUE_PAGE_SIZE,
        page=page,
        names=names,
        staff_names=staff_names,
    )


@blueprint.get("/changes/<change_id>")
def show_change(change_id: str) -> Response:
    """Everything that was asked, and who decided what."""
    return _change_page(change_id)


@blueprint.post("/changes/<change_id>/approve")
def approve(change_id: str) -> Response:
    """The first or the second approval of exactly what was shown; the second may make a receipt code to pass on."""
    server, employee = context(), current_employee()
    with server.transaction() as tx:
        change = partners.approve(
            tx,
            change_id,
            staff_id=employee.id,
            role=employee.role,
            seen_digest=request.form.get("digest", ""),
            now=server.now(),
        )
    if change.receipt_code is not None:
        return desk_page("admin/receipt.html", "queue", change=change, receipt_code=change.receipt_code)
    return see_other(f"/admin/changes/{change.id}")


@blueprint.post("/changes/<change_id>/refuse")
def refuse(change_id: str) -> Response:
    """Close the change without carrying it out."""
    server, employee, reason = context(), current_employee(), read_reason()
    if not reason:
        return _change_page(change_id, problem=_("Напишите причину: заявитель увидит её."), status=422)
    with server.transaction() as tx:
        partners.refuse(tx, change_id, staff_id=employee.id, role=employee.role, reason=reason, now=server.now())
    return see_other(f"/admin/changes/{change_id}")


def _change_page(change_id: str, problem: str | None = None, status: int = 200) -> Response:
    with context().reading() as connection:
        change = partners.read_change(connection, change_id)
        partner = partners.read_partner(connection, change.partner_id)
        staff_names = {employee.id: employee.name for employee in list_staff(connection)}
    return desk_page(
        "admin/change.html",
        "queue",
        status,
        change=change,
        partner=partner,
        staff_names=staff_names,
        problem=problem,
    )
