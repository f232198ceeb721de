"""Entries as JSON in the public shape: written once when an entry is stored, read back for formats.

The column `details` holds what the bank told of an entry; `render_entry` puts our own members around it by joining
text, so that a page of entries costs no parsing.  `adapter/schemas/statements.py` describes the same shape; a test
compares the two.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict
from typing import Any

import orjson

from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import LOCKED_FIELDS, Direction, DocumentType, Entry, EntryDetails

_BOOKED_BY_BANK = '"source":"bank","locked_fields":' + orjson.dumps(LOCKED_FIELDS).decode()


def dump_details(details: EntryDetails) -> str:
    """The JSON object of what the bank told; equal details give equal text."""
    return orjson.dumps(
        {
            "direction": details.direction,
            "amount": str(details.amount),
            "currency": details.amount.currency,
            "document_type": details.document_type,
            "number": details.number,
            "date": details.date,
            "booking_date": details.booking_date,
            "value_date": details.value_date,
            "counterparty": asdict(details.counterparty),
            "purpose": details.purpose,
            "priority": details.priority,
            "uin": details.uin,
            "budget": asdict(details.budget) if details.budget else None,
        }
    ).decode()


def load_details(text: str) -> EntryDetails:
    """What `dump_details` wrote."""
    found: dict[str, Any] = orjson.loads(text)
    return EntryDetails(
        direction=Direction(found["direction"]),
        amount=Money.of(found["amount"], found["currency"]),
        document_type=DocumentType(found["document_type"]),
        number=found["number"],
        date=dt.date.fromisoformat(found["date"]),
        booking_date=dt.date.fromisoformat(found["booking_date"]),
        value_date=dt.date.fromisoformat(found["value_date"]),
        counterparty=Counterparty(**found["counterparty"]),
        purpose=found["purpose"],
        priority=found["priority"],
        uin=found["uin"],
        budget=BudgetDetails(**found["budget"]) if found["budget"] else None,
    )


def load_entry(
    account_id: str, entry_id: str, version: int, details: str, payment_id: str | None, external_id: str | None
) -> Entry:
    """The domain object of a stored entry."""
    return Entry(
        id=entry_id,
        account_id=account_id,
        version=version,
        details=load_details(details),
        payment_id=payment_id,
        external_id=external_id,
    )


def render_entry(
    account_id: str, entry_id: str, version: int, details: str, payment_id: str | None, external_id: str | None
) -> str:
    """The JSON of an entry; `payment_id` and `external_id` only for the partner whose payment it is."""
    payment = "null" if payment_id is None else f'"{payment_id}"'
    external = "null" if external_id is None else orjson.dumps(external_id).decode()
    return (
        f'{{"id":"{entry_id}","account_id":"{account_id}","version":{version},"state":"booked",{details[1:-1]},'
        f'"payment_id":{payment},"external_id":{external},{_BOOKED_BY_BANK}}}'
    )


def render_removal(account_id: str, entry_id: str, version: int) -> str:
    """The JSON of an entry that the bank took back."""
    return f'{{"id":"{entry_id}","account_id":"{account_id}","version":{version}}}'
