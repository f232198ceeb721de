"""What crosses the boundary to the bank's core (its remote banking system).

Results of a change are the closed set Accepted | Refused | Unknown.  Unknown is a value: a lost reply is normal.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from adapter.domain.accounts import AccountStatus
from adapter.domain.errors import CoreUnavailable
from adapter.domain.limits import MARK_BYTES_MAX
from adapter.domain.money import Money
from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder, PaymentStatus
from adapter.domain.statements import DayTotals, EntryDetails


@dataclass(frozen=True, slots=True)
class Deadline:
    """The moment on the monotonic clock by which a call must have ended."""

    at: float

    @classmethod
    def after(cls, seconds: float) -> Deadline:
        return cls(time.monotonic() + seconds)

    @property
    def seconds_left(self) -> float:
        return max(0.0, self.at - time.monotonic())

    def check_time_is_left(self) -> None:
        """Raises CoreUnavailable: a call that begins too late is not made."""
        if not self.seconds_left:
            raise CoreUnavailable("the deadline passed before the call")


@dataclass(frozen=True, slots=True)
class Mark:
    """An opaque place in a feed of the core; the core alone reads it."""

    text: str

    def __post_init__(self) -> None:
        if not 0 < len(self.text.encode()) <= MARK_BYTES_MAX:
            raise ValueError("a mark has 1 to 512 bytes")


@dataclass(frozen=True, slots=True, kw_only=True)
class Capabilities:
    """What this core can do beyond the minimum; admin screens and metadata read the same object."""

    name: str
    batch_size_max: int
    can_withdraw: bool
    submit_is_idempotent: bool  # sending the same document id twice makes one document
    not_found_is_final_after_s: float  # a NotFound this long after sending proves that nothing arrived
    history_days: int
    can_tell_documents: bool  # find_documents gives documents back whole: what we lost is adopted from them
    can_order_statements: bool  # statements of a period beside the feed, to compare the two

    def absence_proven_at(self, sent_at: datetime | None) -> datetime | None:
        """When a NotFound proves that what was sent then never arrived; None: never, or nothing was sent."""
        if sent_at is None or not math.isfinite(self.not_found_is_final_after_s):
            return None
        return sent_at + timedelta(seconds=self.not_found_is_final_after_s)

    def proves_absence(self, sent_at: datetime | None, now: datetime) -> bool:
        """Whether a NotFound told now is proof."""
        proven_at = self.absence_proven_at(sent_at)
        return sent_at is None or (proven_at is not None and proven_at <= now)


@dataclass(frozen=True, slots=True, kw_only=True)
class Probe:
    is_up: bool
    detail: str = ""
    feed_lag_s: float | None = None  # how far the core's feeds are behind its books, where it knows
    clock_difference_s: float | None = None  # its clock minus ours, where it tells the time


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreCustomer:
    """A company or entrepreneur that a login acts for, and whether this person may give a service access."""

    customer_id: str
    party: Party
    user_id: str
    user_name: str
    role: str  # as the bank names it, e.g. «Генеральный директор»
    may_give_consent: bool
    reason: str | None = None  # why not, in the customer's words


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreAccount:
    core_id: str
    customer_id: str
    number: str
    bic: str
    currency: str
    name: str
    owner: Party
    status: AccountStatus
    can_be_shared: bool = True
    reason: str | None = None  # why it cannot be shared


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreBalance:
    core_account_id: str
    booked: Money
    available: Money
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreEntry:
    """An entry as the core tells it.  `core_id` stays the same through changes; `details` is None for a removal."""

    core_id: str
    details: EntryDetails | None
    document_id: str | None = None  # our id, where the entry is the booking of a document that we submitted


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryPage:
    """Changes of one account after a mark, oldest first.  `mark` is where to go on, also when nothing came.

    `as_of` is None while nothing told of this account: a core of files that has had no statement of it yet.
    `closed_days` come with the last page, without gaps: see `CoreBanking.pull_entries`.
    """

    entries: Sequence[CoreEntry]
    mark: Mark
    has_more: bool
    as_of: datetime | None
    closed_days: Sequence[DayTotals] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreDocument:
    """A draft on its way to the core under our id."""

    id: str
    customer_id: str
    core_account_id: str
    order: PaymentOrder
    partner_name: str
    possible_duplicate: bool = False
    origin: str = ""  # ours, at most ORIGIN_BYTES_MAX: the core keeps it unread and gives it back


@dataclass(frozen=True, slots=True, kw_only=True)
class Accepted:
    document_id: str
    core_reference: str
    sign_url: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    document_id: str
    code: str
    reason: str  # Russian, for the customer


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown:
    """The call was sent and its answer is not known.

    `is_answer`: the core did answer, with an error about what was sent; it lives, and would answer so again.
    `is_taken`: the connector did its part; its core always answers later, by an event.
    """

    document_id: str
    detail: str
    is_answer: bool = False
    is_taken: bool = False


Result = Accepted | Refused | Unknown


@dataclass(frozen=True, slots=True, kw_only=True)
class DocumentState:
    """Where a document is in the core; `edited` tells fields that a person changed there after import."""

    document_id: str
    status: PaymentStatus
    at: datetime
    reason: str | None = None
    core_reference: str | None = None
    sign_url: str | None = None
    edited: dict[str, str] = field(default_factory=dict)
    document: CoreDocument | None = None  # as it was submitted; only find_documents fills it, where the core can


@dataclass(frozen=True, slots=True, kw_only=True)
class NotFound:
    document_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EventPage:
    """States of documents that changed after a mark, oldest first.

    `unreadable` tells of events that break the contract what is wrong, by document ("" where even that is not told).
    Of such an event what can be relied on may stand among `events` too.
    """

    events: Sequence[DocumentState]
    mark: Mark
    has_more: bool
    unreadable: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreHint:
    """Where the core says that something is new; a reason to ask now, never data."""

    core_account_ids: tuple[str, ...] = ()
    documents: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreStatementOrder:
    """A period of an account, asked for under our id; both days are in it."""

    id: str
    core_account_id: str
    date_from: date
    date_to: date


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementPending:
    order_id: str
    again_after_s: float


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreStatement:
    """A period as the core's books have it, apart from its feed.  Entries carry the ids that they have in the feed."""

    order_id: str
    core_account_id: str
    date_from: date
    date_to: date
    opening: Money
    closing: Money
    entries: Sequence[CoreEntry]
    as_of: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementRefused:
    order_id: str
    code: str
    reason: str  # Russian


StatementAnswer = StatementPending | CoreStatement | StatementRefused
