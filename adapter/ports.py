"""What the services need from outside, as Protocols.

`CoreBanking` is met by `connectors`, everything else by `store`.  Customer login is a port of `oauth`
(`oauth.ports.CustomerLogin`): money and login change for different reasons.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Protocol

from adapter.domain.accounts import Account, Balance
from adapter.domain.banks import Bank
from adapter.domain.core import (
    Capabilities,
    CoreAccount,
    CoreBalance,
    CoreCustomer,
    CoreDocument,
    CoreHint,
    CoreStatementOrder,
    Deadline,
    DocumentState,
    EntryPage,
    EventPage,
    Mark,
    NotFound,
    Probe,
    Result,
    StatementAnswer,
)
from adapter.domain.fates import Errand, FatePage, Outcome, Word
from adapter.domain.feeds import Changes, FeedHead, RefreshLease, Span, StatementReading, Viewer
from adapter.domain.imports import Draft, KeyClaim, PaymentImport
from adapter.domain.link import Alarm, Backlog
from adapter.domain.order_warnings import Matches
from adapter.domain.origins import Origin
from adapter.domain.payments import Payment
from adapter.domain.reconciliation import Horizon, Mismatch, Reconciled
from adapter.domain.statement_orders import Failure, StatementFile, StatementOrder
from adapter.domain.stuck import AbsentEnd, Act, StuckDocument


class Clock(Protocol):
    """Time, so that tests can drive it."""

    def now(self) -> datetime:
        """The present moment, aware, UTC."""


class CoreBanking(Protocol):
    """The bank's remote banking system.

    Our id is on every change.  Every call ends by its deadline.  Lists in, lists out, order kept.  No consent, scope
    or partner logic below this line: callers pass references that are already allowed.  Reading calls raise
    `CoreUnavailable` (nothing attempted, safe to repeat); changing calls answer `Unknown` once something was sent.
    """

    def capabilities(self) -> Capabilities:
        """What this core can do; constant for the life of the process."""

    def probe(self, deadline: Deadline) -> Probe:
        """Whether the core answers; never raises."""

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        """Companies and entrepreneurs that this user acts for; empty when none."""

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        """All accounts of a customer, also those that cannot be shared; empty for an unknown customer."""

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        """Balances in the order asked; unknown accounts are left out."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        """Entries changed after the mark (None: from the beginning), oldest change first, at most `limit`.

        The same mark gives the same or a longer answer.  A changed entry comes again whole, a removed one with
        `details=None`, both under their first `core_id`.  Raises MarkUnknown for a mark that this core never gave, or
        gave before it was restored.
        """

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        """Ask for a period beside the feed; the same order id is the same order.  Where capabilities say so."""

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        """The ordered period, or that it is not ready or refused; an order that the core does not know is refused."""

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        """Put drafts before the customer for signature; one result each, in order.

        At most `capabilities().batch_size_max` at once.  Raises CoreUnavailable only when nothing was sent.
        """

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        """Where documents are, asked by our id; one answer each, in order."""

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        """States that documents took after the mark (None: from the beginning), oldest first, at most `limit`.

        Raises MarkUnknown.
        """

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        """Take a draft back while it is not signed; repeating the same request id gives the same result."""


class CoreDesk(Protocol):
    """Where the core turns to the adapter by itself."""

    def read_hint(self, authorization: str, body: bytes) -> CoreHint:
        """What a signed call to `HINTS_PATH` says.  Raises CoreCallRefused, MalformedBody and CoreUnavailable."""

    def public_keys(self) -> Mapping[str, object]:
        """The JWKS that our own calls are checked with."""


# --- payments ---------------------------------------------------------------------------------------------------------


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
        """Write how errands ended, in one transaction; one whose lease another worker took since is left alone."""

    def note_sending(self, owner: str, payment_ids: Sequence[str]) -> Sequence[str]:
        """Commit that these are sent again from now on; answers those whose lease is still ours."""

    def read_mark(self) -> Mark | None:
        """How far the core's events were applied."""

    def list_unknown(self, payment_ids: Sequence[str]) -> Sequence[str]:
        """Those of the ids that no payment has."""

    def adopt(self, document: CoreDocument, origin: Origin, account: CoreAccount | None) -> str | None:
        """Recreate a lost payment from the core's document, with an alarm; None where it is here now, else why not.

        `account` is what the core tells of the payer's, for one that was lost too.  An external id that names another
        payment by now is never merged: a person must look at both.
        """

    def note_unknown(self, reasons: Mapping[str, str]) -> None:
        """Alarms about documents that the core has and nobody here knows, once each."""

    def note_core_restored(self) -> None:
        """An alarm: the core was restored, its events are read from the beginning."""

    def follow(self, words: Sequence[Word], before: Mark | None, after: Mark) -> bool:
        """Apply words and move the mark in one transaction; False, and nothing done, where the mark moved meanwhile."""


class AccountBook(Protocol):
    """Accounts that were ever shown for a consent, under ids of ours that never change."""

    def register(self, customer_id: str, accounts: Sequence[CoreAccount], now: datetime) -> Mapping[str, Account]:
        """Remember or renew a customer's accounts; ours by `core_id`.

        An account that is known under another customer is left out: nobody inherits consents with it.
        """

    def list_old_customers(self, account_ids: Sequence[str], before: datetime) -> Sequence[str]:
        """Owners of these accounts of whom the core told none since; in another order each time."""

    def read_accounts(self, account_ids: Sequence[str]) -> Sequence[Account]:
        """Accounts by our ids, in the order of their numbers; unknown ids are left out."""

    def read_balances(self, account_ids: Sequence[str]) -> Sequence[Balance]:
        """What the core last said of each; accounts whose balance is not yet known are left out."""


class BankBook(Protocol):
    """Banks of Russia, where the bank has loaded the Bank of Russia's directory."""

    def find_banks(self, bics: Collection[str]) -> Mapping[str, Bank] | None:
        """Banks by bic, unknown ones left out; None while no directory is loaded.  One cheap statement."""


class EntryFeed(Protocol):
    """The numbered changes of entries, for readers."""

    def list_heads(self, account_ids: Sequence[str]) -> Sequence[FeedHead]:
        """Where the feeds stand, by key; one cheap statement."""

    def read_changes(self, heads: Sequence[FeedHead], spans: Sequence[Span], viewer: Viewer, limit: int) -> Changes:
        """At most `limit` changes inside the spans, which belong to the heads one by one."""

    def list_due(self, account_ids: Sequence[str], before: datetime, now: datetime) -> Sequence[str]:
        """Which of the accounts were not read from the core since `before` and may be leased, least lately tried first.

        An attempt that failed counts as well as one that succeeded: accounts that cannot be read come after the others.
        """


class StuckBook(Protocol):
    """Documents that wait for a person.  Every change writes its act into the audit log, in one transaction.

    Changes raise NotFound, and StuckRefused where the document waits for a person no more or must not be changed so.
    """

    def list_stuck(self, limit: int, offset: int) -> Sequence[StuckDocument]:
        """Longest waiting first, without history."""

    def read(self, payment_id: str) -> StuckDocument:
        """Any payment, with its history.  Raises NotFound."""

    def adopt(self, payment_id: str, word: Word, act: Act) -> None:
        """Write a word of the core, or of a person who looked there; the document waits no longer."""

    def note_absent(self, payment_id: str, act: Act) -> AbsentEnd:
        """A person confirmed that it is absent: from now on the core's NotFound is proof, and the errand is due."""

    def ask_again(self, payment_id: str, act: Act) -> None:
        """The errand is due: the core is asked before anything is sent."""


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


class FeedWriter(Protocol):
    """What the core told, put into the feed."""

    def lease(self, account_id: str, now: datetime, until: datetime) -> RefreshLease | None:
        """The right to read this account from the core; None while another process has it."""

    def release(self, lease: RefreshLease, again_at: datetime | None) -> None:
        """Give the right back; nobody takes it before `again_at` (None: at once)."""

    def want(self, core_account_ids: Sequence[str]) -> int:
        """Let these be read as soon as may be; unknown ones are passed over.  Answers how many were not wanted yet."""

    def begin_rebuild(self, lease: RefreshLease, after: Mark | None, why: str, now: datetime) -> RefreshLease | None:
        """Read the account anew from the beginning: its next generation, with an alarm that says why.

        Until the core was read to its end readers see the state before.  None, and nothing done, when the feed is no
        longer at the mark `after`.
        """

    def list_entry_ids(self, account_id: str, core_ids: Sequence[str]) -> Mapping[str, str]:
        """Our ids that these entries of the core have, or will have once they are stored."""

    def store_page(
        self, lease: RefreshLease, after: Mark | None, page: EntryPage, balance: CoreBalance | None, now: datetime
    ) -> bool:
        """Changes, mark, closed days, balance and age in one transaction; the last page gives the lease back too.

        False, and nothing stored, when the feed is no longer at the mark `after`: another process went on from there.
        """


class BookedPayments(Protocol):
    """Payments learn which entry booked them."""

    def note_booked(self, entry_ids: Mapping[str, str]) -> None:
        """By payment, in one transaction; idempotent; unknown payments are passed over."""


class StatementBook(Protocol):
    """Periods of an account, read as one frozen state while entries change."""

    def read_statement(self, account: Account, date_from: date, date_to: date, viewer: Viewer) -> StatementReading:
        """Balances, totals and one-pass streams of entries in booking order.

        Raises CoreUnavailable while the account was never read from the core to its end.
        """


# --- ordered statements -----------------------------------------------------------------------------------------------


class StatementCaller(PaymentCaller, Protocol):
    """Who orders statements; `oauth.Access` has this shape."""

    @property
    def history_from(self) -> date: ...


class StatementOrderBook(Protocol):
    """Ordered statements as partners see them.  Every method sees one consent's orders, never others."""

    def find_key(self, caller: StatementCaller, claim: KeyClaim) -> str | None:
        """The order that this key made, None for a new key; raises IdempotencyKeyReused for another request."""

    def accept(
        self, caller: StatementCaller, claim: KeyClaim, order: StatementOrder, unfinished_max: int, files_max: int
    ) -> tuple[StatementOrder, bool]:
        """Store an order and its key in one transaction; answers it, or the one of this key, and whether it is new.

        Raises TooManyStatementOrders where the consent has `unfinished_max` unfinished ones or `files_max` files,
        IdempotencyKeyReused and RequestInProgress.
        """

    def read(self, caller: StatementCaller, order_id: str) -> StatementOrder:
        """Raises NotFound."""

    def read_pieces(self, order: StatementOrder, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to before `end` of a ready file, piece by piece; nothing is held open between them.

        Raises StatementExpired where the file goes away meanwhile.
        """


class StatementWorkshop(Protocol):
    """The worker's side of ordered statements.

    What a maker writes is written only while the order is in its hands: every writing call raises LeaseLost, and writes
    nothing, once another maker took the order over or it ended.
    """

    def lease(self, owner: str, now: datetime, until: datetime) -> StatementOrder | None:
        """Take the order that is due first, as a new attempt, and drop the pieces of the attempts before."""

    def note_progress(self, order: StatementOrder, entries: int, done: int, until: datetime) -> None:
        """Tell how far the making is; the lease then holds until `until`."""

    def add_piece(self, order: StatementOrder, place: int, data: bytes, until: datetime) -> None:
        """Keep the next piece of the file; the lease then holds until `until`."""

    def finish(self, order: StatementOrder, file: StatementFile, ready_at: datetime, expires_at: datetime) -> None:
        """The file is whole."""

    def put_back(self, order: StatementOrder, due_at: datetime, failures: int) -> None:
        """This making ended without a file; another is due at `due_at`.  `failures` is how many failed by now."""

    def fail(self, order: StatementOrder, failure: Failure) -> None:
        """There will be no file."""

    def sweep(self, now: datetime, forget_before: datetime) -> int:
        """Drop files that are kept no longer or whose consent ended, and forget old orders; answers how many files.

        An order that was created before `forget_before` and is over is forgotten.
        """
