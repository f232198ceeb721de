"""Who used a consent, how often and from where, as the customer may see it.

Uses are counted in memory per consent, hour, operation and address, and added to the table every few seconds: one row
per call would be millions of rows that nobody reads.  The first use is written at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from oauth.models import consent_usage, consents

UseKey = tuple[str, datetime, str, str]  # consent, hour, operation, address


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """Calls of one operation from one address within one hour."""

    hour: datetime
    operation: str
    ip: str
    count: int
    last_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageSummary:
    """In one line: when and from where last, how often in the last seven days."""

    last_at: datetime | None
    last_ip: str | None
    count_7_days: int


def add_uses(tx: Connection, counts: Mapping[UseKey, tuple[int, datetime]]) -> None:
    """Add counts, each with the moment of its last use, to what is stored."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    statement = insert(consent_usage)
    upsert = statement.on_conflict_do_update(
        index_elements=[consent_usage.c[name] for name in ("consent_id", "hour", "operation", "ip")],
        set_={"count": consent_usage.c.count + statement.excluded.count, "last_at": statement.excluded.last_at},
    )
    # Sorted, so that two processes that flush at once take the row locks in the same order.
    for (consent_id, hour, operation, ip), (count, last_at) in sorted(counts.items()):
        key = {"consent_id": consent_id, "hour": hour, "operation": operation, "ip": ip}
        tx.execute(upsert, key | {"count": count, "last_at": last_at})


def list_uses(connection: Connection, consent_id: str, *, limit: int = 100) -> Sequence[Use]:
    """Latest first."""
    columns = [consent_usage.c[name] for name in Use.__dataclass_fields__]
    query = sa.select(*columns).where(consent_usage.c.consent_id == consent_id)
    query = query.order_by(consent_usage.c.last_at.desc()).limit(limit)
    return [Use(**row) for row in connection.execute(query).mappings()]


def summarise(connection: Connection, consent_ids: Sequence[str], *, now: datetime) -> Mapping[str, UsageSummary]:
    """The summary of each consent that was used; two queries for any number of consents."""
    week = now - timedelta(days=7)
    table = consent_usage
    recent = sa.func.sum(sa.case((table.c.last_at > week, table.c.count), else_=0))
    totals = sa.select(table.c.consent_id, sa.func.max(table.c.last_at).label("last_at"), recent.label("recent"))
    totals = totals.where(table.c.consent_id.in_(consent_ids)).group_by(table.c.consent_id)
    last = sa.select(table.c.consent_id, table.c.last_at, table.c.ip).where(table.c.consent_id.in_(consent_ids))
    addresses = {(row.consent_id, row.last_at): row.ip for row in connection.execute(last)}
    return {
        row.consent_id: UsageSummary(
            last_at=row.last_at, last_ip=addresses.get((row.consent_id, row.last_at)), count_7_days=int(row.recent)
        )
        for row in connection.execute(totals)
    }


def summarise_partner(connection: Connection, partner_id: str, *, now: datetime) -> UsageSummary:
    """The same over all consents of a partner; the address is left out, a partner has many."""
    week = now - timedelta(days=7)
    table = consent_usage
    recent = sa.func.coalesce(sa.func.sum(sa.case((table.c.last_at > week, table.c.count), else_=0)), 0)
    query = sa.select(sa.func.max(table.c.last_at).label("last_at"), recent.label("recent"))
    query = query.join(consents, consents.c.id == table.c.consent_id).where(consents.c.partner_id == partner_id)
    row = connection.execute(query).one()
    return UsageSummary(last_at=row.last_at, last_ip=None, count_7_days=int(row.recent))
