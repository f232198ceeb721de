"""Errands that rest until a person has looked: raised with an alarm; `stuck_documents.py` is the person's side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind
from adapter.store.alarms import raise_all
from adapter.store.tables import alarms, outbox, payments

REST = (
    outbox.update()
    .where(outbox.c.payment_id == sa.bindparam("of_id"))
    .values(needs_person=True, due_at=sa.bindparam("now"), lease_owner=None, lease_until=None)
)
# Of a query over payments: why the last alarm called a person to this one.
WHY = (
    sa.select(alarms.c.detail)
    .where(alarms.c.kind == AlarmKind.NEEDS_PERSON, alarms.c.subject == payments.c.id)
    .order_by(alarms.c.id.desc())
    .limit(1)
    .correlate(payments)
    .scalar_subquery()
)


def ask_person(tx: Connection, reasons: Mapping[str, str], now: dt.datetime) -> None:
    """Let errands rest, by payment, each with an alarm that tells why."""
    if not reasons:
        return
    tx.execute(REST, [{"of_id": payment_id, "now": now} for payment_id in sorted(reasons)])
    raise_all(tx, AlarmKind.NEEDS_PERSON, sorted(reasons.items()), now)
