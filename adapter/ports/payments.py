"""Payments, their errands to the core, and what staff decide about them: met by `store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from adapter.domain.core import (
    CoreAccount,
    CoreDocument,
    Mark,
)
from adapter.domain.fates import Errand, FatePage, Outcome, Word
from adapter.domain.imports import Draft, KeyClaim, PaymentImport
from adapter.domain.lanes import LaneState, WorkerLane
from adapter.domain.link import Alarm, Backlog
from adapter.domain.order_warnings import Matches
from adapter.domain.origins import Origin
from adapter.domain.payments import Payment
from adapter.domain.reconciliation import Horizon, Mismatch, Reconciled
from adapter.domain.standing import LostDraft, StandingDraft
from adapter.domain.stuck import AbsentEnd, Act, StuckDocument


class PaymentCaller(Protocol):
    """Who sends and reads payments; `oauth.Access` has this shape."""

    @property
    def partner_id(self) -> str: ...
    @property
    def partner_name(self) -> str: ...
    @property
    def customer_id(self) -> str: ...
    @property
    def consent_id(self) -> str: ...
    @property
    def account_ids(self) -> tuple[str, ...]: ...
    @property
    def scopes(self) -> frozenset[str]: ...


class PaymentPermit(Protocol):
    """What a living consent allows a partner to do with drafts; `oauth.PaymentPermit` has this shape."""

    @property
    def account_ids(self) -> frozenset[str]: ...
    @property
    def is_held(self) -> bool: ...


class PaymentJournal(Protocol):
    """Payments as partners see them.  Every method sees one partner's payments of one customer, never others."""

    def find_key(self, caller: PaymentCaller, claim: KeyClaim) -> str | None:
        """The resource that this key made, None for a new key; raises IdempotencyKeyReused for another request."""

    def accept_payment(self, caller: PaymentCaller, claim: KeyClaim, draft: Draft) -> tuple[Payment, bool]:
        """Store one payment in one transaction with its key, steps and errand; answers it and whether it is new.

        The same key or the same external id with the same order gives the payment stored before.  Raises
        IdempotencyKeyReused, ExternalIdTaken and RequestInProgress.
        """

    def accept_import(
        self, caller: PaymentCaller, claim: KeyClaim, batch: PaymentImport, drafts: Sequence[Draft]
    ) -> tuple[PaymentImport, bool]:
        """Store a batch in one transaction; `batch.lines` holds all lines, `drafts` the good ones by external id.

        A batch whose every order is stored already by one earlier import of the same body is that import.
        """

    def match(self, caller: PaymentCaller, drafts: Sequence[Draft]) -> Matches:
        """Which external ids name another order already, and which drafts look like its payments of the last days."""

    def read_payment(self, caller: PaymentCaller, payment_id: str) -> Payment:
        """Raises NotFound."""

    def find_payment(self, caller: PaymentCaller, external_id: str) -> Payment | None:
        """By the partner's own id."""

    def read_import(self, caller: PaymentCaller, import_id: str) -> PaymentImport:
        """With the present status of every payment.  Raises NotFound."""

    def list_fates(self, caller: PaymentCaller, after: int, limit: int) -> FatePage:
        """Payments that changed after a place in the feed.  Raises BadCursor for a place not reached yet."""

    def cancel(self, caller: PaymentCaller, claim: KeyClaim, word: Word) -> Payment:
        """Write the word, and the key where it was followed, in one transaction; answers the payment as it then is."""

    def want_withdrawal(self, caller: PaymentCaller, claim: KeyClaim, payment_id: str) -> Payment:
        """Keep the key and leave the withdrawal to the worker, in one transaction."""


class FateLog(Protocol):
    """The worker's side of payments: errands to the core and what the core says."""

    def lease_errands(self, owner: str, lease_s: float, limit: int) -> Sequence[Errand]:
        """Take what is due: queued payments move to `sending`, those that a dead worker left there to `unknown`."""

    def finish_errands(self, owner: str, outcomes: Sequence[Outcome]) -> None:
        """Write how errands ended; one whose lease another worker took since is left alone.

        In one transaction, but that a result that cannot be written waits for a person and undoes no other's.
        """

    def note_sending(self, owner: str, payment_ids: Sequence[str]) -> Sequence[str]:
        """Commit that these are sent from now on; answers those whose lease is still ours."""

    def read_mark(self) -> Mark | None:
        """How far the core's events were applied."""

    def list_unknown(self, payment_ids: Sequence[str]) -> Sequence[str]:
        """Those of the ids that no payment has."""

    def read_origin(self, document: CoreDocument) -> Origin | None:
        """What we wrote beside the document; None where it was not us, or beside another one."""

    def adopt(
        self, document: CoreDocument, origin: Origin, account: CoreAccount | None, *, is_silent: bool = False
    ) -> str | None:
        """Recreate a lost payment from the core's document, with an alarm; None where it is here now, else why not.

        `account` is what the core tells of the payer's, for one that was lost too.  An external id that names another
        payment by now is never merged: a person must look at both.  `is_silent`: the core has not yet spoken of it, so
        it is asked about as any other that is unknown.
        """

    def note_unknown(self, reasons: Mapping[str, str]) -> None:
        """Alarms about documents that the core has and nobody here knows, once each."""

    def note_unreadable(self, events: Mapping[str, str]) -> None:
        """Alarms about events that break the core's contract, once for each document ("" where none is named)."""

    def note_core_restored(self) -> None:
        """An alarm, one until it is acknowledged: the core was restored, its events are read from the beginning."""

    def follow(self, words: Sequence[Word], before: Mark | None, after: Mark) -> bool:
        """Apply words and move the mark in one transaction; False, and nothing done, where the mark moved meanwhile."""


class StuckBook(Protocol):
    """Documents that wait for a person.  Every change writes its act into the audit log, in one transaction.

    Changes raise NotFound, and StuckRefused where the document waits for a person no more or must not be changed so.
    What was learnt of a document holds for one sending: `version` is `StuckDocument.version` as it was when the core
    was asked; where it is another one under the lock, the change is refused.
    """

    def list_stuck(self, limit: int, offset: int) -> Sequence[StuckDocument]:
        """Longest waiting first, without history."""

    def read(self, payment_id: str) -> StuckDocument:
        """Any payment, with its history.  Raises NotFound."""

    def adopt(self, payment_id: str, version: str, word: Word, act: Act) -> None:
        """Write a word of the core, or of a person who looked there; the document waits no longer."""

    def note_absent(self, payment_id: str, version: str, act: Act) -> AbsentEnd:
        """A person confirmed that it is absent: from now on the core's NotFound is proof, and the errand is due."""

    def ask_again(self, payment_id: str, act: Act) -> None:
        """The errand is due: the core is asked before anything is sent."""


class StandingBook(Protocol):
    """Drafts that stand at the core."""

    def list_silent(self, quiet_since: datetime, limit: int) -> Sequence[StandingDraft]:
        """Those to ask about, least lately asked first: silent since then, or not asked since the core was restored."""

    def note_found(self, words: Sequence[Word], now: datetime) -> None:
        """What the core told of those that it has; one that waited as lost waits no longer."""

    def note_lost(self, lost: Sequence[LostDraft], now: datetime) -> Sequence[str]:
        """Let these wait for a person, each with an alarm; answers which did not wait before.

        One of which something was heard since it was listed is left alone.
        """

    def note_asked(self, payment_ids: Sequence[str], now: datetime) -> None:
        """Asked about now."""


class ReconciliationBook(Protocol):
    """Executed payments and booked entries, compared."""

    def list_unread(self, horizon: Horizon) -> Sequence[str]:
        """Accounts of overdue payments whose feed is too old to say that there is no entry."""

    def match(self, now: datetime) -> int:
        """Link executed payments to entries that the core did not name, where just one fits; answers how many."""

    def judge(self, horizon: Horizon, matched: int) -> Reconciled:
        """Note what does not meet, each once with an alarm, and clear what was put right, in one transaction."""

    def list_open(self, limit: int) -> Sequence[Mismatch]:
        """Those that are not put right, oldest first."""


class LinkBook(Protocol):
    """What waits for the core and what alarmed."""

    def read_backlog(self) -> Backlog:
        """Counts and ages, now."""

    def list_alarms(self, limit: int) -> Sequence[Alarm]:
        """Those that nobody acknowledged, newest first."""

    def acknowledge(self, alarm_id: int, act: Act) -> None:
        """Note once that a person knows, with the act in the audit log.  Raises NotFound."""


class LaneBook(Protocol):
    """What worker processes tell of their lanes to the core."""

    def tell(self, process: str, lanes: Sequence[LaneState], now: datetime) -> None:
        """The word of one process takes the place of its last one."""

    def take_back(self, process: str) -> None:
        """The process ends."""

    def list_told(self, now: datetime) -> Sequence[WorkerLane]:
        """The last word of each, newest first, also of those that fell silent less than an hour ago."""


class BookedPayments(Protocol):
    """Payments learn which entry booked them."""

    def note_booked(self, account_id: str, entry_ids: Mapping[str, str]) -> None:
        """By payment, in one transaction; idempotent; unknown payments are passed over.

        `account_id` is where the entries are booked: a payment of another account is not linked, and an alarm tells.
        """
