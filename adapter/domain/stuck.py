"""Documents whose errand to the core waits for a person, and what a person may do about them.

Two things only, because each is safe: *adopt* what was found in the core, and *send again* what is confirmed absent
there, under the same id.  *Ask again* lets the worker ask the core once more.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.domain.payments import TOLD_BY_CORE, PaymentOrder, PaymentStatus, StatusStep

STAFF_SAYS = "сведения внёс сотрудник банка"  # the reason of a step, for partner and customer

SEEN_STATUSES = TOLD_BY_CORE  # what a person may have seen there


class Why(StrEnum):
    """What made a document wait for a person, as its alarm says it."""

    UNKNOWN_TO_CORE = "the core does not know the document and may yet"
    LOST_BY_CORE = "the core had the document and does not know it any more"
    MAYBE_LOST_BY_CORE = "the core had the document, does not tell of it, and never proves an absence"
    NOT_TAKEN = "the core answers the draft with an error each time"
    CONNECTOR_FAILS = "the connector fails on it"
    UNREADABLE = "the stored order cannot be read"


def tell_why(why: Why, detail: str) -> str:
    """A reason with what the core said of it."""
    return f"{why}: {detail}" if detail else why


def split_why(told: str) -> tuple[Why | None, str]:
    """The reason, and what the core said; no reason for a text that is none of ours."""
    name, _, detail = told.partition(": ")
    return (Why(name), detail) if name in set(Why) else (None, told)


class Refusal(StrEnum):
    """Why a person's action was not carried out; nothing was changed then."""

    MOVED_ON = "moved_on"  # it waits no more, or waits anew: somebody was quicker, or the core answered
    NOT_FOUND = "not_found"  # the core does not tell of it: say what was seen there
    CORE_DENIES = "core_denies"  # the core proves that it has no such document
    CORE_HAS_IT = "core_has_it"  # the core tells of it: adopt it
    CONSENT_HELD = "consent_held"  # the bank suspended the partner or the consent: it must wait


class AbsentEnd(StrEnum):
    """What becomes of a document that is confirmed absent in the core."""

    SENT_AGAIN = "sent_again"
    CANCELLED = "cancelled"  # its consent ended, or the partner took it back: it must not go to the bank any more
    REJECTED = "rejected"  # its account is closed, or not the customer's any more: the same


class StuckRefused(Exception):
    """A person's action on a stuck document was not carried out, and nothing was changed."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(refusal)
        self.refusal = refusal


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who acts: an employee (`staff`), or whoever runs commands on the bank's server (`system`)."""

    kind: str
    id: str
    ip: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """What a person saw in the core, where the core itself does not tell."""

    status: PaymentStatus  # one of SEEN_STATUSES
    core_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Act:
    """What a person did, for the audit log."""

    action: str
    person: Person
    reason: str
    at: dt.datetime
    detail: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckDocument:
    """A payment as a person sees it.  `order` is None where what is stored cannot be read."""

    payment_id: str
    partner_id: str
    partner_name: str
    consent_id: str
    company: str  # whose account it is
    account_number: str
    order: PaymentOrder | None
    status: PaymentStatus
    core_reference: str | None
    attempts: int
    last_sent_at: dt.datetime | None
    since: dt.datetime | None  # it waits for a person since then; None: it does not
    why: str | None
    history: tuple[StatusStep, ...] = ()  # told of one document, not in lists

    @property
    def version(self) -> str:
        """Names this waiting.  After another sending it is another one: what a person saw before holds no more."""
        moments = (moment.isoformat() if moment else "" for moment in (self.since, self.last_sent_at))
        return "/".join((str(self.attempts), *moments))
