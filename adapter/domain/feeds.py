"""The feed of an account: where it stands, and what a reader is told.

A feed numbers every change of an account's entries.  The texts in a page are JSON in the public shape, made once when
the entry was stored: a page costs no object graph.
"""

from __future__ import annotations

import datetime as dt
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from adapter.domain.core import EntryPage, Mark
from adapter.domain.statements import Statement

REST_MAX = dt.timedelta(hours=1)
_ENTRY_IDS = uuid.UUID("6a5e9d0b-52a4-4a3c-9f4e-2f6a3b1d7c80")


def entry_id(account_id: str, core_id: str, life: int) -> str:
    """Our id of an entry: the same for ever, through changes of its document kind too.

    `life` counts from 1: an entry that the core removed and then brings again is another entry, ids are never reused.
    """
    return str(uuid.uuid5(_ENTRY_IDS, f"{account_id}\n{core_id}\n{life}"))


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedHead:
    """Where a feed stands now.  `number` is that of its last change, `generation` counts rebuildings.

    Cursors of generations before `numbers_since` count in numbers that were lost when our database was restored.
    """

    account_id: str
    key: int  # short name of the feed inside cursors
    generation: int
    numbers_since: int
    number: int
    as_of: dt.datetime | None  # None: the core has not yet been read to its end
    read_at: dt.datetime | None
    complete_through: dt.date | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """One feed inside a reader's run over pages.

    The reader has seen everything up to `base`; this run ends at `until`, and `position` is how far it has come.
    """

    key: int
    generation: int
    base: int
    position: int
    until: int

    @property
    def is_over(self) -> bool:
        return self.position == self.until


@dataclass(frozen=True, slots=True, kw_only=True)
class Changes:
    """A page of changes as JSON texts; an entry is in it at most once.  `spans` is where the next page goes on."""

    added: Sequence[str]
    changed: Sequence[str]
    removed: Sequence[str]
    spans: Sequence[Span]

    @property
    def has_more(self) -> bool:
        return any(not span.is_over for span in self.spans)

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.changed or self.removed)


@dataclass(frozen=True, slots=True, kw_only=True)
class Viewer:
    """Who reads: only this partner's payments are named on entries, and nothing first booked before `history_from`."""

    partner_id: str
    history_from: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshLease:
    """The right to read one account from the core until `until`; `mark` is where to go on.

    What is read under it is stored only while the feed is of this generation, and still, or not, being rebuilt.
    """

    account_id: str
    core_account_id: str
    currency: str
    mark: Mark | None
    until: dt.datetime
    has_closed_days: bool = False  # statements then count from these, not from the balance
    generation: int = 1
    is_rebuilding: bool = False  # the feed is read anew from the beginning
    marks_lost: int = 0  # how often in a row the core did not know the mark that it had given
    owned_from: dt.date | None = None  # another customer had the account before: what he booked is not told here


def rest_after_lost_marks(times: int) -> dt.timedelta:
    """How long an account is left alone whose mark the core did not know so often in a row: once is a restored core."""
    return dt.timedelta(0) if times < 2 else min(REST_MAX, dt.timedelta(minutes=2 ** min(times - 1, 10)))


def leave_out_before(page: EntryPage, day: dt.date | None) -> EntryPage:
    """The page without what was booked before a day (None: all of it)."""
    if day is None:
        return page
    return replace(
        page,
        entries=[one for one in page.entries if one.details is None or one.details.booking_date >= day],
        closed_days=tuple(totals for totals in page.closed_days if totals.day >= day),
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementReading:
    """A statement and, beside its stream of entries, the same stream as JSON texts.  A reader takes one of the two."""

    statement: Statement
    entry_texts: Iterable[str]
