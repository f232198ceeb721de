"""Statements of a period, at once and ordered: met by `store`."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Protocol

from adapter.domain.accounts import Account
from adapter.domain.feeds import StatementReading, Viewer
from adapter.domain.imports import KeyClaim
from adapter.domain.statement_orders import Failure, StatementFile, StatementOrder
from adapter.ports.payments import PaymentCaller


class StatementBook(Protocol):
    """Periods of an account, read as one frozen state while entries change."""

    def read_statement(self, account: Account, date_from: date, date_to: date, viewer: Viewer) -> StatementReading:
        """Balances, totals and one-pass streams of entries in booking order.

        Raises CoreUnavailable while the account was never read from the core to its end.
        """


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
