"""The one place where a payment's status is written.

Whatever is said about payments (by the partner, by us, by the core) comes here as words.  Each change gets a step with
time and source and a new number in the feed of fates, given under the lock of the feed's row, so numbers never become
visible out of order.  Order of locks everywhere: outbox rows, then `payment_feeds`, then `payments`.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind
from adapter.domain.fates import FIRST_STEPS, Source, Word
from adapter.domain.hearing import Fate, NewStep
from adapter.domain.payments import PaymentStatus
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


def _lock(tx: Connection, ids: set[str]) -> tuple[dict[tuple[str, str], int], dict[str, Fate]]:
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


def _fate(row: Any, steps: Sequence[Any]) -> Fate:
    followed = [step.at for step in steps if step.applied and step.source == Source.CORE]
    return Fate(
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


def _write(tx: Connection, fates: Collection[Fate], numbers: dict[tuple[str, str], int], now: dt.datetime) -> None:
    if arrived := [fate.id for fate in fates if fate.has_arrived]:
        tx.execute(ARRIVED, {"ids": arrived})
        tx.execute(TAKE_BACK, {"ids": arrived, "now": now})
    changed = [fate for fate in fates if fate.is_changed]
    if not changed:
        return
    tx.execute(UPDATE, [_updated(fate, numbers, now) for fate in reversed(changed)])
    if final := [fate.id for fate in changed if fate.status.is_final]:
        tx.execute(OVER, {"ids": final})
    if steps := [_step_row(fate, step) for fate in changed for step in fate.new_steps]:
        tx.execute(payment_steps.insert(), steps)
    if raised := [(fate.id, detail) for fate in changed for detail in fate.alarms]:
        raise_all(tx, AlarmKind.LATE_STATUS, raised, now)
        log.error("late words from the core", payments=sorted({payment_id for payment_id, _ in raised}))


def _updated(fate: Fate, numbers: dict[tuple[str, str], int], now: dt.datetime) -> dict[str, Any]:
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


def _step_row(fate: Fate, step: NewStep) -> dict[str, Any]:
    return {
        "payment_id": fate.id,
        "step": step.number,
        "status": step.word.status,
        "reason": step.word.reason,
        "source": step.word.source,
        "at": step.word.at,
        "applied": step.is_followed,
    }
