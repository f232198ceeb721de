"""The bank's core, and time: met by `connectors`."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

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
        """All accounts of a customer, also those that cannot be shared; empty for an unknown customer.

        An account is one customer's at a time.  Whose list holds it has it: consents of another lose it at once.
        """

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        """Balances in the order asked; unknown accounts are left out."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        """Entries changed after the mark (None: from the beginning), oldest change first, at most `limit`.

        The same mark gives the same or a longer answer.  A changed entry comes again whole, a removed one with
        `details=None`, both under their first `core_id`.  `as_of` is None while nothing can be said of the account.

        The last page tells the days that closed since the mark, and again those that a change touched with all after
        them: one for each day since the account was opened or history begins, without gaps, also where nothing moved;
        the last one is yesterday by Moscow time.  A core that cannot prove a day (files of a part of it) does not tell
        it, and statements of that day say so.  Raises MarkUnknown for a mark that this core never gave, or
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
