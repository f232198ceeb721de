"""Entries, changes and statements as the document shows them.

Pages of entries never go through these classes: `adapter/store/entry_json.py` writes the JSON once, when an entry is
stored.  A test loads what the API answers with these shapes, so the two cannot drift apart.
"""

from __future__ import annotations

import marshmallow as ma

from adapter.domain.statements import LOCKED_FIELDS, Direction, DocumentType
from adapter.schemas.accounts import AccountBody
from adapter.schemas.parties import BudgetBody, CounterpartyBody, Open, amount, currency, nullable

AS_OF = "the moment that the core vouches for; null until the account was read for the first time"
COMPLETE_THROUGH = "the last day up to which opening balance, entries and closing balance of every closed day agree"


class EntryBody(Open):
    """A booked entry («Получен из банка»).  Its id survives every change; `version` counts changes from 1."""

    id = ma.fields.Str(required=True)
    account_id = ma.fields.Str(required=True)
    version = ma.fields.Int(required=True, strict=True)
    state = ma.fields.Str(required=True, validate=ma.validate.Equal("booked"))
    direction = ma.fields.Enum(Direction, by_value=True, required=True)
    amount = amount("always positive, `direction` carries the sign")
    currency = currency()
    document_type = ma.fields.Enum(DocumentType, by_value=True, required=True)
    number = ma.fields.Str(required=True, metadata={"description": "number of the document"})
    date = ma.fields.Date(required=True, metadata={"description": "date of the document"})
    booking_date = ma.fields.Date(required=True, metadata={"description": "дата проводки"})
    value_date = ma.fields.Date(required=True)
    counterparty = ma.fields.Nested(CounterpartyBody, required=True)
    purpose = ma.fields.Str(required=True)
    priority = ma.fields.Int(required=True, allow_none=True, strict=True)
    uin = nullable("УИН")
    budget = ma.fields.Nested(BudgetBody, required=True, allow_none=True)
    payment_id = nullable("your payment that this entry books; null for all others")
    external_id = nullable("your own id of that payment")
    source = ma.fields.Str(required=True, validate=ma.validate.Equal("bank"))
    locked_fields = ma.fields.List(
        ma.fields.Str(),
        required=True,
        metadata={"description": "what an accounting system must not let anyone edit", "example": list(LOCKED_FIELDS)},
    )


class RemovedEntry(Open):
    """An entry that the bank took back; its id is never used again."""

    id = ma.fields.Str(required=True)
    account_id = ma.fields.Str(required=True)
    version = ma.fields.Int(required=True, strict=True)


class ChangesBody(Open):
    """What is new since the cursor; each entry at most once until `has_more` is false."""

    added = ma.fields.List(ma.fields.Nested(EntryBody), required=True)
    changed = ma.fields.List(ma.fields.Nested(EntryBody), required=True)
    removed = ma.fields.List(ma.fields.Nested(RemovedEntry), required=True)
    next_cursor = ma.fields.Str(required=True, metadata={"description": "send it as `cursor` next time"})
    has_more = ma.fields.Bool(required=True)
    as_of = ma.fields.AwareDateTime(required=True, allow_none=True, metadata={"description": AS_OF})
    complete_through = ma.fields.Date(required=True, allow_none=True, metadata={"description": COMPLETE_THROUGH})


class BankBody(Open):
    """The bank that holds the account, as the Bank of Russia's directory tells it."""

    bic = ma.fields.Str(required=True, metadata={"description": "БИК, 9 digits"})
    name = ma.fields.Str(required=True)
    place = nullable("town")
    correspondent_account = nullable("корсчёт")


class StatementBody(Open):
    """A period: `opening_balance + total_credits - total_debits = closing_balance`."""

    account = ma.fields.Nested(AccountBody, required=True)
    date_from = ma.fields.Date(required=True, data_key="from")
    date_to = ma.fields.Date(required=True, data_key="to")
    currency = currency()
    opening_balance = amount("at the beginning of the first day")
    closing_balance = amount("at the end of the last day")
    total_credits = amount("of the period")
    total_debits = amount("of the period")
    credit_entries = ma.fields.Int(required=True, strict=True, metadata={"description": "how many there are"})
    debit_entries = ma.fields.Int(required=True, strict=True, metadata={"description": "how many there are"})
    bank = ma.fields.Nested(
        BankBody, required=True, allow_none=True, metadata={"description": "null while no directory of banks is loaded"}
    )
    as_of = ma.fields.AwareDateTime(required=True, metadata={"description": AS_OF})
    complete_through = ma.fields.Date(required=True, allow_none=True, metadata={"description": COMPLETE_THROUGH})
    entries = ma.fields.List(ma.fields.Nested(EntryBody), required=True)
