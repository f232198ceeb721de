"""Payments and their errands to the core: met by `store`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

from adapter.domain.core import (
    CoreAccount,
    CoreDocument,
    Mark,
)
from adapter.domain.fates import Errand, FatePage, Outcome, Word
from adapter.domain.imports import Draft, KeyClaim, PaymentImport
from adapter.domain.order_warnings import Matches
from adapter.domain.origins import Origin
from adapter.domain.payments import Payment


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
        """Take what is due: queued payments move to `sending`, those that a dead worker left there to `unknown`.

        At most `limit` that were never sent, and as many that are asked about: the one never waits for the other.
        """

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
        self,
        document: CoreDocument,
        origin: Origin,
        account: CoreAccount | None,
        *,
        word: Word | None = None,
        is_silent: bool = False,
    ) -> str | None:
        """Recreate a lost payment from the core's document, with an alarm; None where it is here now, else why not.

        `account` is what the core tells of the payer's, for one that was lost too.  An external id that names another
        payment by now is never merged: a person must look at both.  `word` tells where it is in the core, unless a
        page of events is about to.  `is_silent`: the core has not yet spoken of it, so it is asked about as any other
        that is unknown.
        """

    def note_unknown(self, reasons: Mapping[str, str]) -> None:
        """Alarms about documents that the core has and nobody here knows, once each."""

    def note_unreadable(self, events: Mapping[str, str]) -> None:
        """Alarms about events that break the core's contract, once for each document ("" where none is named)."""

    def note_core_restored(self) -> None:
        """An alarm, one until it is acknowledged: the core was restored, its events are read from the beginning."""

    def follow(self, words: Sequence[Word], before: Mark | None, after: Mark) -> bool:
        """Apply words and move the mark in one transaction; False, and nothing done, where the mark moved meanwhile."""


class BookedPayments(Protocol):
    """Payments learn which entry booked them."""

    def note_booked(self, account_id: str, entry_ids: Mapping[str, str]) -> None:
        """By payment, in one transaction; idempotent; unknown payments are passed over.

        `account_id` is where the entries are booked: a payment of another account is not linked, and an alarm tells.
        """
