"""Errands to the core and what came of them.  Meets `ports.FateLog` and `ports.BookedPayments`.

A worker that dies leaves its lease; when that ends, a payment it had moved to `sending` becomes `unknown`, because
nobody knows whether the core got it (see store/leasing.py).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind
from adapter.domain.core import CoreAccount, CoreDocument, Mark
from adapter.domain.fates import Action, Errand, Outcome, Source, Word
from adapter.domain.origins import Origin, OriginSeal
from adapter.domain.payments import PaymentStatus
from adapter.domain.stuck import Why
from adapter.ports import Clock
from adapter.store.adoption import ConsentOwner, adopt, list_unknown
from adapter.store.alarms import SUBJECT_MAX, raise_once, raise_while_open
from adapter.store.bookings import note_booked
from adapter.store.database import Database
from adapter.store.fates import write_words
from adapter.store.leasing import OVER, Lease, Permits, lease_due, read_statuses
from adapter.store.lists import is_one_of
from adapter.store.stuck import ask_person
from adapter.store.tables import core_marks, outbox

EVENTS = "document_events"
LEASES_MAX = 10  # in a row that bring no errand, because all that they took is held
WITHDRAWAL_ASKED_EACH = dt.timedelta(seconds=60)  # as long as the longest pause after a failure

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
        attempts=sa.bindparam("counted"),
        lease_owner=None,
        lease_until=None,
    )
)
MARK = sa.select(core_marks.c.mark).where(core_marks.c.feed == EVENTS)
LOCK_MARK = MARK.with_for_update()


log = structlog.get_logger("adapter.outbox")

# Texts that a database, or its driver, does not take, and values of a connector that are no texts where texts belong.
UNWRITABLE = (sa.exc.DataError, ValueError, TypeError)


class Outbox:
    """`permits` tells what living consents still allow: a draft that waited here must not outlive its consent."""

    def __init__(
        self, database: Database, clock: Clock, permits: Permits, seal: OriginSeal, find_owner: ConsentOwner
    ) -> None:
        self._database = database
        self._clock = clock
        self._permits = permits
        self._seal = seal
        self._find_owner = find_owner

    def lease_errands(self, owner: str, lease_s: float, limit: int) -> Sequence[Errand]:
        now = self._clock.now()
        until = now + dt.timedelta(seconds=lease_s)
        lease = Lease(errands=[], has_more=True)
        for _ in range(LEASES_MAX):
            if lease.errands or not lease.has_more:
                break
            with self._database.transaction() as tx:
                lease = lease_due(tx, self._permits, self._seal, owner, now, until, limit)
        return lease.errands

    def note_sending(self, owner: str, payment_ids: Sequence[str]) -> Sequence[str]:
        with self._database.transaction() as tx:
            noted = {"ids": payment_ids, "owner": owner, "now": self._clock.now()}
            return tx.execute(NOTE_SENDING, noted).scalars().all()

    def finish_errands(self, owner: str, outcomes: Sequence[Outcome]) -> None:
        try:
            self._finish(owner, outcomes)
            return
        except UNWRITABLE:
            log.exception("what the core says of a draft cannot be written")
        for outcome in outcomes:
            try:
                self._finish(owner, [outcome])
            except UNWRITABLE:
                self._finish(owner, [_for_a_person(outcome, self._clock.now())])

    def _finish(self, owner: str, outcomes: Sequence[Outcome]) -> None:
        now = self._clock.now()
        with self._database.transaction() as tx:
            ids = [outcome.payment_id for outcome in outcomes]
            held = {row.payment_id: row for row in tx.execute(OURS, {"ids": ids, "owner": owner})}
            ours = [outcome for outcome in outcomes if outcome.payment_id in held]
            write_words(tx, [outcome.word for outcome in ours if outcome.word], now)
            statuses = read_statuses(tx, list(held))
            final = {one for one, status in statuses.items() if status.is_final}
            going = [outcome for outcome in ours if outcome.payment_id not in final]
            again = [(held[one.payment_id], one, statuses[one.payment_id]) for one in going if one.due_at]
            _put_back(tx, [_again(*case, now) for case in again])
            ask_person(tx, {one.payment_id: one.needs_person for one in going if one.needs_person}, now)
            ended = [held[one.payment_id] for one in going if not one.due_at and not one.needs_person]
            _end(tx, ended, final.intersection(ids), now)

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
            _write_words(tx, words, self._clock.now())
            return True

    def list_unknown(self, payment_ids: Sequence[str]) -> Sequence[str]:
        with self._database.reading() as connection:
            return list_unknown(connection, payment_ids)

    def read_origin(self, document: CoreDocument) -> Origin | None:
        return self._seal.parse(document)

    def adopt(
        self,
        document: CoreDocument,
        origin: Origin,
        account: CoreAccount | None,
        *,
        word: Word | None = None,
        is_silent: bool = False,
    ) -> str | None:
        now = self._clock.now()
        with self._database.transaction() as tx:
            why_not = adopt(tx, document, origin, account, self._find_owner, now, is_silent=is_silent)
            if word is not None and why_not is None:
                _write_words(tx, [word], now)
            return why_not

    def note_unknown(self, reasons: Mapping[str, str]) -> None:
        with self._database.transaction() as tx:
            told = {document_id[:SUBJECT_MAX]: reason for document_id, reason in reasons.items()}
            raise_once(tx, AlarmKind.UNKNOWN_DOCUMENT, told, self._clock.now())

    def note_unreadable(self, events: Mapping[str, str]) -> None:
        told = {payment_id[:SUBJECT_MAX] or EVENTS: what for payment_id, what in events.items()}
        with self._database.transaction() as tx:
            raise_once(tx, AlarmKind.CORE_CONTRACT, told, self._clock.now())

    def note_core_restored(self) -> None:
        told = {EVENTS: "the core no longer knows the mark of its events"}
        with self._database.transaction() as tx:
            raise_while_open(tx, AlarmKind.CORE_RESTORED, told, self._clock.now())

    def note_booked(self, account_id: str, entry_ids: Mapping[str, str]) -> None:
        with self._database.transaction() as tx:
            note_booked(tx, account_id, entry_ids, self._clock.now())


def _write_words(tx: Connection, words: Sequence[Word], now: dt.datetime) -> None:
    """A word that the database refuses becomes an alarm and keeps none of the others."""
    try:
        with tx.begin_nested():
            write_words(tx, words, now)
        return
    except UNWRITABLE:
        log.exception("a word of the core cannot be written")
    for word in words:
        try:
            with tx.begin_nested():
                write_words(tx, [word], now)
        except UNWRITABLE:
            raise_once(
                tx,
                AlarmKind.REFUSED_WORD,
                {word.payment_id[:SUBJECT_MAX]: "the database refuses what the core says"},
                now,
            )


def _for_a_person(outcome: Outcome, now: dt.datetime) -> Outcome:
    """What the core said is not known here: its draft may be there or not."""
    word = Word(
        payment_id=outcome.payment_id,
        status=PaymentStatus.UNKNOWN,
        at=now,
        source=Source.ADAPTER,
        only_from=PaymentStatus.SENDING,
    )
    return Outcome(payment_id=outcome.payment_id, word=word, needs_person=Why.CONNECTOR_FAILS)


def _put_back(tx: Connection, rows: Sequence[Mapping[str, Any]]) -> None:
    if rows:
        tx.execute(PUT_BACK, rows)


def _again(row: sa.Row[Any], outcome: Outcome, status: PaymentStatus, now: dt.datetime) -> Mapping[str, Any]:
    # The partner may have wanted it back while it was leased: that must not wait as long as a word of the core may.
    due_at = outcome.due_at
    if due_at and row.withdrawal_wanted and row.action != Action.WITHDRAW:
        due_at = min(due_at, now + WITHDRAWAL_ASKED_EACH)
    return {
        "of_id": row.payment_id,
        "action": row.action,
        "due": due_at,
        # One in the queue was never sent: it goes before all that is asked about.
        "sent_at": None if status is PaymentStatus.QUEUED else row.last_sent_at,
        "counted": row.attempts if outcome.attempts is None else outcome.attempts,
    }


def _withdrawal(row: sa.Row[Any], now: dt.datetime) -> Mapping[str, Any]:
    return {
        "of_id": row.payment_id,
        "action": Action.WITHDRAW,
        "due": now,
        "sent_at": row.last_sent_at,
        "counted": row.attempts,
    }


def _end(tx: Connection, rows: Sequence[sa.Row[Any]], final: Collection[str], now: dt.datetime) -> None:
    """Drop errands that are over; one whose payment the partner wants back meanwhile goes on as a withdrawal."""
    again = [row for row in rows if row.withdrawal_wanted and row.action != Action.WITHDRAW]
    _put_back(tx, [_withdrawal(row, now) for row in again])
    going = {row.payment_id for row in again}
    if over := [*final, *(row.payment_id for row in rows if row.payment_id not in going)]:
        tx.execute(OVER, {"ids": over})
