"""Drafts that stand at the core, and those that it lost.  Meets `ports.StandingBook`.

A lost draft is an errand of its own (`Action.FIND`) that rests until a person has looked; the status stays.  It is
noted under the lock of the feed of fates, and only where nothing was heard since the question: a word of the core that
comes at the same moment is either seen here or drops the errand (store/fates.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapter.domain.alarms import AlarmKind
from adapter.domain.fates import Action, Word
from adapter.domain.payments import PaymentStatus
from adapter.domain.standing import LostDraft, StandingDraft
from adapter.store.database import Database
from adapter.store.fates import write_words
from adapter.store.lists import is_one_of
from adapter.store.stuck import ask_person
from adapter.store.tables import alarms, outbox, payment_feeds, payment_steps, payments

NEVER = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)

# Written as text: this is the condition of a partial index.
STANDING = sa.text("payments.status IN ('awaiting_signature', 'signed', 'in_process')")

_RESTORED_AT = sa.select(sa.func.max(alarms.c.at)).where(alarms.c.kind == AlarmKind.CORE_RESTORED)
# Whoever has another errand there will ask by it.
_IS_BUSY = sa.exists().where(
    outbox.c.payment_id == payments.c.id,
    sa.not_(sa.and_(outbox.c.action == Action.FIND, outbox.c.needs_person)),
)
_ARRIVED_AT = (
    sa.select(sa.func.min(payment_steps.c.at))
    .where(payment_steps.c.payment_id == payments.c.id, payment_steps.c.status == PaymentStatus.AWAITING_SIGNATURE)
    .scalar_subquery()
)


def _not_asked_since(moment: str) -> sa.ColumnElement[bool]:
    return sa.or_(payments.c.asked_at.is_(None), payments.c.asked_at < sa.bindparam(moment))


SILENT = (
    sa.select(payments.c.id, payments.c.updated_at, sa.func.coalesce(_ARRIVED_AT, payments.c.created_at))
    .where(
        STANDING,
        sa.not_(_IS_BUSY),
        sa.or_(
            sa.and_(payments.c.updated_at < sa.bindparam("quiet_since"), _not_asked_since("quiet_since")),
            sa.and_(payments.c.created_at <= sa.bindparam("restored_at"), _not_asked_since("restored_at")),
        ),
    )
    .order_by(payments.c.asked_at.nulls_first(), payments.c.id)
    .limit(sa.bindparam("limit"))
)
_LOCK_ASKED = sa.select(payments.c.id).where(is_one_of(payments.c.id, "ids")).order_by(payments.c.id).with_for_update()
_NOTE_ASKED = payments.update().where(is_one_of(payments.c.id, "ids")).values(asked_at=sa.bindparam("now"))
_LOCK_FEEDS = (
    sa.select(payment_feeds.c.number)
    .where(
        sa.exists().where(
            payments.c.partner_id == payment_feeds.c.partner_id,
            payments.c.customer_id == payment_feeds.c.customer_id,
            is_one_of(payments.c.id, "ids"),
        )
    )
    .order_by(payment_feeds.c.partner_id, payment_feeds.c.customer_id)
    .with_for_update()
)
_STILL_STANDING = sa.select(payments.c.id, payments.c.updated_at).where(is_one_of(payments.c.id, "ids"), STANDING)
_FIND = {
    name: dialect.insert(outbox).on_conflict_do_nothing(index_elements=["payment_id"]).returning(outbox.c.payment_id)
    for name, dialect in (("postgresql", postgresql), ("sqlite", sqlite))
}


class StandingDraftRecords:
    """Meets the port StandingBook."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def list_silent(self, quiet_since: dt.datetime, limit: int) -> Sequence[StandingDraft]:
        with self._database.reading() as connection:
            restored_at = connection.scalar(_RESTORED_AT) or NEVER
            given = {"quiet_since": quiet_since, "restored_at": restored_at, "limit": limit}
            return [
                StandingDraft(payment_id=payment_id, updated_at=updated_at, arrived_at=arrived_at)
                for payment_id, updated_at, arrived_at in connection.execute(SILENT, given)
            ]

    def note_found(self, words: Sequence[Word], now: dt.datetime) -> None:
        with self._database.transaction() as tx:
            write_words(tx, words, now)

    def note_lost(self, lost: Sequence[LostDraft], now: dt.datetime) -> Sequence[str]:
        if not lost:
            return []
        ids = [one.draft.payment_id for one in lost]
        with self._database.transaction() as tx:
            tx.execute(_LOCK_FEEDS, {"ids": ids})
            unheard = {(row.id, row.updated_at) for row in tx.execute(_STILL_STANDING, {"ids": ids})}
            missing = [one for one in lost if (one.draft.payment_id, one.draft.updated_at) in unheard]
            find = _FIND[tx.dialect.name]
            new = {
                one.draft.payment_id: one.why
                for one in missing
                if tx.execute(find, _errand(one.draft, now)).one_or_none() is not None
            }
            ask_person(tx, new, now)
            return sorted(new)

    def note_asked(self, payment_ids: Sequence[str], now: dt.datetime) -> None:
        with self._database.transaction() as tx:
            tx.execute(_LOCK_ASKED, {"ids": payment_ids})
            tx.execute(_NOTE_ASKED, {"ids": payment_ids, "now": now})


def _errand(draft: StandingDraft, now: dt.datetime) -> dict[str, object]:
    """Its sending counts from when the core had it: what a denial proves is reckoned from there."""
    return {
        "payment_id": draft.payment_id,
        "action": Action.FIND,
        "due_at": now,
        "last_sent_at": draft.arrived_at,
        "needs_person": True,
    }
