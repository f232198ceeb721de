"""What the bank's staff sees of the API adapter's work, as a Protocol that the application meets.

Whoever calls has checked the employee's role.  Texts that people read are Russian; codes are words for pages.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import Protocol


class UnknownThing(Exception):
    """There is no such document or alarm."""


class CoreSilent(Exception):
    """The bank's core cannot be asked now, and without it nothing may be decided."""


class ActionRefused(Exception):
    """An action on a document was not carried out; `code` is a key of `operations_words.DOCUMENT_REFUSALS`."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


@dataclass(frozen=True, slots=True, kw_only=True)
class Clerk:
    """Who acts, for the audit log."""

    staff_id: str
    ip: str
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentStep:
    """One step of a document's history; one that is not followed came late or contradicts."""

    status: str
    at: datetime
    source: str
    reason: str | None
    is_followed: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingDocument:
    """A payment order that waits, or waited, for a person.  What cannot be read of it is None."""

    payment_id: str
    version: str  # another one after another sending
    partner_id: str
    partner_name: str
    consent_id: str
    company: str
    account_number: str
    number: str | None
    date: date | None
    amount: Decimal | None
    currency: str
    payee_name: str | None
    payee_account: str | None
    status: str
    core_reference: str | None
    attempts: int
    last_sent_at: datetime | None
    since: datetime | None  # it waits since then; None: it does not
    why: str  # a key of `operations_words.DOCUMENT_REASONS`, or a text
    core_says: str = ""  # its own words about it, where it gave any
    history: Sequence[DocumentStep] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What an employee saw of a document in the bank; `status` is one of `OperationsDesk.list_seen_statuses`."""

    status: str
    core_reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A payment without its entry, or the reverse."""

    kind: str  # a key of `operations_words.MISMATCHES`, or a text
    subject: str
    payment_id: str | None
    entry_id: str | None
    facts: Mapping[str, str]  # see `operations_words.say_facts`
    found_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneView:
    """One kind of calls to the core, in one process."""

    process: str  # of a worker; empty: the web process that answers
    name: str
    is_open: bool
    open_for_s: float
    rests_s: float
    failures: int
    running: int
    calls_max: int
    asked_s: float | None  # since the last call; None: there was none


@dataclass(frozen=True, slots=True, kw_only=True)
class AlarmView:
    """`payment_id` is of a payment that can be shown; what there is to tell are facts, or a text."""

    id: int
    kind: str  # a key of `operations_words.ALARMS`
    subject: str
    payment_id: str | None
    facts: Mapping[str, str]  # see `operations_words.say_facts`
    text: str
    at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class LinkView:
    """How the adapter stands to the core; `status` is up, degraded, idle or down, ages are seconds."""

    core_name: str
    status: str
    detail: str
    feed_lag_s: float | None
    clock_difference_s: float | None
    is_worker_silent: bool
    worker_silent_s: float | None  # since a worker last told of itself; None: none ever did
    lanes: Sequence[LaneView]
    errands_waiting: int
    errands_overdue_s: float
    for_a_person: int
    feed_oldest_s: float
    feeds_never_read: int


class OperationsDesk(Protocol):
    """The adapter's work and the few things that a person may do to it.

    `version` is the document's as the person saw it; an action on what was sent since then is refused.
    """

    def list_documents(self, limit: int, offset: int) -> Sequence[WaitingDocument]:
        """Those that wait for a person, longest first."""

    def read_document(self, payment_id: str) -> WaitingDocument:
        """With history, also one that waits no longer.  Raises UnknownThing."""

    def list_seen_statuses(self) -> Sequence[str]:
        """What a document can be in the bank, in the order of its life."""

    def adopt_document(self, payment_id: str, version: str, clerk: Clerk, seen: Seen | None) -> str:
        """Found in the bank: take over its status; answers it.  Raises UnknownThing, ActionRefused, CoreSilent."""

    def send_document_again(self, payment_id: str, version: str, clerk: Clerk) -> None:
        """Confirmed absent in the bank.  Raises UnknownThing, ActionRefused, CoreSilent."""

    def ask_about_document(self, payment_id: str, clerk: Clerk) -> None:
        """Let the core be asked again.  Raises UnknownThing and ActionRefused."""

    def list_mismatches(self, limit: int) -> Sequence[Mismatch]:
        """Those that are not put right, oldest first."""

    def read_link(self) -> LinkView:
        """Asks the core for a sign of life; never raises for its silence."""

    def list_alarms(self, limit: int) -> Sequence[AlarmView]:
        """Those that nobody acknowledged, newest first."""

    def acknowledge_alarm(self, alarm_id: int, clerk: Clerk) -> None:
        """Somebody knows.  Raises UnknownThing."""
