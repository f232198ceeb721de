"""Drafts: put before the customer, asked about, followed, taken back."""

from __future__ import annotations

import flask
from flask_smorest import Blueprint

from adapter.connectors.gateway.asked import DEADLINE_PARAMETER, PAGE_PARAMETERS, answer, body, core, deadline, page
from adapter.schemas.core_gateway import documents
from adapter.schemas.core_gateway.members import WrongShape
from adapter.schemas.core_gateway.shapes.documents import (
    CoreDocumentsBody,
    DocumentsQuery,
    EventPageBody,
    FoundDocumentsBody,
    ResultBody,
    ResultsBody,
)

blp = Blueprint("core documents", __name__, url_prefix="/core/v1", description="Drafts and their fate")

BATCH_BODY = {"required": True, "content": {"application/json": {"schema": CoreDocumentsBody}}}
IDS_BODY = {"required": True, "content": {"application/json": {"schema": DocumentsQuery}}}


@blp.post("/documents")
@blp.doc(parameters=[DEADLINE_PARAMETER], requestBody=BATCH_BODY)
@blp.response(200, ResultsBody)
def submit_documents() -> flask.Response:
    """Put drafts before the customer

    One result for each, in order.  `document_id` is the idempotency key: a known one is answered as before and changes
    nothing.  503 with `Retry-After` and the code `unavailable` promises that nothing was done.
    """
    batch = documents.load_documents(body())
    most = core().capabilities().batch_size_max
    if not 0 < len(batch) <= most:
        raise WrongShape("/documents", f"not 1 to {most} documents")
    return answer(documents.dump_results(core().submit_documents(batch, deadline())))


@blp.post("/documents/query")
@blp.doc(parameters=[DEADLINE_PARAMETER], requestBody=IDS_BODY)
@blp.response(200, FoundDocumentsBody)
def find_documents() -> flask.Response:
    """Where documents are

    By the adapter's ids; one answer for each, in order, `found: false` for one that is not here.
    """
    document_ids = documents.load_document_ids(body())
    return answer(documents.dump_states(core().find_documents(document_ids, deadline())))


@blp.get("/document-events")
@blp.doc(parameters=PAGE_PARAMETERS)
@blp.response(200, EventPageBody)
@blp.alt_response(410, "GONE")
def pull_document_events() -> flask.Response:
    """States that documents took after a mark

    Of all documents that came through the adapter, oldest first.
    """
    after, limit = page()
    return answer(documents.dump_event_page(core().pull_document_events(after, limit, deadline())))


@blp.put("/documents/<document_id>/withdrawals/<request_id>")
@blp.doc(parameters=[DEADLINE_PARAMETER])
@blp.response(200, ResultBody)
def withdraw_document(document_id: str, request_id: str) -> flask.Response:
    """Take a draft back

    While it is not signed; afterwards it is refused.  The same request id gets its first answer again.
    """
    return answer(documents.dump_result(core().withdraw_document(document_id, request_id, deadline())))
