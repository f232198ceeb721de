"""Documents that wait for a person: look (which is recorded), adopt what the bank has, send again what it has not."""

from __future__ import annotations

from flask import Response, request

from oauth.context import context
from oauth.errors import NotAllowed
from oauth.operations import ActionRefused, Clerk, CoreSilent, Seen, UnknownThing
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
from oauth.web.operations_words import DOCUMENT_REASONS, DOCUMENT_REFUSALS, DOCUMENT_SOURCES, DOCUMENT_STATES
from oauth.web.pages import render_error, see_other

REFERENCE_LENGTH_MAX = 200


@blueprint.errorhandler(UnknownThing)
def unknown_thing(_error: UnknownThing) -> Response:
    return render_error(404)


@blueprint.get("/documents")
def list_documents() -> Response:
    """Longest waiting first, by page."""
    page = page_number()
    found = context().operations_desk.list_documents(PAGE_SIZE + 1, (page - 1) * PAGE_SIZE)
    record_view({"page": page, "shown": len(found[:PAGE_SIZE])})
    return desk_page(
        "admin/documents.html",
        "documents",
        found=found[:PAGE_SIZE],
        has_more=len(found) > PAGE_SIZE,
        page=page,
        now=context().now(),
        reasons=DOCUMENT_REASONS,
    )


@blueprint.get("/documents/<payment_id>")
def show_document(payment_id: str) -> Response:
    """One document with its history, also one that waits no longer."""
    return _document_page(payment_id)


@blueprint.post("/documents/<payment_id>/<any(adopt, send, ask):action>")
def act_on_document(payment_id: str, action: str) -> Response:
    """Each needs a reason; adopting and sending again need an approver, and sending again a confirmation."""
    employee = current_employee()
    if not (employee.may_suspend if action == "ask" else employee.may_approve):
        raise NotAllowed(f"the role {employee.role} may not do this")
    if problem := _find_problem(action):
        return _document_page(payment_id, problem=problem, status=422)
    try:
        _act(payment_id, action)
    except ActionRefused as error:
        return _document_page(payment_id, problem=_(DOCUMENT_REFUSALS[error.code]), status=409)
    except CoreSilent:
        return _document_page(
            payment_id, problem=_("ДБО сейчас не отвечает. Ничего не сделано, попробуйте позже."), status=503
        )
    return see_other(f"/admin/documents/{payment_id}")


def _find_problem(action: str) -> str | None:
    """What is missing in the form."""
    if not read_reason():
        return _("Напишите причину.")
    if action == "send" and "confirmed" not in request.form:
        return _("Подтвердите, что документа в ДБО нет.")
    status, reference = request.form.get("status", ""), _read_reference()
    if action == "adopt" and bool(status) != bool(reference):
        return _("Укажите и состояние документа, и его номер в ДБО.")
    if action == "adopt" and status and status not in context().operations_desk.list_seen_statuses():
        return _("Выберите состояние из списка.")
    return None


def _act(payment_id: str, action: str) -> None:
    desk = context().operations_desk
    version = request.form.get("version", "")
    clerk = Clerk(staff_id=current_employee().id, ip=remote_ip(), reason=read_reason())
    if action == "adopt":
        status = request.form.get("status", "")
        seen = Seen(status=status, core_reference=_read_reference()) if status else None
        desk.adopt_document(payment_id, version, clerk, seen)
    elif action == "send":
        desk.send_document_again(payment_id, version, clerk)
    else:
        desk.ask_about_document(payment_id, clerk)


def _read_reference() -> str:
    return " ".join(request.form.get("core_reference", "").split())[:REFERENCE_LENGTH_MAX]


def _document_page(payment_id: str, problem: str | None = None, status: int = 200) -> Response:
    desk = context().operations_desk
    document = desk.read_document(payment_id)
    record_view({"payment_id": payment_id}, document.partner_id, document.consent_id)
    return desk_page(
        "admin/document.html",
        "documents",
        status,
        document=document,
        seen_statuses=desk.list_seen_statuses(),
        states=DOCUMENT_STATES,
        sources=DOCUMENT_SOURCES,
        reasons=DOCUMENT_REASONS,
        problem=problem,
    )
