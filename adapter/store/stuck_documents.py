"""The staff's side of documents that wait for a person.  Meets `ports.StuckBook`.

An action locks the feed of fates first, then the errand: words of the core take the same way (store/fates.py),
so of two people, or of a person and an answer that comes late, one is first and the other sees it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.errors import NotFound
from adapter.domain.fates import Action, Stop, Word, first_steps
from adapter.domain.payments import PaymentOrder, PaymentStatus, StatusStep
from adapter.domain.stuck import AbsentEnd, Act, Refusal, StuckDocument, StuckRefused
from adapter.ports import Clock
from adapter.schemas.orders import load_stored_order
from adapter.store.database import Database
from adapter.store.fates import write_words
from adapter.store.leasing import Permits, find_stop
from adapter.store.payment_rows import STEPS
from adapter.store.stuck import WHY
from adapter.store.tables import accounts, outbox, payment_feeds, payments

log = structlog.get_logger("adapter.documents")

# Writes an act into the audit log, in the transaction of the act itself.
RecordAct = Callable[[Connection, Act, StuckDocument], None]

DOCUMENT = (
    sa.select(
        payments.c.id.label("payment_id"),
        payments.c.partner_id,
        payments.c.partner_name,
        payments.c.consent_id,
        payments.c.account_id,
        payments.c.order,
        payments.c.status,
        payments.c.core_reference,
        payments.c.created_at,
        accounts.c.owner,
        accounts.c.number.label("account_number"),
        accounts.c.status.label("account_status"),
        accounts.c.gone_at,
        accounts.c.moved_at,
        sa.func.coalesce(outbox.c.attempts, 0).label("attempts"),
        outbox.c.last_sent_at,
        outbox.c.withdrawal_wanted,
        sa.case((outbox.c.needs_person, outbox.c.due_at)).label("since"),
        WHY.label("why"),
    )
    .join_from(payments, accounts, accounts.c.id == payments.c.account_id)
    .outerjoin(outbox, outbox.c.payment_id == payments.c.id)
)
LIST = (
    DOCUMENT.where(outbox.c.needs_person)
    .order_by(outbox.c.due_at, outbox.c.payment_id)
    .limit(sa.bindparam("limit"))
    .offset(sa.bindparam("offset"))
)
READ = DOCUMENT.where(payments.c.id == sa.bindparam("id"))
LOCK_FEED = (
    sa.select(payment_feeds.c.number)
    .join(
        payments,
        sa.and_(
            payments.c.partner_id == payment_feeds.c.partner_id, payments.c.customer_id == payment_feeds.c.customer_id
        ),
    )
    .where(payments.c.id == sa.bindparam("id"))
    .with_for_update(of=payment_feeds)
)
LOCK_ERRAND = (
    sa.select(outbox.c.payment_id)
    .where(outbox.c.payment_id == sa.bindparam("id"), outbox.c.needs_person)
    .with_for_update()
)
GO_ON = (
    outbox.update()
    .where(outbox.c.payment_id == sa.bindparam("of_id"))
    .values(needs_person=False, due_at=sa.bindparam("now"))
)
MAY_SEND = (
    outbox.update()
    .where(outbox.c.payment_id == sa.bindparam("of_id"))
    .values(
        last_sent_at=None,
        action=sa.case((outbox.c.action == Action.FIND, Action.RESTORE.value), else_=outbox.c.action),
    )
)


class StuckDocuments:
    """`record` writes the audit log; `permits` tells what living consents still allow."""

    def __init__(self, database: Database, clock: Clock, permits: Permits, record: RecordAct) -> None:
        self._database = database
        self._clock = clock
        self._permits = permits
        self._record = record

    def list_stuck(self, limit: int, offset: int) -> Sequence[StuckDocument]:
        with self._database.reading() as connection:
            return [_load(row) for row in connection.execute(LIST, {"limit": limit, "offset": offset})]

    def read(self, payment_id: str) -> StuckDocument:
        with self._database.reading() as connection:
            row = connection.execute(READ, {"id": payment_id}).one_or_none()
            if row is None:
                raise NotFound
            return _load(row, _read_history(connection, row))

    def adopt(self, payment_id: str, version: str, word: Word, act: Act) -> None:
        with self._database.transaction() as tx:
            document = _load(_lock(tx, payment_id, version))
            write_words(tx, [word], self._clock.now())
            if _is_stuck(tx, payment_id):
                raise StuckRefused(Refusal.MOVED_ON)
            self._record(tx, act, document)

    def note_absent(self, payment_id: str, version: str, act: Act) -> AbsentEnd:
        now = self._clock.now()
        with self._database.transaction() as tx:
            row = _lock(tx, payment_id, version)
            end = self._find_end(tx, row, now)
            tx.execute(MAY_SEND, {"of_id": payment_id})
            tx.execute(GO_ON, {"of_id": payment_id, "now": now})
            self._record(tx, replace(act, detail={**act.detail, "end": end}), _load(row))
            return end

    def ask_again(self, payment_id: str, act: Act) -> None:
        with self._database.transaction() as tx:
            row = _lock(tx, payment_id)
            tx.execute(GO_ON, {"of_id": payment_id, "now": self._clock.now()})
            self._record(tx, act, _load(row))

    def _find_end(self, tx: Connection, row: Any, now: dt.datetime) -> AbsentEnd:
        """What the worker will do; it looks at the consent again itself."""
        stop = find_stop(row, self._permits(tx, {row.consent_id}, now), now)
        if row.withdrawal_wanted or stop is Stop.ENDED:
            return AbsentEnd.CANCELLED
        if stop is Stop.CLOSED or row.gone_at is not None:
            return AbsentEnd.REJECTED
        if stop is Stop.HELD:
            raise StuckRefused(Refusal.CONSENT_HELD)
        return AbsentEnd.SENT_AGAIN


def _lock(tx: Connection, payment_id: str, version: str | None = None) -> Any:
    """The document under lock; raises NotFound, and StuckRefused where it does not wait for a person as it was seen."""
    tx.execute(LOCK_FEED, {"id": payment_id})
    is_stuck = _is_stuck(tx, payment_id)
    row = tx.execute(READ, {"id": payment_id}).one_or_none()
    if row is None:
        raise NotFound
    if not is_stuck or version not in (None, _load(row).version):
        raise StuckRefused(Refusal.MOVED_ON)
    return row


def _is_stuck(tx: Connection, payment_id: str) -> bool:
    return tx.execute(LOCK_ERRAND, {"id": payment_id}).one_or_none() is not None


def _read_history(connection: Connection, row: Any) -> tuple[StatusStep, ...]:
    steps = connection.execute(STEPS, {"ids": [row.payment_id]})
    return first_steps(row.created_at) + tuple(
        StatusStep(
            status=PaymentStatus(step.status), at=step.at, source=step.source, reason=step.reason, applied=step.applied
        )
        for step in steps
    )


def _load(row: Any, history: tuple[StatusStep, ...] = ()) -> StuckDocument:
    return StuckDocument(
        payment_id=row.payment_id,
        partner_id=row.partner_id,
        partner_name=row.partner_name,
        consent_id=row.consent_id,
        company=row.owner.get("name", ""),
        account_number=row.account_number,
        order=_load_order(row),
        status=PaymentStatus(row.status),
        core_reference=row.core_reference,
        attempts=row.attempts,
        last_sent_at=row.last_sent_at,
        since=row.since,
        why=row.why if row.since else None,
        history=history,
    )


def _load_order(row: Any) -> PaymentOrder | None:
    try:
        return load_stored_order(row.order)
    except Exception:  # whatever is wrong with it is why the document waits for a person
        log.warning("a stored order cannot be read", payment_id=row.payment_id)
        return None
