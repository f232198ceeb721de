"""Figures for the bank's monitoring, read from the database when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from adapter.domain.reconciliation import MismatchKind
from adapter.store.backlog import age, read_backlog
from adapter.store.database import Database
from adapter.store.statement_orders import UNFINISHED
from adapter.store.tables import alarms, bank_directories, mismatches, statement_orders

_ALARMS = sa.select(alarms.c.kind, sa.func.count()).group_by(alarms.c.kind)
_OPEN_ALARMS = sa.select(sa.func.count()).where(alarms.c.acknowledged_at.is_(None))
_MISMATCHES = (
    sa.select(mismatches.c.kind, sa.func.count().label("rows"))
    .where(sa.text("mismatches.cleared_at IS NULL"))
    .group_by(mismatches.c.kind)
)
_ORDERS = sa.select(statement_orders.c.status, sa.func.count()).group_by(statement_orders.c.status)
_OLDEST_ORDER = sa.select(sa.func.min(statement_orders.c.created_at)).where(UNFINISHED)
_DIRECTORY = sa.select(bank_directories.c.business_date, bank_directories.c.banks)


def read_measures(database: Database, connected: Collection[str], now: dt.datetime) -> Mapping[str, float]:
    """By name, in the notation of Prometheus; ages are seconds, 0 when there is nothing.

    `connected` are the accounts that some partner may read: the others' feeds rest, and may be old.
    """
    with database.reading() as connection:
        backlog = read_backlog(connection, connected, now)
        measures = {
            "bank_adapter_outbox_waiting": float(backlog.errands_waiting),
            "bank_adapter_outbox_overdue_seconds": backlog.errands_overdue_s,
            "bank_adapter_payments_for_a_person": float(backlog.for_a_person),
            "bank_adapter_feed_oldest_read_seconds": backlog.feed_oldest_s,
            "bank_adapter_feeds_never_read": float(backlog.feeds_never_read),
            "bank_adapter_alarms_open": float(connection.execute(_OPEN_ALARMS).scalar_one()),
            "bank_adapter_statement_orders_oldest_seconds": age(now, connection.scalar(_OLDEST_ORDER)),
        }
        measures |= _measure_directory(connection.execute(_DIRECTORY).one_or_none(), now)
        found = {row.kind: row.rows for row in connection.execute(_MISMATCHES)}
        for kind in MismatchKind:  # also those of which there are none: a figure that is missing alarms nobody
            measures[f'bank_adapter_mismatches{{kind="{kind}"}}'] = float(found.get(kind, 0))
        for status, count in connection.execute(_ORDERS):
            measures[f'bank_adapter_statement_orders{{status="{status}"}}'] = float(count)
        for kind, count in connection.execute(_ALARMS):
            measures[f'bank_adapter_alarms{{kind="{kind}"}}'] = float(count)
    return measures


def _measure_directory(row: sa.Row[dt.date, int] | None, now: dt.datetime) -> dict[str, float]:
    """How old the directory of banks is, by the day for which it was published: an old file may be loaded every day."""
    published = dt.datetime.combine(row.business_date, dt.time(), dt.UTC) if row is not None else None
    return {
        "bank_adapter_bank_directory_age_seconds": age(now, published),
        "bank_adapter_bank_directory_banks": float(row.banks if row is not None else 0),
    }
