"""After a restore of this database to an earlier moment: what must not be trusted, and when all is well again.

Between `begin_recovery` and `end_recovery` nothing is accepted and nothing is sent, in every process: an order that
comes again would be a second payment as long as the first, which the core has, is not adopted.
"""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind
from adapter.domain.errors import Recovering
from adapter.domain.fates import Source, Word
from adapter.domain.payments import PaymentStatus
from adapter.store.fates import write_words
from adapter.store.tables import alarms, feeds, outbox, payment_feeds, payments, recoveries

log = structlog.get_logger("adapter.recovery")

STEP = "база восстановлена: отправка выясняется в банке"
FATES_GAP = 1_000_000_000  # more changes than any lost time holds
GENERATIONS_FROM = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)

OPEN = sa.select(recoveries.c.id).where(recoveries.c.ended_at.is_(None)).limit(1)
END = recoveries.update().where(recoveries.c.ended_at.is_(None)).values(ended_at=sa.bindparam("now"))
# A generation that no lost cursor can have: later than all that were given before.
NEW_NUMBERS = feeds.update().values(
    generation=sa.case(
        (feeds.c.generation < sa.bindparam("moment"), sa.bindparam("moment")), else_=feeds.c.generation + 1
    ),
    complete_through=None,
)
NUMBERS_SINCE = feeds.update().values(numbers_since=feeds.c.generation)
# Partners hold cursors of the lost time: what is numbered from now on comes after all of them.
FATES_AHEAD = payment_feeds.update().values(number=payment_feeds.c.number + FATES_GAP)
LAST_SENT = outbox.update().values(
    last_sent_at=sa.bindparam("now"), due_at=sa.bindparam("now"), lease_owner=None, lease_until=None
)
BEGAN = sa.select(sa.func.min(recoveries.c.began_at)).where(recoveries.c.ended_at.is_(None)).scalar_subquery()
LAST_ENDED = sa.select(sa.func.max(recoveries.c.ended_at)).scalar_subquery()
# Alarms are kept whatever becomes of the run that raised them, and the mark of the events goes on past a loss.  One
# since the recovery before that nobody has looked at counts too: a worker may have met it before the restore was said.
LOSSES = (
    sa.select(alarms.c.subject, alarms.c.detail)
    .where(
        alarms.c.kind == AlarmKind.UNKNOWN_DOCUMENT,
        sa.or_(
            alarms.c.at >= BEGAN,
            sa.and_(alarms.c.acknowledged_at.is_(None), sa.func.coalesce(alarms.c.at > LAST_ENDED, sa.true())),
        ),
        sa.not_(sa.exists().where(payments.c.id == alarms.c.subject)),
    )
    .order_by(alarms.c.subject)
)
NOT_YET_SENT = (
    sa.select(payments.c.id, payments.c.status)
    .join_from(outbox, payments)
    .where(payments.c.status.in_([PaymentStatus.QUEUED, PaymentStatus.SENDING]))
    .order_by(payments.c.id)
)
DOUBTFUL = (
    sa.select(payments.c.id)
    .join_from(outbox, payments)
    .where(
        payments.c.status == PaymentStatus.UNKNOWN,
        sa.not_(outbox.c.withdrawal_wanted),
        sa.not_(outbox.c.needs_person),
    )
    .order_by(payments.c.id)
)


def is_recovering(connection: Connection) -> bool:
    return connection.execute(OPEN).one_or_none() is not None


def check_not_recovering(connection: Connection) -> None:
    """Raises Recovering."""
    if is_recovering(connection):
        raise Recovering


def begin_recovery(tx: Connection, now: dt.datetime) -> int:
    """Stop accepting and sending; answers how many drafts are in doubt.

    Cursors of the lost time must not go on in numbers that are given again.  What waits to be sent may have been sent
    since: the core is asked before, and a NotFound is proof only some time from now.
    """
    tx.execute(recoveries.insert(), {"began_at": now})
    tx.execute(NEW_NUMBERS, {"moment": int((now - GENERATIONS_FROM).total_seconds())})
    tx.execute(NUMBERS_SINCE)
    tx.execute(FATES_AHEAD)
    tx.execute(LAST_SENT, {"now": now})
    doubtful = tx.execute(NOT_YET_SENT).all()
    write_words(tx, [_doubt(row.id, PaymentStatus(row.status), now) for row in doubtful], now)
    log.warning("this database was restored to an earlier moment", doubtful=len(doubtful))
    return len(doubtful)


def list_losses(connection: Connection) -> dict[str, str]:
    """Documents of the core that were found in any run of this recovery and are still not here; why not."""
    return {row.subject: row.detail for row in connection.execute(LOSSES)}


def list_doubtful(connection: Connection) -> list[str]:
    """Payments that leave unless the core has them, also those that a cancellation of the lost time took back."""
    return list(connection.scalars(DOUBTFUL))


def end_recovery(tx: Connection, now: dt.datetime, *, accept_losses: bool = False) -> bool:
    """Accept and send again; False, and nothing done, while documents are lost and nobody accepts that."""
    losses = list_losses(tx)
    if losses and not accept_losses:
        return False
    tx.execute(END, {"now": now})
    log.warning("the recovery has ended", losses_accepted=len(losses))
    return True


def _doubt(payment_id: str, status: PaymentStatus, now: dt.datetime) -> Word:
    return Word(
        payment_id=payment_id,
        status=PaymentStatus.UNKNOWN,
        at=now,
        source=Source.ADAPTER,
        reason=STEP,
        only_from=status,
    )
