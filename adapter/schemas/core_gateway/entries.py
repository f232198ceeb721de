"""Entries of an account and the pages in which they are told."""

from __future__ import annotations

from adapter.domain.core import CoreEntry, EntryPage
from adapter.domain.limits import DOCUMENT_ID_MAX, NUMBER_MAX
from adapter.domain.statements import DayTotals, Direction, DocumentType, EntryDetails
from adapter.schemas.core_gateway.members import Members
from adapter.schemas.core_gateway.values import (
    Json,
    dump_budget,
    dump_counterparty,
    load_budget,
    load_counterparty,
    load_mark,
)

PAGE_MAX = 10_000
DAYS_MAX = 10_000


def dump_entry_page(page: EntryPage) -> Json:
    return {
        "entries": [dump_entry(one) for one in page.entries],
        "mark": page.mark.text,
        "has_more": page.has_more,
        "as_of": page.as_of.isoformat() if page.as_of else None,
        "closed_days": [_dump_day(one) for one in page.closed_days],
    }


def load_entry_page(body: Members) -> EntryPage:
    return EntryPage(
        entries=[load_entry(one) for one in body.objects("entries", PAGE_MAX)],
        mark=load_mark(body),
        has_more=body.flag("has_more"),
        as_of=body.moment_or_null("as_of"),
        closed_days=[_load_day(one) for one in body.objects_or_none("closed_days")],
    )


def dump_entry(entry: CoreEntry) -> Json:
    """An entry whole, or only its id where it was removed."""
    if entry.details is None:
        return {"entry_id": entry.core_id, "removed": True, "document_id": entry.document_id}
    return {
        "entry_id": entry.core_id,
        "removed": False,
        "document_id": entry.document_id,
        **_dump_details(entry.details),
    }


def load_entry(members: Members) -> CoreEntry:
    return CoreEntry(
        core_id=members.identifier("entry_id"),
        details=None if members.flag("removed", default=False) else _load_details(members),
        document_id=members.text_or_none("document_id", DOCUMENT_ID_MAX),
    )


def _dump_details(details: EntryDetails) -> Json:
    return {
        "direction": details.direction.value,
        "amount": str(details.amount),
        "currency": details.amount.currency,
        "document_type": details.document_type.value,
        "number": details.number,
        "date": details.date.isoformat(),
        "booking_date": details.booking_date.isoformat(),
        "value_date": details.value_date.isoformat(),
        "counterparty": dump_counterparty(details.counterparty),
        "purpose": details.purpose,
        "priority": details.priority,
        "uin": details.uin,
        "budget": dump_budget(details.budget),
    }


def _load_details(members: Members) -> EntryDetails:
    amount = members.money("amount", members.currency())
    if amount.kopecks < 0:
        raise members.wrong("amount", "negative: `direction` carries the sign")
    return EntryDetails(
        direction=members.one_of("direction", Direction),
        amount=amount,
        document_type=members.one_of("document_type", DocumentType),
        number=members.text("number", NUMBER_MAX),
        date=members.day("date"),
        booking_date=members.day("booking_date"),
        value_date=members.day("value_date"),
        counterparty=load_counterparty(members.object("counterparty")),
        purpose=members.text("purpose"),
        priority=members.whole_or_none("priority", 0, 9),
        uin=members.text_or_none("uin"),
        budget=load_budget(members.object_or_none("budget")),
    )


def _dump_day(day: DayTotals) -> Json:
    return {
        "day": day.day.isoformat(),
        "currency": day.opening.currency,
        "opening": str(day.opening),
        "closing": str(day.closing),
    }


def _load_day(members: Members) -> DayTotals:
    currency = members.currency()
    return DayTotals(
        day=members.day("day"), opening=members.money("opening", currency), closing=members.money("closing", currency)
    )
