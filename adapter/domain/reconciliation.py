"""Each executed payment meets exactly one booked entry; what does not is a mismatch until it is put right."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum

from adapter.domain.payments import PaymentOrder
from adapter.domain.statements import Direction, EntryDetails


class MismatchKind(StrEnum):
    ENTRY_MISSING = "entry_missing"  # the payment is executed, its entry did not come in time
    ENTRY_REMOVED = "entry_removed"  # the payment is executed, its entry was taken away
    ENTRIES_DOUBLED = "entries_doubled"  # two entries are the booking of one payment
    NOT_EXECUTED = "not_executed"  # the entry is there, the payment was not told executed in time
    PAYMENT_UNKNOWN = "payment_unknown"  # the entry names a payment that is not here
    ENTRY_OF_ANOTHER = "entry_of_another"  # the entry names one payment, another has it as its own


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """`subject` is the payment's or the entry's id; one of a kind is open for a subject at a time."""

    kind: MismatchKind
    subject: str
    account_id: str
    payment_id: str | None
    entry_id: str | None
    detail: str  # Russian, for staff: number, date and amount of the document
    found_at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Horizon:
    """What a round of reconciliation looks at."""

    now: dt.datetime
    settled_before: dt.datetime  # payments and entries that were told before this should have met
    read_since: dt.datetime  # a feed that was read later than this is a witness
    booked_since: dt.date  # entries that name a payment are looked at from this day on


@dataclass(frozen=True, slots=True, kw_only=True)
class Reconciled:
    """What a round did; `open` is how many mismatches there are now."""

    matched: int
    found: tuple[Mismatch, ...]
    cleared: int
    open: int


def is_booking_of(order: PaymentOrder, edited: dict[str, str], details: EntryDetails) -> bool:
    """Whether the entry may be the booking of the order, as a person at the bank may have changed it since."""
    return (
        details.direction is Direction.DEBIT
        and details.number == edited.get("number", order.number)
        and details.date.isoformat() == edited.get("date", order.date.isoformat())
        and str(details.amount) == edited.get("amount", str(order.amount))
        and details.counterparty.account == edited.get("payee.account", order.payee.account)
    )
