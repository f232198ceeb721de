"""What a word makes of a payment: it moves forward, learns something, or the word is only kept.  No database.

`store/fates.py` reads and writes fates under their locks.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

from adapter.domain.alarms import dump_facts
from adapter.domain.fates import Source, Word
from adapter.domain.payments import RANK, PaymentStatus, may_become


@dataclass(frozen=True, slots=True, kw_only=True)
class NewStep:
    """A word that becomes a step of the history."""

    number: int
    word: Word
    is_followed: bool


@dataclass(slots=True)
class Fate:
    """A payment's fate while words are applied to it."""

    id: str
    feed: tuple[str, str]
    status: PaymentStatus
    status_reason: str | None
    core_reference: str | None
    sign_url: str | None
    entry_id: str | None
    edited: dict[str, str]
    steps: int
    told: set[tuple[str, dt.datetime]]
    followed_at: dt.datetime | None  # the last word of the core that was followed
    new_steps: list[NewStep] = field(default_factory=list)
    alarms: list[str] = field(default_factory=list)
    is_changed: bool = False
    is_seen: bool = False  # by the core, or by a person there

    @property
    def has_arrived(self) -> bool:
        is_there = RANK[self.status] >= RANK[PaymentStatus.AWAITING_SIGNATURE] and not self.status.is_final
        return is_there and (self.is_changed or self.is_seen)

    def hear(self, word: Word) -> bool:
        """Apply a word; answers whether the status is now the told one because of it."""
        if word.only_from is not None:
            if self.status is word.only_from:
                self._move(word)
                return True
            return False
        self.is_seen = self.is_seen or word.source in (Source.CORE, Source.STAFF)
        if word.is_anew and not self.status.is_final:
            self._begin_anew(word)
            return True
        if self._is_history(word):
            self._keep(word)
            return False
        self._learn(word)
        if may_become(self.status, word.status):
            self._move(word)
            return True
        if word.status is not self.status and self._keep(word):
            self.alarms.append(dump_facts(told=word.status, source=word.source, status=self.status))
        return False

    def _is_history(self, word: Word) -> bool:
        """Whether the core tells how the payment came to where it is: its events may come after our question."""
        if word.source is not Source.CORE or self.followed_at is None:
            return False
        return RANK[word.status] < RANK[self.status] and word.at <= self.followed_at

    def _move(self, word: Word) -> None:
        self.status, self.status_reason = word.status, word.reason
        self._add_step(word, is_followed=True)
        if word.source is Source.CORE:
            self.followed_at = word.at

    def _begin_anew(self, word: Word) -> None:
        """What the core told of the draft that it lost does not hold for the new one."""
        self.status_reason = word.reason
        self.core_reference, self.sign_url, self.edited = word.core_reference, word.sign_url, {}
        self._add_step(word, is_followed=word.status is self.status)
        self.followed_at = word.at

    def _learn(self, word: Word) -> None:
        """What a word tells beside the status holds whether it comes late or not."""
        edited = {**self.edited, **word.edited}
        reference, url = self.core_reference or word.core_reference, word.sign_url or self.sign_url
        if (edited, reference, url) != (self.edited, self.core_reference, self.sign_url):
            self.edited, self.core_reference, self.sign_url = edited, reference, url
            self.is_changed = True

    def _keep(self, word: Word) -> bool:
        """Keep a word that is not followed; False for an old one told again."""
        if (word.status, word.at) in self.told:
            return False
        self._add_step(word, is_followed=False)
        return True

    def _add_step(self, word: Word, *, is_followed: bool) -> None:
        self.new_steps.append(NewStep(number=self.steps, word=word, is_followed=is_followed))
        self.steps += 1
        self.told.add((word.status, word.at))
        self.is_changed = True
