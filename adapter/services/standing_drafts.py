"""Drafts that stand at the core are asked about where it says nothing of them: a restored core may have lost them.

A core that was restored tells the events of what it has, and none of what it lost.  So after that every standing draft
is asked about, and at other times each of which nothing was heard for hours.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import structlog

from adapter.domain.core import Deadline, DocumentState, NotFound
from adapter.domain.errors import CoreUnavailable
from adapter.domain.fates import core_word
from adapter.domain.standing import Asked, LostDraft, StandingDraft
from adapter.domain.stuck import Why
from adapter.ports import Clock, CoreBanking, StandingBook

log = structlog.get_logger("adapter.standing_drafts")

SILENCE = dt.timedelta(hours=6)
ROUND_MAX = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDrafts:
    """A draft that the core lost waits for a person from then on (`services/stuck_documents.py`)."""

    book: StandingBook
    core: CoreBanking
    clock: Clock
    read_timeout_s: float

    def ask(self, deadline: Deadline) -> Asked:
        """One round, least lately asked first, until the deadline or the core's first silence."""
        drafts = self.book.list_silent(self.clock.now() - SILENCE, ROUND_MAX)
        asked = lost = 0
        try:
            for batch in _batches(drafts, self.core.capabilities().batch_size_max):
                if not deadline.seconds_left:
                    break
                told, gone = self._ask_batch(batch, deadline)
                asked, lost = asked + told, lost + gone
        except CoreUnavailable as error:
            log.warning("standing drafts are not asked about", error=str(error))
        return Asked(asked=asked, lost=lost, has_more=asked == ROUND_MAX)

    def _ask_batch(self, drafts: Sequence[StandingDraft], deadline: Deadline) -> tuple[int, int]:
        """How many were told of, and how many of these are newly lost.  What is not decided yet is asked again soon."""
        now = self.clock.now()
        found = self._find([draft.payment_id for draft in drafts], deadline)
        if found is None:
            return 0, 0
        states = {state.document_id: state for state in found if isinstance(state, DocumentState)}
        lost = [
            LostDraft(draft=draft, why=why)
            for draft in drafts
            if draft.payment_id not in states and (why := self._judge_absence(draft, now))
        ]
        self.book.note_found([core_word(state) for state in states.values()], now)
        new = self.book.note_lost(lost, now)
        self.book.note_asked([*states, *(one.draft.payment_id for one in lost)], now)
        if new:
            log.error("the core lost drafts", payments=new)
        return len(states) + len(lost), len(new)

    def _find(self, payment_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound] | None:
        """None where the connector breaks: what it cannot carry must not keep others from being asked about."""
        soon = Deadline.after(min(self.read_timeout_s, deadline.seconds_left))
        try:
            return self.core.find_documents(payment_ids, soon)
        except CoreUnavailable:
            raise
        except Exception:
            log.exception("the connector failed", payments=payment_ids)
            return None

    def _judge_absence(self, draft: StandingDraft, now: dt.datetime) -> Why | None:
        """None while the core's denial is no proof yet."""
        proven_at = self.core.capabilities().absence_proven_at(draft.arrived_at)
        if proven_at is None:
            return Why.MAYBE_LOST_BY_CORE
        return Why.LOST_BY_CORE if proven_at <= now else None


def _batches(drafts: Sequence[StandingDraft], size: int) -> Iterator[Sequence[StandingDraft]]:
    return (drafts[first : first + size] for first in range(0, len(drafts), size))
