"""Entries and the pages in which they are told."""

from __future__ import annotations

import marshmallow as ma

from adapter.domain.limits import DOCUMENT_ID_MAX, NUMBER_MAX, TEXT_MAX
from adapter.domain.statements import Direction, DocumentType
from adapter.schemas.core_gateway.entries import PAGE_MAX
from adapter.schemas.core_gateway.shapes import fields
from adapter.schemas.parties import Open


class CoreCounterpartyBody(Open):
    """The other side; a bank's own fee may have little more than a name."""

    name = fields.text("as in the document")
    inn = fields.text_or_none("ИНН", NUMBER_MAX)
    kpp = fields.text_or_none("КПП", NUMBER_MAX)
    account = fields.text_or_none("20 characters", NUMBER_MAX)
    bic = fields.text_or_none("БИК of its bank", NUMBER_MAX)
    bank_name = fields.text_or_none("its bank")
    correspondent_account = fields.text_or_none("корсчёт of its bank", NUMBER_MAX)


class CoreBudgetBody(Open):
    """Fields 101 and 104-110 of a payment to the budget."""

    drawer_status = fields.text("101")
    kbk = fields.text_or_none("104")
    oktmo = fields.text_or_none("105")
    reason = fields.text_or_none("106")
    tax_period = fields.text_or_none("107")
    basis_number = fields.text_or_none("108")
    basis_date = fields.text_or_none("109")
    payment_type = fields.text_or_none("110")


class CoreEntryBody(Open):
    """A booked entry, whole, also when it comes again because it changed; of a removed one only its id."""

    entry_id = fields.identifier("the same through every change, never reused")
    removed = ma.fields.Bool(metadata={"description": "true where the bank took it back; else false, or absent"})
    document_id = fields.text_or_none(
        "the adapter's id of the document that this entry books; none for all others", DOCUMENT_ID_MAX
    )
    direction = ma.fields.Enum(Direction, by_value=True, metadata={"description": "seen from the account's owner"})
    amount = fields.money("never negative: `direction` carries the sign", may_be_negative=False, is_required=False)
    currency = fields.currency(is_required=False)
    document_type = ma.fields.Enum(DocumentType, by_value=True)
    number = ma.fields.Str(validate=ma.validate.Length(max=NUMBER_MAX), metadata={"description": "of the document"})
    date = ma.fields.Date(metadata={"description": "of the document"})
    booking_date = ma.fields.Date(metadata={"description": "дата проводки, a Moscow business date"})
    value_date = ma.fields.Date()
    counterparty = ma.fields.Nested(CoreCounterpartyBody)
    purpose = ma.fields.Str(validate=ma.validate.Length(max=TEXT_MAX), metadata={"description": "назначение платежа"})
    priority = ma.fields.Int(allow_none=True, validate=ma.validate.Range(0, 9), metadata={"description": "очерёдность"})
    uin = fields.text_or_none("УИН")
    budget = ma.fields.Nested(CoreBudgetBody, allow_none=True)


class ClosedDayBody(Open):
    """A banking day that is closed: opening and entries give closing."""

    day = ma.fields.Date(required=True)
    currency = fields.currency()
    opening = fields.money("at the beginning of the day")
    closing = fields.money("at its end")


class EntryPageBody(Open):
    """Changes of one account after a mark, oldest first."""

    entries = fields.many(CoreEntryBody, PAGE_MAX)
    mark = fields.mark("where to go on, also when nothing came")
    has_more = ma.fields.Bool(required=True)
    as_of = ma.fields.AwareDateTime(
        required=True,
        allow_none=True,
        metadata={
            "description": f"everything booked by then is in this page or before it, {fields.MOMENT}; "
            "null only while nothing can be said of this account yet"
        },
    )
    closed_days = ma.fields.List(
        ma.fields.Nested(ClosedDayBody),
        metadata={
            "description": "with the last page only: days without gaps since the account was opened, "
            "also where nothing moved; the last is yesterday in Moscow"
        },
    )
