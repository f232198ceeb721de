"""Each executed payment meets exactly one booked entry, and each draft that the core accepted is there.

What does not is a mismatch until it is put right.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapter.domain.money import Money
from adapter.domain.payments import PaymentOrder
from adapter.domain.statements import Direction, EntryDetails


class MismatchKind(StrEnum):
    ENTRY_MISSING = "entry_missing"  # the payment is executed, its entry did not come in time
    ENTRY_REMOVED = "entry_removed"  # the payment is executed, its entry was taken away
    ENTRIES_DOUBLED = "entries_doubled"  # two entries are the booking of one payment
    NOT_EXECUTED = "not_executed"  # the entry is there, the payment was not told executed in time
    PAYMENT_UNKNOWN = "payment_unknown"  # the entry names a payment that is not here
    DIFFERS = "differs"  # the entry names the payment, and its amount, account or direction is another
    LOST_BY_CORE = "lost_by_core"  # the core accepted the draft and does not know it any more
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
    """What a round did; `open` is how many mismatches there are now.

    `has_more` tells that there were more drafts to ask the core about than a round asks.
    """

    matched: int
    found: tuple[Mismatch, ...]
    cleared: int
    open: int
    has_more: bool = False


def expected_amount(sent: Money, edited: Mapping[str, str]) -> Money:
    """What the bank will have booked; an edit that cannot be read counts as none."""
    try:
        return Money.of(edited["amount"], sent.currency) if "amount" in edited else sent
    except ValueError:
        return sent


def list_differences(amount: Money, details: EntryDetails, *, is_same_account: bool) -> list[str]:
    """In what an entry is not the booking of the payment that it names; Russian, for staff."""
    found = []
    if not is_same_account:
        found.append("счёт не тот, что в поручении")
    if details.direction is not Direction.DEBIT:
        found.append("зачисление, а не списание")
    elif details.amount != amount:
        found.append(f"в поручении {amount} {amount.currency}")
    return found


def is_booking_of(order: PaymentOrder, edited: dict[str, str], details: EntryDetails) -> bool:
    """Whether the entry may be the booking of the order, as a person at the bank may have changed it since."""
    return (
        details.direction is Direction.DEBIT
        and details.number == edited.get("number", order.number)
        and details.date.isoformat() == edited.get("date", order.date.isoformat())
        and details.amount == expected_amount(order.amount, edited)
        and details.counterparty.account == edited.get("payee.account", order.payee.account)
    )
