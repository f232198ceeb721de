"""Ordered statements: a long period is made in the background, kept for some time and fetched as a file.

    queued → making → ready → expired
                    ↘ failed

A making counts as an attempt; each attempt has pieces of its own, so that two makers never mix theirs.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum

from adapter.domain.feeds import StatementReading

PIECE_BYTES = 1024 * 1024  # of every piece but the last; stored files cannot be read with another size


class StatementOrderStatus(StrEnum):
    QUEUED = "queued"
    MAKING = "making"
    READY = "ready"
    FAILED = "failed"
    EXPIRED = "expired"  # the file is gone

    @property
    def is_unfinished(self) -> bool:
        return self in (StatementOrderStatus.QUEUED, StatementOrderStatus.MAKING)


class Failure(StrEnum):
    """Why there is no file."""

    TOO_MANY_ENTRIES = "too_many_entries"
    CORE_UNAVAILABLE = "core_unavailable"
    NOT_MADE = "not_made"

    @property
    def message(self) -> str:
        """Russian, for an accountant."""
        return MESSAGES[self]


MESSAGES: Mapping[Failure, str] = {
    Failure.TOO_MANY_ENTRIES: "В периоде больше операций, чем вмещает этот формат: сократите период или смените формат",
    Failure.CORE_UNAVAILABLE: "Банк долго не отвечал, и выписка не сформирована: закажите её ещё раз",
    Failure.NOT_MADE: "Выписку не удалось сформировать: обратитесь в поддержку банка и назовите номер заказа",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementWish:
    """What is ordered; `options` are the parameters of the shape, all of them."""

    account_id: str
    date_from: dt.date
    date_to: dt.date
    shape: str
    options: Mapping[str, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFile:
    """The finished file; `as_of` is the moment that the core vouches for."""

    media_type: str
    name: str
    size: int
    sha256: bytes
    as_of: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementOrder:
    """An ordered statement in its present state.

    `entries` is None until they are counted; `attempt` counts makings, `failures` those that ended by an error.
    """

    id: str
    partner_id: str
    customer_id: str
    consent_id: str
    history_from: dt.date  # of the consent when it was ordered
    wish: StatementWish
    status: StatementOrderStatus
    created_at: dt.datetime
    failure: Failure | None = None
    entries: int | None = None
    entries_done: int = 0
    attempt: int = 0
    failures: int = 0
    ready_at: dt.datetime | None = None
    expires_at: dt.datetime | None = None
    file: StatementFile | None = None

    @property
    def progress(self) -> int:
        """Percent of the entries written; 100 only when the file is there."""
        if self.file is not None:
            return 100
        return min(99, 100 * self.entries_done // self.entries) if self.entries else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Rendering:
    """A statement on its way into a file; `pieces` is a one-pass stream."""

    media_type: str
    file_name: str
    pieces: Iterable[bytes]


# By the shape's name and options.  Raises TooManyEntries for a statement that is longer than the shape holds.
Render = Callable[[str, Mapping[str, str], StatementReading], Rendering]


class LeaseLost(Exception):
    """The order is no longer this maker's: another took it over, or nobody wants it any more."""
