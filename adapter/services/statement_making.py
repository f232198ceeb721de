"""Making ordered statements: the worker's side.

A maker leases an order, reads the statement as one frozen state and writes the file in pieces.  A maker that dies
leaves its lease; when that ends, another makes the file again from the beginning.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import structlog

from adapter.domain.errors import CoreUnavailable, TooManyEntries
from adapter.domain.feeds import StatementReading, Viewer
from adapter.domain.statement_orders import (
    PIECE_BYTES,
    Failure,
    LeaseLost,
    Render,
    StatementFile,
    StatementOrder,
)
from adapter.ports import Clock, StatementWorkshop
from adapter.services.statements import Statements

log = structlog.get_logger("adapter.statement_making")

T = TypeVar("T")

ENTRIES_PER_LOOK = 200  # between two looks at the time
BEAT_S = 1.0  # between two notes of progress
RETRY_FIRST_S = 5.0
RETRY_MAX_S = 600.0
CORE_FAILURES_MAX = 12  # about an hour
FAILURES_MAX = 5  # of any other kind
ATTEMPTS_MAX = 60  # an order that kills its maker each time ends, too
FORGET_AFTER = dt.timedelta(days=60)  # longer than an idempotency key lives


class _Stopped(Exception):
    """The worker is to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementMaker:
    """One worker's hands.  `lease_s` must exceed the longest time that a shape takes between two pieces or entries."""

    workshop: StatementWorkshop
    statements: Statements
    render: Render
    clock: Clock
    owner: str
    lease_s: float
    keep: dt.timedelta  # how long a finished file is there

    def make_next(self, is_stopping: Callable[[], bool] = lambda: False) -> bool:
        """Make the order that is due first; answers whether there was one.

        A making that `is_stopping` overtakes is given back, and begins anew elsewhere.
        """
        order = self.workshop.lease(self.owner, self.clock.now(), self.lease_until())
        if order is None:
            return False
        try:
            self._make_or_note(order, is_stopping)
        except LeaseLost:
            log.warning("another maker has the order", order=order.id, attempt=order.attempt)
        return True

    def sweep(self) -> bool:
        """Drop files that nobody may fetch any more."""
        now = self.clock.now()
        dropped = self.workshop.sweep(now, now - FORGET_AFTER)
        if dropped:
            log.info("files of statements dropped", files=dropped)
        return False

    def lease_until(self) -> dt.datetime:
        return self.clock.now() + dt.timedelta(seconds=self.lease_s)

    def _make_or_note(self, order: StatementOrder, is_stopping: Callable[[], bool]) -> None:
        try:
            if order.attempt > ATTEMPTS_MAX:
                self._give_up(order, Failure.NOT_MADE)
            else:
                self._make(order, is_stopping)
        except LeaseLost:
            raise
        except _Stopped:
            log.info("a statement is given back", order=order.id)
            self.workshop.put_back(order, self.clock.now(), order.failures)
        except TooManyEntries:
            self._give_up(order, Failure.TOO_MANY_ENTRIES)
        except CoreUnavailable as error:
            log.warning("a statement waits for the core", order=order.id, error=str(error))
            self._try_later(order, CORE_FAILURES_MAX, Failure.CORE_UNAVAILABLE)
        except Exception:
            log.exception("a statement was not made", order=order.id, shape=order.wish.shape)
            self._try_later(order, FAILURES_MAX, Failure.NOT_MADE)

    def _make(self, order: StatementOrder, is_stopping: Callable[[], bool]) -> None:
        reading = self._read(order)
        making = _Making(maker=self, order=order, entries=_count(reading), is_stopping=is_stopping)
        making.beat()
        rendering = self.render(order.wish.shape, order.wish.options, making.watch(reading))
        for piece in _cut(rendering.pieces):
            making.add(piece)
        file = StatementFile(
            media_type=rendering.media_type,
            name=rendering.file_name,
            size=making.size,
            sha256=making.digest.digest(),
            as_of=reading.statement.as_of,
        )
        now = self.clock.now()
        self.workshop.finish(order, file, now, now + self.keep)
        log.info("statement made", order=order.id, shape=order.wish.shape, entries=making.entries, bytes=file.size)

    def _read(self, order: StatementOrder) -> StatementReading:
        viewer = Viewer(partner_id=order.partner_id, history_from=order.history_from)
        return self.statements.read_statement(order.wish.account_id, order.wish.date_from, order.wish.date_to, viewer)

    def _try_later(self, order: StatementOrder, failures_max: int, failure: Failure) -> None:
        if order.failures + 1 >= failures_max:
            self._give_up(order, failure)
        else:
            pause = min(RETRY_MAX_S, RETRY_FIRST_S * 2.0**order.failures)
            due_at = self.clock.now() + dt.timedelta(seconds=pause)
            self.workshop.put_back(order, due_at, order.failures + 1)

    def _give_up(self, order: StatementOrder, failure: Failure) -> None:
        log.error("a statement will not be made", order=order.id, failure=failure)
        self.workshop.fail(order, failure)


@dataclass(slots=True, kw_only=True)
class _Making:
    """One attempt: how far it is.  Each note and each piece renews the lease, and ends by LeaseLost without it."""

    maker: StatementMaker
    order: StatementOrder
    entries: int
    is_stopping: Callable[[], bool]
    done: int = 0
    size: int = 0
    pieces: int = 0
    digest: Any = field(default_factory=hashlib.sha256)
    beat_at: float = 0.0

    def beat(self) -> None:
        self.beat_at = time.monotonic()
        self.maker.workshop.note_progress(self.order, self.entries, self.done, self.maker.lease_until())

    def watch(self, reading: StatementReading) -> StatementReading:
        """The same reading; progress is noted while the renderer takes the entries."""
        statement = replace(reading.statement, entries=self._watch(reading.statement.entries))
        return StatementReading(statement=statement, entry_texts=self._watch(reading.entry_texts))

    def add(self, piece: bytes) -> None:
        self.digest.update(piece)
        self.maker.workshop.add_piece(self.order, self.pieces, piece, self.maker.lease_until())
        self.pieces += 1
        self.size += len(piece)

    def _watch(self, entries: Iterable[T]) -> Iterator[T]:
        for entry in entries:
            yield entry
            self.done += 1
            if self.done % ENTRIES_PER_LOOK == 0:
                self._look()

    def _look(self) -> None:
        if self.is_stopping():
            raise _Stopped
        if time.monotonic() >= self.beat_at + BEAT_S:
            self.beat()


def _count(reading: StatementReading) -> int:
    return reading.statement.credit_entries + reading.statement.debit_entries


def _cut(stream: Iterable[bytes]) -> Iterator[bytes]:
    """The same bytes in pieces of one size, the last one shorter."""
    waiting = bytearray()
    for part in stream:
        waiting += part
        while len(waiting) >= PIECE_BYTES:
            yield bytes(waiting[:PIECE_BYTES])
            del waiting[:PIECE_BYTES]
    if waiting:
        yield bytes(waiting)
