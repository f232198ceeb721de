"""The one place where a payment's status is written.

Whatever is said about payments (by the partner, by us, by the core) comes here as words.  Each change gets a step with
time and source and a new number in the feed of fates, given under the lock of the feed's row, so numbers never become
visible out of order.  Order of locks everywhere: outbox rows, then `payment_feeds`, then `payments`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind, dump_facts
from adapter.domain.fates import FIRST_STEPS, Source, Word
from adapter.domain.payments import RANK, PaymentStatus, may_become
from adapter.store.alarms import raise_all
from adapter.store.lists import is_one_of
from adapter.store.tables import outbox, payment_feeds, payment_steps, payments

log = structlog.get_logger("adapter.fates")

FEEDS_OF = (
    sa.select(payments.c.partner_id, payments.c.customer_id, sa.func.count().label("rows"))
    .where(is_one_of(payments.c.id, "ids"))
    .group_by(payments.c.partner_id, payments.c.customer_id)
    .order_by(payments.c.partner_id, payments.c.customer_id)
)
NUMBER = (
    payment_feeds.update()
    .where(
        payment_feeds.c.partner_id == sa.bindparam("of_partner"),
        payment_feeds.c.customer_id == sa.bindparam("of_customer"),
    )
    .values(number=payment_feeds.c.number + sa.bindparam("rows"))
    .returning(payment_feeds.c.number)
)
LOCK = (
    sa.select(
        payments.c.id,
        payments.c.partner_id,
        payments.c.customer_id,
        payments.c.status,
        payments.c.status_reason,
        payments.c.core_reference,
        payments.c.sign_url,
        payments.c.entry_id,
        payments.c.edited_in_bank,
    )
    .where(is_one_of(payments.c.id, "ids"))
    .order_by(payments.c.id)
    .with_for_update()
)
STEPS = (
    sa.select(
        payment_steps.c.payment_id,
        payment_steps.c.status,
        payment_steps.c.at,
        payment_steps.c.source,
        payment_steps.c.applied,
    )
    .where(is_one_of(payment_steps.c.payment_id, "ids"))
    .order_by(payment_steps.c.payment_id, payment_steps.c.step)
)
UPDATE = (
    payments.update()
    .where(payments.c.id == sa.bindparam("of_id"))
    .values(
        {
            name: sa.bindparam(name)
            for name in (
                "status",
                "status_reason",
                "number",
                "core_reference",
                "sign_url",
                "entry_id",
                "edited_in_bank",
                "updated_at",
            )
        }
    )
)
# Nothing is left for a person to do.  Others are dropped under their lease: their rows are locked before payments are.
OVER = outbox.delete().where(is_one_of(outbox.c.payment_id, "ids"), outbox.c.needs_person)
ARRIVED = OVER.where(sa.not_(outbox.c.withdrawal_wanted))
TAKE_BACK = (
    outbox.update()
    .where(is_one_of(outbox.c.payment_id, "ids"), outbox.c.needs_person, outbox.c.withdrawal_wanted)
    .values(needs_person=False, due_at=sa.bindparam("now"))
)


@dataclass(slots=True)
class _Fate:
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
    new_steps: list[dict[str, Any]] = field(default_factory=list)
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
        self._add_step(word, applied=True)
        if word.source is Source.CORE:
            self.followed_at = word.at

    def _begin_anew(self, word: Word) -> None:
        """What the core told of the draft that it lost does not hold for the new one."""
        self.status_reason = word.reason
        self.core_reference, self.sign_url, self.edited = word.core_reference, word.sign_url, {}
        self._add_step(word, applied=word.status is self.status)
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
        self._add_step(word, applied=False)
        return True

    def _add_step(self, word: Word, applied: bool) -> None:
        self.new_steps.append(
            {
                "payment_id": self.id,
                "step": self.steps,
                "status": word.status,
                "reason": word.reason,
                "source": word.source,
                "at": word.at,
                "applied": applied,
            }
        )
        self.steps += 1
        self.told.add((word.status, word.at))
        self.is_changed = True


def write_words(tx: Connection, words: Sequence[Word], now: dt.datetime) -> list[bool]:
    """Apply words in their order; answers for each whether it moved its payment.  Unknown payments are passed over."""
    if not words:
        return []
    numbers, fates = _lock(tx, {word.payment_id for word in words})
    heard = []
    for word in words:
        fate = fates.get(word.payment_id)
        if fate is None:
            log.warning("a word about an unknown payment", payment_id=word.payment_id, status=word.status)
        heard.append(fate is not None and fate.hear(word))
    _write(tx, fates.values(), numbers, now)
    return heard


def link_entries(tx: Connection, entry_ids: Mapping[str, str], now: dt.datetime) -> None:
    """Tell payments which booked entries are their own.  Repeating changes nothing; unknown ones are passed over."""
    numbers, fates = _lock(tx, set(entry_ids))
    for fate in fates.values():
        if fate.entry_id != entry_ids[fate.id]:
            fate.entry_id, fate.is_changed = entry_ids[fate.id], True
    _write(tx, fates.values(), numbers, now)


def _lock(tx: Connection, ids: set[str]) -> tuple[dict[tuple[str, str], int], dict[str, _Fate]]:
    """Lock feeds and payments; answers the last free number of each feed and the fates."""
    given = {"ids": sorted(ids)}
    numbers = {
        (feed.partner_id, feed.customer_id): tx.execute(
            NUMBER, {"of_partner": feed.partner_id, "of_customer": feed.customer_id, "rows": feed.rows}
        ).scalar_one()
        for feed in tx.execute(FEEDS_OF, given).all()
    }
    rows = tx.execute(LOCK, given).all()
    steps = defaultdict(list)
    for step in tx.execute(STEPS, given):
        steps[step.payment_id].append(step)
    return numbers, {row.id: _fate(row, steps[row.id]) for row in rows}


def _fate(row: Any, steps: Sequence[Any]) -> _Fate:
    followed = [step.at for step in steps if step.applied and step.source == Source.CORE]
    return _Fate(
        id=row.id,
        feed=(row.partner_id, row.customer_id),
        status=PaymentStatus(row.status),
        status_reason=row.status_reason,
        core_reference=row.core_reference,
        sign_url=row.sign_url,
        entry_id=row.entry_id,
        edited=dict(row.edited_in_bank),
        steps=len(FIRST_STEPS) + len(steps),
        told={(step.status, step.at) for step in steps},
        followed_at=followed[-1] if followed else None,
    )


def _write(tx: Connection, fates: Collection[_Fate], numbers: dict[tuple[str, str], int], now: dt.datetime) -> None:
    if arrived := [fate.id for fate in fates if fate.has_arrived]:
        tx.execute(ARRIVED, {"ids": arrived})
        tx.execute(TAKE_BACK, {"ids": arrived, "now": now})
    changed = [fate for fate in fates if fate.is_changed]
    if not changed:
        return
    tx.execute(UPDATE, [_updated(fate, numbers, now) for fate in reversed(changed)])
    if final := [fate.id for fate in changed if fate.status.is_final]:
        tx.execute(OVER, {"ids": final})
    if steps := [step for fate in changed for step in fate.new_steps]:
        tx.execute(payment_steps.insert(), steps)
    if raised := [(fate.id, detail) for fate in changed for detail in fate.alarms]:
        raise_all(tx, AlarmKind.LATE_STATUS, raised, now)
        log.error("late words from the core", payments=sorted({payment_id for payment_id, _ in raised}))


def _updated(fate: _Fate, numbers: dict[tuple[str, str], int], now: dt.datetime) -> dict[str, Any]:
    number = numbers[fate.feed]
    numbers[fate.feed] -= 1
    return {
        "of_id": fate.id,
        "status": fate.status,
        "status_reason": fate.status_reason,
        "number": number,
        "core_reference": fate.core_reference,
        "sign_url": fate.sign_url,
        "entry_id": fate.entry_id,
        "edited_in_bank": fate.edited,
        "updated_at": now,
    }
