"""Drafts on their way to the core, its results, and where documents are."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.domain.core import (
    Accepted,
    CoreDocument,
    DocumentState,
    EventPage,
    NotFound,
    Refused,
    Result,
    Unknown,
)
from adapter.domain.limits import CODE_MAX, ORIGIN_BYTES_MAX, REFERENCE_MAX
from adapter.domain.payments import TOLD_BY_CORE, PaymentStatus
from adapter.schemas.core_gateway.members import Members, WrongShape
from adapter.schemas.core_gateway.values import Json, dump_order, load_mark, load_order

BATCH_MAX = 10_000


def dump_documents(documents: Sequence[CoreDocument]) -> Json:
    return {"documents": [_dump_document(one) for one in documents]}


def load_documents(body: Members) -> Sequence[CoreDocument]:
    return [_load_document(one) for one in body.objects("documents", BATCH_MAX)]


def dump_document_ids(document_ids: Sequence[str]) -> Json:
    return {"document_ids": list(document_ids)}


def load_document_ids(body: Members) -> Sequence[str]:
    return body.identifiers("document_ids", BATCH_MAX)


def dump_results(results: Sequence[Result]) -> Json:
    return {"results": [dump_result(one) for one in results]}


def dump_result(result: Result) -> Json:
    if isinstance(result, Accepted):
        return {
            "document_id": result.document_id,
            "result": "accepted",
            "core_reference": result.core_reference,
            "sign_url": result.sign_url,
        }
    if isinstance(result, Refused):
        return {
            "document_id": result.document_id,
            "result": "refused",
            "code": result.code,
            "reason": result.reason,
        }
    return {"document_id": result.document_id, "result": "unknown", "detail": result.detail}


def load_result(members: Members) -> Result:
    document_id = members.identifier("document_id")
    result = members.text("result")
    if result == "accepted":
        reference = members.text("core_reference", REFERENCE_MAX)
        return Accepted(document_id=document_id, core_reference=reference, sign_url=members.address("sign_url"))
    if result == "refused":
        return _load_refusal(document_id, members)
    if result == "unknown":
        return Unknown(document_id=document_id, detail=members.text_or_none("detail") or "the core does not know")
    raise members.wrong("result", "not one of accepted, refused, unknown")


def load_refusals(problem: Members, document_ids: Sequence[str]) -> dict[str, Refused]:
    """What a problem (422) refuses of the documents that were sent; empty where it says no more than that it failed.

    A reason for the whole call is the document's only where there is no other in the call.
    """
    if "refused" in problem.found:
        told = [_load_refusal(one.identifier("document_id"), one) for one in problem.objects("refused", BATCH_MAX)]
        return {one.document_id: one for one in told if one.document_id in document_ids}
    if "reason" in problem.found and len(document_ids) == 1:
        return {document_ids[0]: _load_refusal(document_ids[0], problem)}
    return {}


def _load_refusal(document_id: str, members: Members) -> Refused:
    reason = members.text("reason", may_be_empty=False)
    return Refused(document_id=document_id, code=members.identifier("code", CODE_MAX), reason=reason)


def dump_states(states: Sequence[DocumentState | NotFound]) -> Json:
    return {"documents": [_dump_found(one) for one in states]}


def load_states(body: Members) -> Sequence[DocumentState | NotFound]:
    return [_load_found(one) for one in body.objects("documents", BATCH_MAX)]


def dump_event_page(page: EventPage) -> Json:
    return {
        "events": [_dump_state(one) for one in page.events],
        "mark": page.mark.text,
        "has_more": page.has_more,
    }


def load_event_page(body: Members) -> EventPage:
    """An event that cannot be read is told beside the others: it must not keep the fates of all documents."""
    events: list[DocumentState] = []
    unreadable: dict[str, str] = {}
    for one in body.objects("events", BATCH_MAX):
        try:
            events.append(_load_state(one))
        except WrongShape as error:
            unreadable[_name_of(one)] = f"{error.place}: {error.what}"
    return EventPage(events=events, mark=load_mark(body), has_more=body.flag("has_more"), unreadable=unreadable)


def _name_of(event: Members) -> str:
    try:
        return event.identifier("document_id")
    except WrongShape:
        return ""


def _dump_document(document: CoreDocument) -> Json:
    return {
        "document_id": document.id,
        "customer_id": document.customer_id,
        "account_id": document.core_account_id,
        "partner_name": document.partner_name,
        "possible_duplicate": document.possible_duplicate,
        "origin": document.origin,
        "order": dump_order(document.order),
    }


def _load_document(members: Members) -> CoreDocument:
    return CoreDocument(
        id=members.identifier("document_id"),
        customer_id=members.identifier("customer_id"),
        core_account_id=members.identifier("account_id"),
        order=load_order(members.object("order")),
        partner_name=members.text("partner_name"),
        possible_duplicate=members.flag("possible_duplicate", default=False),
        origin=members.text_or_none("origin", ORIGIN_BYTES_MAX) or "",
    )


def _dump_found(state: DocumentState | NotFound) -> Json:
    if isinstance(state, NotFound):
        return {"document_id": state.document_id, "found": False}
    whole = _dump_document(state.document) if state.document else None
    return {"found": True, **_dump_state(state), "document": whole}


def _load_found(members: Members) -> DocumentState | NotFound:
    if not members.flag("found"):
        return NotFound(document_id=members.identifier("document_id"))
    return _load_state(members)


def _dump_state(state: DocumentState) -> Json:
    return {
        "document_id": state.document_id,
        "status": state.status.value,
        "at": state.at.isoformat(),
        "reason": state.reason,
        "core_reference": state.core_reference,
        "sign_url": state.sign_url,
        "edited": state.edited,
    }


def _load_state(members: Members) -> DocumentState:
    status = members.one_of("status", PaymentStatus)
    if status not in TOLD_BY_CORE:
        raise members.wrong("status", "one that only the adapter has")
    document = members.object_or_none("document")
    return DocumentState(
        document_id=members.identifier("document_id"),
        status=status,
        at=members.moment("at"),
        reason=members.text_or_none("reason"),
        core_reference=members.text_or_none("core_reference", REFERENCE_MAX),
        sign_url=members.address("sign_url"),
        edited=members.texts_by_name("edited"),
        document=_load_document(document) if document else None,
    )
