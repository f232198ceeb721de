"""Drafts, what became of them, their events."""

from __future__ import annotations

import marshmallow as ma

from adapter.domain.limits import CODE_MAX, NUMBER_MAX, ORIGIN_BYTES_MAX, REFERENCE_MAX, TEXT_MAX
from adapter.domain.payments import TOLD_BY_CORE
from adapter.schemas.core_gateway.documents import BATCH_MAX
from adapter.schemas.core_gateway.shapes import fields
from adapter.schemas.core_gateway.shapes.entries import CoreBudgetBody, CoreCounterpartyBody
from adapter.schemas.core_gateway.shapes.people import CorePartyBody
from adapter.schemas.parties import Open

EDITED = ma.fields.Str(validate=ma.validate.Length(max=TEXT_MAX))
IS_TOLD = ma.validate.OneOf(sorted(status.value for status in TOLD_BY_CORE))


class CoreOrderBody(Open):
    """A payment order, form 0401060; the numbers are those of its fields."""

    number = fields.text("3", NUMBER_MAX)
    date = ma.fields.Date(required=True, metadata={"description": "4"})
    amount = fields.money("7")
    currency = fields.currency()
    payee = ma.fields.Nested(CoreCounterpartyBody, required=True, metadata={"description": "13-17, 61, 103"})
    purpose = fields.text("24")
    priority = ma.fields.Int(required=True, validate=ma.validate.Range(1, 5), metadata={"description": "21"})
    uin = fields.text_or_none("22")
    income_type_code = fields.text_or_none("20")
    operation_code = fields.text("18")
    payment_kind = fields.text_or_none("5")
    budget = ma.fields.Nested(CoreBudgetBody, allow_none=True, metadata={"description": "101, 104-110"})
    payer = ma.fields.Nested(
        CorePartyBody, allow_none=True, metadata={"description": "8, 60, 102 as sent; counts in payments to the budget"}
    )
    payer_account = fields.text_or_none("9 as sent in a file; `account_id` of the document is what counts")
    external_id = fields.text_or_none("the accounting service's own id; keep it")
    adapter_account_id = fields.text_or_none("the adapter's id of the account; keep it unread and give it back")


class CoreDocumentBody(Open):
    """A draft for the customer to sign."""

    document_id = fields.identifier("the adapter's id, unique for ever: the idempotency key")
    customer_id = fields.identifier("whose")
    account_id = fields.identifier("the account that pays")
    partner_name = fields.text("the accounting service; show it to the customer")
    possible_duplicate = ma.fields.Bool(metadata={"description": "the same payment came lately; warn the customer"})
    origin = ma.fields.Str(
        validate=ma.validate.Length(max=ORIGIN_BYTES_MAX),
        metadata={"description": f"at most {ORIGIN_BYTES_MAX} bytes; keep it unread and give it back"},
    )
    order = ma.fields.Nested(CoreOrderBody, required=True)


class CoreDocumentsBody(Open):
    """A batch, at most `batch_size_max`."""

    documents = fields.many(CoreDocumentBody, BATCH_MAX, least=1)


class ResultBody(Open):
    """What became of one document."""

    document_id = fields.identifier("as it was sent")
    result = ma.fields.Str(required=True, validate=ma.validate.OneOf(("accepted", "refused", "unknown")))
    core_reference = fields.text_or_none("of an accepted one: the bank's own number, for people", REFERENCE_MAX)
    sign_url = fields.address_or_none("of an accepted one: where the customer signs it")
    code = fields.text_or_none("of a refused one: stable, for programs", CODE_MAX)
    reason = fields.text_or_none("of a refused one: Russian, for the customer")
    detail = fields.text_or_none("of an unknown one: for the log")


class ResultsBody(Open):
    """One result for each document, in order."""

    results = fields.many(ResultBody, BATCH_MAX)


class DocumentsQuery(Open):
    """Documents that are asked for, by the adapter's ids."""

    document_ids = fields.identifiers("as they were submitted")


class DocumentEventBody(Open):
    """A state that a document took."""

    document_id = fields.identifier("the adapter's id")
    status = ma.fields.Str(required=True, validate=IS_TOLD)
    at = ma.fields.AwareDateTime(required=True, metadata={"description": f"when, {fields.MOMENT}"})
    reason = fields.text_or_none("of a rejected or cancelled one: Russian, for the customer")
    core_reference = fields.text_or_none("the bank's own number", REFERENCE_MAX)
    sign_url = fields.address_or_none("where the customer signs it")
    edited = ma.fields.Dict(
        keys=ma.fields.Str(),
        values=EDITED,
        metadata={"description": 'fields that a person changed in the bank, e.g. {"amount": "120.50"}'},
    )


class FoundDocumentBody(Open):
    """Where a document is, or that there is none."""

    document_id = fields.identifier("as it was asked")
    found = ma.fields.Bool(required=True)
    status = ma.fields.Str(validate=IS_TOLD, metadata={"description": "of a found one"})
    at = ma.fields.AwareDateTime(metadata={"description": "of a found one: when it took this state"})
    reason = fields.text_or_none("as in events")
    core_reference = fields.text_or_none("as in events", REFERENCE_MAX)
    sign_url = fields.address_or_none("as in events")
    edited = ma.fields.Dict(keys=ma.fields.Str(), values=EDITED)
    document = ma.fields.Nested(
        CoreDocumentBody, allow_none=True, metadata={"description": "as it was submitted, where the core can tell"}
    )


class FoundDocumentsBody(Open):
    """One answer for each id, in order."""

    documents = fields.many(FoundDocumentBody, BATCH_MAX)


class EventPageBody(Open):
    """States that documents took after a mark, oldest first."""

    events = fields.many(DocumentEventBody, BATCH_MAX)
    mark = fields.mark("where to go on, also when nothing came")
    has_more = ma.fields.Bool(required=True)
