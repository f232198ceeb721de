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
    ENDED_BOOKED = "ended_booked"  # the payment is rejected, cancelled or expired, and its entry is there
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
    facts: Mapping[str, str]  # number, date, amount and currency of the document, and in what it differs
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


def find_differences(ordered: Money, details: EntryDetails, *, is_same_account: bool) -> dict[str, str]:
    """In what an entry is not the booking of the payment that it names; as facts, empty where it is."""
    found = {}
    if not is_same_account:
        found["is_another_account"] = "yes"
    if details.direction is not Direction.DEBIT:
        found["is_credit"] = "yes"
    elif details.amount != ordered:
        found["ordered"] = str(ordered)
    return found


def is_booking_of(
    order: PaymentOrder, edited: Mapping[str, str], details: EntryDetails, *, may_lack_number: bool = False
) -> bool:
    """Whether the entry may be the booking of the order, as a person at the bank may have changed it since.

    A number counts without its leading zeros, which banks add and drop; one that is not told fits only where it may.
    """
    return (
        details.direction is Direction.DEBIT
        and _is_number(details.number, edited.get("number", order.number), may_lack_number)
        and details.date.isoformat() == edited.get("date", order.date.isoformat())
        and details.amount == expected_amount(order.amount, edited)
        and details.counterparty.account == edited.get("payee.account", order.payee.account)
    )


def _is_number(told: str, expected: str, may_lack: bool) -> bool:
    return told.lstrip("0") == expected.lstrip("0") or (may_lack and not told.strip("0 "))
