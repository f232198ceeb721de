"""Leasing errands to the core: which are due, and what each means now.

The outbox rows are locked first and the payments are read after that, in a statement of its own: a status joined to the
rows could be older than the lock.  On SQLite the transaction holds the only write lock, on PostgreSQL SKIP LOCKED lets
several workers lease side by side.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreDocument
from adapter.domain.fates import NEVER_SENT, OF_LOST, Action, Errand, Source, Stop, Word
from adapter.domain.imports import ImportMode, ImportShape
from adapter.domain.origins import BatchPlace, Origin, OriginSeal
from adapter.domain.payments import RANK, PaymentStatus
from adapter.domain.stuck import Why
from adapter.ports import PaymentPermit
from adapter.schemas.orders import load_stored_order
from adapter.store.fates import write_words
from adapter.store.lists import is_one_of
from adapter.store.recovery import is_recovering
from adapter.store.stuck import ask_person
from adapter.store.tables import accounts, imports, outbox, payments

log = structlog.get_logger("adapter.outbox")

# What living consents allow now, by consent; one that is over is not in the answer.
Permits = Callable[[Connection, Collection[str], dt.datetime], Mapping[str, PaymentPermit]]

HOLD = dt.timedelta(seconds=60)  # how often it is looked whether a suspension was lifted
GONE_FOR_GOOD = dt.timedelta(hours=1)  # a core that tells a customer no accounts for a moment must not end his drafts
AT_THE_CORE = RANK[PaymentStatus.AWAITING_SIGNATURE]


def _due(which: sa.ColumnElement[bool]) -> sa.Select[*tuple[Any, ...]]:
    return (
        sa.select(outbox)
        .where(
            outbox.c.due_at <= sa.bindparam("now"),
            sa.or_(outbox.c.lease_until.is_(None), outbox.c.lease_until <= sa.bindparam("now")),
            sa.not_(outbox.c.needs_person),
            which,
        )
        .order_by(outbox.c.due_at, outbox.c.payment_id)
        .limit(sa.bindparam("limit"))
        .with_for_update(skip_locked=True)
    )


# Each has the limit for itself: a silent core may leave any number of drafts to be asked about, and a suspended partner
# any number that were never sent; neither may keep the other waiting.
_IS_FIRST_SENDING = sa.and_(
    outbox.c.action == Action.SUBMIT, outbox.c.last_sent_at.is_(None), sa.not_(outbox.c.withdrawal_wanted)
)
NEVER_SENT_DUE = _due(_IS_FIRST_SENDING)
OTHERS_DUE = _due(sa.not_(_IS_FIRST_SENDING))
PAYMENTS = (
    sa.select(
        payments.c.id,
        payments.c.status,
        payments.c.partner_id,
        payments.c.customer_id,
        payments.c.consent_id,
        payments.c.external_id,
        payments.c.order_sha256,
        payments.c.created_at,
        payments.c.account_id,
        payments.c.partner_name,
        payments.c.possible_duplicate,
        payments.c.order,
        payments.c.import_id,
        payments.c.import_place,
        imports.c.shape,
        imports.c.mode,
        imports.c.body_sha256,
        accounts.c.core_id,
        accounts.c.status.label("account_status"),
        accounts.c.gone_at,
        accounts.c.moved_at,
    )
    .join_from(payments, accounts, accounts.c.id == payments.c.account_id)
    .outerjoin(imports, imports.c.id == payments.c.import_id)
    .where(is_one_of(payments.c.id, "ids"))
)
STATUSES = sa.select(payments.c.id, payments.c.status).where(is_one_of(payments.c.id, "ids"))
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
# What waits in the queue was never sent, whatever was noted of it while a restored database was recovered.
WAIT = (
    outbox.update().where(is_one_of(outbox.c.payment_id, "ids")).values(due_at=sa.bindparam("due"), last_sent_at=None)
)
OVER = outbox.delete().where(is_one_of(outbox.c.payment_id, "ids"))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Case:
    """An errand that is due, and its payment as it was after the errand was locked."""

    errand: sa.Row[Any]
    status: PaymentStatus
    document: CoreDocument
    stop: Stop | None

    @property
    def payment_id(self) -> str:
        return self.document.id


@dataclass(frozen=True, slots=True, kw_only=True)
class Lease:
    errands: Sequence[Errand]
    has_more: bool = False  # as many as were asked for had never been sent: others may be due behind them


def lease_due(
    tx: Connection,
    permits: Permits,
    seal: OriginSeal,
    owner: str,
    now: dt.datetime,
    until: dt.datetime,
    limit: int,
) -> Lease:
    """Take what is due, move each payment to what that means for it, and drop errands with nothing left to do.

    At most `limit` that were never sent, and as many that were.  Nothing is due while our restored database is not yet
    recovered.
    """
    if is_recovering(tx):
        return Lease(errands=[])
    given = {"now": now, "limit": limit}
    never_sent = tx.execute(NEVER_SENT_DUE, given).all()
    due = {row.payment_id: row for row in [*never_sent, *tx.execute(OTHERS_DUE, given)]}
    if not due:
        return Lease(errands=[])
    cases = _read_cases(tx, permits, seal, due, now)
    write_words(tx, [word for case in cases if (word := _first_word(case, now))], now)
    # What stands now decides: a word of ours may have lost against one that came at the same moment.
    statuses = read_statuses(tx, due)
    errands = [errand for case in cases if (errand := _errand(case, statuses[case.payment_id], now))]
    if errands:
        tx.execute(LEASE, [_lease(errand, owner, until) for errand in errands])
    if waiting := [case.payment_id for case in cases if case.stop is Stop.HELD and _is_queued(case, statuses)]:
        tx.execute(WAIT, {"ids": waiting, "due": now + HOLD})
    if over := [one for one, row in due.items() if _is_over(row, statuses[one])]:
        tx.execute(OVER, {"ids": over})
    return Lease(errands=errands, has_more=len(never_sent) == limit)


def read_statuses(connection: Connection, payment_ids: Collection[str]) -> dict[str, PaymentStatus]:
    """Where payments stand now."""
    rows = connection.execute(STATUSES, {"ids": payment_ids})
    return {row.id: PaymentStatus(row.status) for row in rows}


def _read_cases(
    tx: Connection, permits: Permits, seal: OriginSeal, due: Mapping[str, sa.Row[Any]], now: dt.datetime
) -> list[_Case]:
    """Cases in the order due.  What cannot be read goes to a person and keeps nobody else's errand."""
    rows = {row.id: row for row in tx.execute(PAYMENTS, {"ids": list(due)})}
    allowed = permits(tx, {row.consent_id for row in rows.values()}, now)
    cases, unreadable = [], {}
    for payment_id, errand in due.items():
        row = rows[payment_id]
        status = PaymentStatus(row.status)
        if _is_over(errand, status):
            continue
        try:
            document = _document(row, seal)
        except Exception:  # whatever is wrong with the stored order
            log.exception("a stored order cannot be read", payment_id=payment_id)
            unreadable[payment_id] = Why.UNREADABLE
            continue
        cases.append(_Case(errand=errand, status=status, document=document, stop=find_stop(row, allowed, now)))
    ask_person(tx, unreadable, now)
    return cases


def _document(row: Any, seal: OriginSeal) -> CoreDocument:
    return CoreDocument(
        id=row.id,
        customer_id=row.customer_id,
        core_account_id=row.core_id,
        order=load_stored_order(row.order),
        partner_name=row.partner_name,
        possible_duplicate=row.possible_duplicate,
        origin=seal.dump(_origin(row), row.id, row.customer_id, row.core_id),
    )


def _origin(row: Any) -> Origin:
    return Origin(
        partner_id=row.partner_id,
        consent_id=row.consent_id,
        account_id=row.account_id,
        external_id=row.external_id,
        order_sha256=bytes(row.order_sha256),
        created_at=row.created_at,
        batch=_batch_place(row),
    )


def _batch_place(row: Any) -> BatchPlace | None:
    if row.import_place is None:
        return None
    return BatchPlace(
        import_id=row.import_id,
        place=row.import_place,
        shape=ImportShape(row.shape),
        mode=ImportMode(row.mode),
        body_sha256=bytes(row.body_sha256),
    )


def find_stop(row: Any, allowed: Mapping[str, PaymentPermit], now: dt.datetime) -> Stop | None:
    """Why a payment that waits here must not go to the bank now, by its account and by what living consents allow."""
    is_gone = row.gone_at is not None and row.gone_at + GONE_FOR_GOOD <= now
    if is_gone or row.moved_at is not None or row.account_status == AccountStatus.CLOSED:
        return Stop.CLOSED
    permit = allowed.get(row.consent_id)
    if permit is None or row.account_id not in permit.account_ids:
        return Stop.ENDED
    return Stop.HELD if permit.is_held or row.gone_at is not None else None


def _first_word(case: _Case, now: dt.datetime) -> Word | None:
    """What the lease itself makes of a payment.  One that nobody wants any more never becomes `sending`."""
    if case.status is PaymentStatus.SENDING:  # its worker died
        return _word(case, PaymentStatus.UNKNOWN, now)
    if case.status is not PaymentStatus.QUEUED:
        return None
    if case.errand.withdrawal_wanted:
        return _word(case, PaymentStatus.CANCELLED, now, Source.PARTNER)
    if case.stop in NEVER_SENT:
        status, reason = NEVER_SENT[case.stop]
        return _word(case, status, now, reason=reason)
    return None if case.stop is Stop.HELD else _word(case, PaymentStatus.SENDING, now)


def _word(
    case: _Case, status: PaymentStatus, now: dt.datetime, source: Source = Source.ADAPTER, reason: str | None = None
) -> Word:
    return Word(payment_id=case.payment_id, status=status, at=now, source=source, reason=reason, only_from=case.status)


def _errand(case: _Case, status: PaymentStatus, now: dt.datetime) -> Errand | None:
    """What is to be done at the core; None where nothing is, or where the next lease must look again."""
    if _is_over(case.errand, status) or status is PaymentStatus.QUEUED:
        return None
    return Errand(
        action=_action(case.errand, status),
        status=status,
        document=case.document,
        due_at=case.errand.due_at,
        attempts=case.errand.attempts + 1,
        last_sent_at=now if status is PaymentStatus.SENDING else case.errand.last_sent_at,
        withdrawal_wanted=case.errand.withdrawal_wanted,
        stop=case.stop,
    )


def _action(errand: sa.Row[Any], status: PaymentStatus) -> Action:
    if errand.action in OF_LOST:
        return Action(errand.action)
    return Action.WITHDRAW if RANK[status] >= AT_THE_CORE else Action.SUBMIT


def _is_over(errand: sa.Row[Any], status: PaymentStatus) -> bool:
    is_there = RANK[status] >= AT_THE_CORE and errand.action not in OF_LOST
    return status.is_final or (is_there and not errand.withdrawal_wanted)


def _is_queued(case: _Case, statuses: Mapping[str, PaymentStatus]) -> bool:
    return statuses[case.payment_id] is PaymentStatus.QUEUED


def _lease(errand: Errand, owner: str, until: dt.datetime) -> Mapping[str, Any]:
    return {
        "of_id": errand.payment_id,
        "action": errand.action,
        "owner": owner,
        "until": until,
        "sent_at": errand.last_sent_at,
    }
