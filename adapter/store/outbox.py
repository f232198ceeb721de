"""Errands to the core: leased by one worker at a time, and what came of them.  Meets `ports.FateLog`.

A worker that dies leaves its lease; when that ends, a payment it had moved to `sending` becomes `unknown`, because
nobody knows whether the core got it.  On SQLite the transaction holds the only write lock, on PostgreSQL
SKIP LOCKED lets several workers lease side by side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.core import CoreDocument, Mark
from adapter.domain.fates import Action, Errand, Outcome, Source, Word
from adapter.domain.payments import RANK, PaymentStatus
from adapter.ports import Clock
from adapter.schemas.orders import load_stored_order
from adapter.store.database import Database
from adapter.store.fates import link_entry, write_words
from adapter.store.lists import is_one_of
from adapter.store.tables import accounts, alarms, core_marks, outbox, payments

EVENTS = "document_events"

DUE = (
    sa.select(
        outbox,
        payments.c.status,
        payments.c.customer_id,
        payments.c.partner_name,
        payments.c.possible_duplicate,
        payments.c.order,
        accounts.c.core_id,
    )
    .join_from(outbox, payments)
    .join(accounts, accounts.c.id == payments.c.account_id)
    .where(
        outbox.c.due_at <= sa.bindparam("now"),
        sa.or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= sa.bindparam("now")),
        sa.not_(outbox.c.needs_person),
    )
    .order_by(outbox.c.due_at, outbox.c.payment_id)
    .limit(sa.bindparam("limit"))
    .with_for_update(of=outbox, skip_locked=True)
)
LEASE = (
    outbox.update()
    .where(outbox.c.payment_id == sa.bindparam("of_id"))
    .values(
        action=sa.bindparam("action"),
        lease_owner=sa.bindparam("owner"),
        lease_until=sa.bindparam("until"),
        last_sent_at=sa.bindparam("sent_at"),
        attempts=outbox.c.attempts + 1,
    )
)
OURS = (
    sa.select(outbox)
    .where(is_one_of(outbox.c.payment_id, "ids"), outbox.c.lease_owner == sa.bindparam("owner"))
    .order_by(outbox.c.payment_id)
    .with_for_update()
)
NOTE_SENDING = (
    outbox.update()
    .where(is_one_of(outbox.c.payment_id, "ids"), outbox.c.lease_owner == sa.bindparam("owner"))
    .values(last_sent_at=sa.bindparam("now"))
    .returning(outbox.c.payment_id)
)
PUT_BACK = (
    outbox.update()
    .where(outbox.c.payment_id == sa.bindparam("of_id"))
    .values(
        action=sa.bindparam("action"),
        due_at=sa.bindparam("due"),
        last_sent_at=sa.bindparam("sent_at"),
        needs_person=sa.bindparam("person"),
        lease_owner=None,
        lease_until=None,
    )
)
OVER = outbox.delete().where(is_one_of(outbox.c.payment_id, "ids"))
STATUSES = sa.select(payments.c.id, payments.c.status).where(is_one_of(payments.c.id, "ids"))
MARK = sa.select(core_marks.c.mark).where(core_marks.c.feed == EVENTS)
LOCK_MARK = MARK.with_for_update()

AT_THE_CORE = RANK[PaymentStatus.AWAITING_SIGNATURE]


class Outbox:
    """Meets `ports.FateLog` and `ports.BookedPayments`."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    def lease_errands(self, owner: str, lease_s: float, limit: int) -> Sequence[Errand]:
        now = self._clock.now()
        with self._database.transaction() as tx:
            rows = tx.execute(DUE, {"now": now, "limit": limit}).all()
            if not rows:
                return []
            errands = _begin(tx, rows, now)
            taken = {errand.payment_id for errand in errands}
            if done := [row.payment_id for row in rows if row.payment_id not in taken]:
                tx.execute(OVER, {"ids": done})
            if errands:
                until = now + dt.timedelta(seconds=lease_s)
                tx.execute(LEASE, [_lease(errand, owner, until) for errand in errands])
            return errands

    def note_sending(self, owner: str, payment_ids: Sequence[str]) -> Sequence[str]:
        with self._database.transaction() as tx:
            noted = {"ids": payment_ids, "owner": owner, "now": self._clock.now()}
            return tx.execute(NOTE_SENDING, noted).scalars().all()

    def finish_errands(self, owner: str, outcomes: Sequence[Outcome]) -> None:
        now = self._clock.now()
        with self._database.transaction() as tx:
            ids = [outcome.payment_id for outcome in outcomes]
            held = {row.payment_id: row for row in tx.execute(OURS, {"ids": ids, "owner": owner})}
            ours = [outcome for outcome in outcomes if outcome.payment_id in held]
            write_words(tx, [outcome.word for outcome in ours if outcome.word], now)
            _put_back(tx, [_next(outcome, held[outcome.payment_id]) for outcome in ours if outcome.due_at])
            _ask_person(tx, [outcome for outcome in ours if outcome.needs_person], held, now)
            over = [outcome.payment_id for outcome in ours if not outcome.due_at and not outcome.needs_person]
            _end(tx, over, held, now)

    def read_mark(self) -> Mark | None:
        with self._database.reading() as connection:
            text = connection.execute(MARK).scalar_one_or_none()
            return Mark(text) if text else None

    def follow(self, words: Sequence[Word], before: Mark | None, after: Mark) -> bool:
        with self._database.transaction() as tx:
            text = tx.execute(LOCK_MARK).scalar_one_or_none()
            if text != (before.text if before else None):
                return False
            if before is None:
                tx.execute(core_marks.insert(), {"feed": EVENTS, "mark": after.text})
            else:
                tx.execute(core_marks.update().where(core_marks.c.feed == EVENTS), {"mark": after.text})
            write_words(tx, words, self._clock.now())
            return True

    def note_booked(self, payment_id: str, entry_id: str) -> None:
        with self._database.transaction() as tx:
            link_entry(tx, payment_id, entry_id, self._clock.now())


def _begin(tx: Connection, rows: Sequence[sa.Row[Any]], now: dt.datetime) -> list[Errand]:
    """Move each payment to what the lease means for it; those with nothing left to do are left out."""
    steps = {
        PaymentStatus.QUEUED: PaymentStatus.SENDING,
        PaymentStatus.SENDING: PaymentStatus.UNKNOWN,  # its worker died
    }
    moving = [row for row in rows if PaymentStatus(row.status) in steps]
    words = [
        Word(
            payment_id=row.payment_id,
            status=steps[PaymentStatus(row.status)],
            at=now,
            source=Source.ADAPTER,
            only_from=PaymentStatus(row.status),
        )
        for row in moving
    ]
    moved = dict(zip((row.payment_id for row in moving), write_words(tx, words, now), strict=True))
    errands = []
    for row in rows:
        status = PaymentStatus(row.status)
        if status in steps:
            if not moved[row.payment_id]:
                continue  # cancelled a moment ago
            status = steps[status]
        if errand := _errand(row, status, now):
            errands.append(errand)
    return errands


def _errand(row: sa.Row[Any], status: PaymentStatus, now: dt.datetime) -> Errand | None:
    at_the_core = RANK[status] >= AT_THE_CORE
    if status.is_final or (at_the_core and not row.withdrawal_wanted):
        return None
    return Errand(
        action=Action.WITHDRAW if at_the_core else Action.SUBMIT,
        status=status,
        document=CoreDocument(
            id=row.payment_id,
            customer_id=row.customer_id,
            core_account_id=row.core_id,
            order=load_stored_order(row.order),
            partner_name=row.partner_name,
            possible_duplicate=row.possible_duplicate,
        ),
        attempts=row.attempts + 1,
        last_sent_at=now if status is PaymentStatus.SENDING else row.last_sent_at,
        withdrawal_wanted=row.withdrawal_wanted,
    )


def _lease(errand: Errand, owner: str, until: dt.datetime) -> Mapping[str, Any]:
    return {
        "of_id": errand.payment_id,
        "action": errand.action,
        "owner": owner,
        "until": until,
        "sent_at": errand.last_sent_at,
    }


def _next(outcome: Outcome, row: sa.Row[Any]) -> Mapping[str, Any]:
    return {
        "of_id": outcome.payment_id,
        "action": row.action,
        "due": outcome.due_at,
        "sent_at": row.last_sent_at,
        "person": False,
    }


def _put_back(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        tx.execute(PUT_BACK, rows)


def _ask_person(tx: Connection, outcomes: Sequence[Outcome], held: Mapping[str, sa.Row[Any]], now: dt.datetime) -> None:
    _put_back(
        tx,
        [{**_next(outcome, held[outcome.payment_id]), "due": now, "person": True} for outcome in outcomes],
    )
    raised = [
        {"kind": "needs_person", "subject": outcome.payment_id, "detail": outcome.needs_person, "at": now}
        for outcome in outcomes
    ]
    if raised:
        tx.execute(alarms.insert(), raised)


def _end(tx: Connection, ids: Sequence[str], held: Mapping[str, sa.Row[Any]], now: dt.datetime) -> None:
    """Drop errands that are over; one whose payment the partner wants back meanwhile goes on as a withdrawal."""
    wanted = [payment_id for payment_id in ids if held[payment_id].withdrawal_wanted]
    statuses = {row.id: PaymentStatus(row.status) for row in tx.execute(STATUSES, {"ids": wanted})} if wanted else {}
    again = {
        payment_id
        for payment_id, status in statuses.items()
        if not status.is_final and held[payment_id].action == Action.SUBMIT
    }
    _put_back(
        tx,
        [
            {"of_id": one, "action": Action.WITHDRAW, "due": now, "sent_at": held[one].last_sent_at, "person": False}
            for one in sorted(again)
        ],
    )
    if over := [one for one in ids if one not in again]:
        tx.execute(OVER, {"ids": over})
