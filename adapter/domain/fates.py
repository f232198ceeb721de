"""What becomes of a payment after it was accepted: words about it, and errands to the core."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.domain.core import CoreDocument, DocumentState
from adapter.domain.limits import REFERENCE_MAX
from adapter.domain.payments import Payment, PaymentStatus, StatusStep


class Source(StrEnum):
    """Who said so."""

    PARTNER = "partner"
    ADAPTER = "adapter"
    CORE = "core"
    STAFF = "staff"  # of the bank, where the core cannot tell


# How every payment begins, at the moment of its creation; these steps are known and never stored.
FIRST_STEPS = ((PaymentStatus.RECEIVED, Source.PARTNER), (PaymentStatus.QUEUED, Source.ADAPTER))


def first_steps(at: dt.datetime) -> tuple[StatusStep, ...]:
    """The beginning of every payment's history."""
    return tuple(StatusStep(status=status, at=at, source=source) for status, source in FIRST_STEPS)


@dataclass(frozen=True, slots=True, kw_only=True)
class Word:
    """A word about a payment's fate.  The rank table decides whether it is followed; a late word is kept, not followed.

    `only_from` makes the word conditional: where the payment is in another status nothing is written at all.
    `is_anew` tells that a draft which the core had lost is there again: a step of its own, never a status moved back.
    """

    payment_id: str
    status: PaymentStatus
    at: dt.datetime
    source: Source
    reason: str | None = None
    core_reference: str | None = None
    sign_url: str | None = None
    edited: dict[str, str] = field(default_factory=dict)  # field → value now held by the bank
    only_from: PaymentStatus | None = None
    is_anew: bool = False


def core_word(state: DocumentState) -> Word:
    """What the core tells of a document."""
    return Word(
        payment_id=state.document_id,
        status=state.status,
        at=state.at,
        source=Source.CORE,
        reason=state.reason,
        core_reference=cut_reference(state.core_reference),
        sign_url=safe_address(state.sign_url),
        edited=state.edited,
    )


def cut_reference(reference: str | None) -> str | None:
    """The bank's own number of a draft, as much of it as is kept."""
    return reference[:REFERENCE_MAX] if reference else None


def safe_address(url: str | None) -> str | None:
    """An address that a partner may show as a link; anything else, such as `javascript:`, is not told."""
    return url if url and url.lower().startswith(("https://", "http://")) else None


class Action(StrEnum):
    SUBMIT = "submit"
    WITHDRAW = "withdraw"
    FIND = "find"  # the core had it and does not know it any more: only ask, until a person confirmed that it is gone
    RESTORE = "restore"  # a person confirmed that it is gone: put it there again under the same id


OF_LOST = frozenset({Action.FIND, Action.RESTORE})


class Stop(StrEnum):
    """Why a payment that waits here must not go to the bank now."""

    HELD = "held"  # the bank suspended the partner or the consent, or does not tell the account just now: wait
    ENDED = "ended"  # the consent no longer allows it: never
    CLOSED = "closed"  # the account is closed, or not this customer's any more: never


SENT_ANEW = "банк потерял черновик и получил его снова: подпишите его ещё раз"
CONSENT_ENDED = "согласие клиента перестало действовать до отправки в банк"
ACCOUNT_CLOSED = "счёт закрыт или больше не принадлежит клиенту: черновик в банк не отправлен"


# How a payment ends that must never go to the bank: its status and why.
NEVER_SENT = {
    Stop.ENDED: (PaymentStatus.CANCELLED, CONSENT_ENDED),
    Stop.CLOSED: (PaymentStatus.REJECTED, ACCOUNT_CLOSED),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Errand:
    """Something to do at the core for one payment, leased to one worker until `lease_until`.

    `status` tells what is known: `sending` was just moved from the queue, `unknown` must be asked about first.
    """

    action: Action
    status: PaymentStatus
    document: CoreDocument
    due_at: dt.datetime  # its place in the queue
    attempts: int  # this one included
    last_sent_at: dt.datetime | None
    withdrawal_wanted: bool
    stop: Stop | None = None  # one in doubt is still asked about, never sent again

    @property
    def payment_id(self) -> str:
        return self.document.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """How an errand ended: an optional word about the payment, and when to try again (None: the errand is over)."""

    payment_id: str
    word: Word | None = None
    due_at: dt.datetime | None = None
    needs_person: str | None = None  # why a person must look; the errand rests until then
    attempts: int | None = None  # how many count against it from now on; None: those so far


@dataclass(frozen=True, slots=True, kw_only=True)
class FatePage:
    """Payments whose fate changed after a place in the feed, in the order of their last change."""

    payments: Sequence[Payment]
    number: int  # where to go on
    has_more: bool


def withdrawal_request_id(payment_id: str) -> str:
    """One withdrawal for each payment, however often it is asked for."""
    return f"{payment_id}-w"
