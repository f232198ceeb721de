"""Ordering statements of long periods and fetching their files: the partners' side.

The worker makes them (`adapter/services/statement_making.py`).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass

from adapter.domain.errors import (
    FieldError,
    InvalidStatementOrder,
    NotFound,
    StatementExpired,
    StatementFailed,
    StatementNotReady,
)
from adapter.domain.imports import KeyClaim, make_id
from adapter.domain.periods import find_fault
from adapter.domain.statement_orders import (
    StatementFile,
    StatementOrder,
    StatementOrderStatus,
    StatementWish,
)
from adapter.ports import Clock, StatementCaller, StatementOrderBook


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOrders:
    """`years_max` is the longest period; a consent has `unfinished_max` orders and `files_max` files at most."""

    book: StatementOrderBook
    clock: Clock
    years_max: int
    unfinished_max: int
    files_max: int

    def order(self, caller: StatementCaller, claim: KeyClaim, wish: StatementWish) -> tuple[StatementOrder, bool]:
        """Accept an order; answers it and whether it is new.

        Raises NotFound for an account outside the consent, InvalidStatementOrder, TooManyStatementOrders,
        IdempotencyKeyReused and RequestInProgress.
        """
        if wish.account_id not in caller.account_ids:
            raise NotFound
        earlier = self.book.find_key(caller, claim)
        if earlier is not None:
            return self.book.read(caller, earlier), False
        self._check_period(wish, caller.history_from)
        now = self.clock.now()
        order = StatementOrder(
            id=make_id("sto", now),
            partner_id=caller.partner_id,
            customer_id=caller.customer_id,
            consent_id=caller.consent_id,
            history_from=caller.history_from,
            wish=wish,
            status=StatementOrderStatus.QUEUED,
            created_at=now,
        )
        return self.book.accept(caller, claim, order, self.unfinished_max, self.files_max)

    def read(self, caller: StatementCaller, order_id: str) -> StatementOrder:
        """Raises NotFound, also for an account that the customer took out of the consent since."""
        order = self.book.read(caller, order_id)
        if order.wish.account_id not in caller.account_ids:
            raise NotFound
        return order

    def open_file(self, caller: StatementCaller, order_id: str) -> tuple[StatementOrder, StatementFile]:
        """The order and its file, which is ready.

        Raises NotFound, StatementNotReady, StatementFailed and StatementExpired.
        """
        order = self.read(caller, order_id)
        if order.status.is_unfinished:
            raise StatementNotReady(f"{order.progress} % are made")
        if order.failure is not None:
            raise StatementFailed(order.failure)
        if order.status is StatementOrderStatus.EXPIRED or order.file is None:
            raise StatementExpired
        return order, order.file

    def read_pieces(self, order: StatementOrder, first: int, end: int) -> Iterator[bytes]:
        """The bytes from `first` up to before `end` of the order's file.  Raises StatementExpired in the middle."""
        return self.book.read_pieces(order, first, end)

    def _check_period(self, wish: StatementWish, history_from: dt.date) -> None:
        fault = find_fault(wish.date_from, wish.date_to, history_from, self.clock.now())
        if fault is not None:
            raise InvalidStatementOrder([fault])
        first, last = wish.date_from, wish.date_to
        if (last.year, last.month, last.day) >= (first.year + self.years_max, first.month, first.day):
            message = f"Период длиннее {self.years_max} лет"
            too_long = FieldError(pointer="/to", field="to", code="period_is_too_long", message=message)
            raise InvalidStatementOrder([too_long])
