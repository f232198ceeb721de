"""Errands that rest until a person has looked: raised with an alarm, listed and started again by commands."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.store.tables import alarms, outbox, payments

ALARM = "needs_person"

REST = (
    outbox.update()
    .where(outbox.c.payment_id == sa.bindparam("of_id"))
    .values(needs_person=True, due_at=sa.bindparam("now"), lease_owner=None, lease_until=None)
)
_why = (
    sa.select(alarms.c.detail)
    .where(alarms.c.kind == ALARM, alarms.c.subject == outbox.c.payment_id)
    .order_by(alarms.c.id.desc())
    .limit(1)
    .scalar_subquery()
)
STUCK = (
    sa.select(
        outbox.c.payment_id, payments.c.status, outbox.c.due_at.label("since"), outbox.c.attempts, _why.label("why")
    )
    .join_from(outbox, payments)
    .where(outbox.c.needs_person)
    .order_by(outbox.c.due_at, outbox.c.payment_id)
)
AGAIN = (
    outbox.update()
    .where(outbox.c.payment_id == sa.bindparam("of_id"), outbox.c.needs_person)
    .values(needs_person=False, due_at=sa.bindparam("now"))
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stuck:
    """A payment whose errand waits for a person."""

    payment_id: str
    status: str
    since: dt.datetime
    attempts: int
    why: str | None


def ask_person(tx: Connection, reasons: Mapping[str, str], now: dt.datetime) -> None:
    """Let errands rest, by payment, each with an alarm that tells why."""
    if not reasons:
        return
    tx.execute(REST, [{"of_id": payment_id, "now": now} for payment_id in sorted(reasons)])
    told = [{"kind": ALARM, "subject": one, "detail": why, "at": now} for one, why in sorted(reasons.items())]
    tx.execute(alarms.insert(), told)


def list_stuck(connection: Connection) -> Sequence[Stuck]:
    """Longest first."""
    return [Stuck(**row) for row in connection.execute(STUCK).mappings()]


def ask_again(tx: Connection, payment_id: str, now: dt.datetime) -> bool:
    """Make an errand due that rested; False where none does.  The core is asked before anything is sent again."""
    return tx.execute(AGAIN, {"of_id": payment_id, "now": now}).rowcount == 1
