"""Figures for the bank's monitoring, read from the database when asked."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping

import sqlalchemy as sa

from adapter.store.database import Database
from adapter.store.lists import is_one_of
from adapter.store.statement_orders import UNFINISHED
from adapter.store.tables import alarms, bank_directories, feeds, outbox, statement_orders

_WAITING = sa.select(sa.func.count(), sa.func.min(outbox.c.due_at)).where(sa.not_(outbox.c.needs_person))
_PERSON = sa.select(sa.func.count()).where(outbox.c.needs_person)
_ALARMS = sa.select(alarms.c.kind, sa.func.count()).group_by(alarms.c.kind)
_OLDEST_FEED = sa.select(sa.func.min(feeds.c.read_at)).where(is_one_of(feeds.c.account_id, "connected"))
_NEVER_READ = sa.select(sa.func.count()).where(is_one_of(feeds.c.account_id, "connected"), feeds.c.read_at.is_(None))
_ORDERS = sa.select(statement_orders.c.status, sa.func.count()).group_by(statement_orders.c.status)
_OLDEST_ORDER = sa.select(sa.func.min(statement_orders.c.created_at)).where(UNFINISHED)
_DIRECTORY = sa.select(bank_directories.c.business_date, bank_directories.c.banks)


def read_measures(database: Database, connected: Collection[str], now: dt.datetime) -> Mapping[str, float]:
    """By name, in the notation of Prometheus; ages are seconds, 0 when there is nothing.

    `connected` are the accounts that some partner may read: the others' feeds rest, and may be old.
    """
    known = {"connected": connected}
    with database.reading() as connection:
        waiting, oldest = connection.execute(_WAITING).one()
        measures = {
            "bank_adapter_outbox_waiting": float(waiting),
            "bank_adapter_outbox_overdue_seconds": _age(now, oldest),
            "bank_adapter_payments_for_a_person": float(connection.execute(_PERSON).scalar_one()),
            "bank_adapter_feed_oldest_read_seconds": _age(now, connection.execute(_OLDEST_FEED, known).scalar_one()),
            "bank_adapter_feeds_never_read": float(connection.execute(_NEVER_READ, known).scalar_one()),
            "bank_adapter_statement_orders_oldest_seconds": _age(now, connection.scalar(_OLDEST_ORDER)),
        }
        measures |= _measure_directory(connection.execute(_DIRECTORY).one_or_none(), now)
        for status, count in connection.execute(_ORDERS):
            measures[f'bank_adapter_statement_orders{{status="{status}"}}'] = float(count)
        for kind, count in connection.execute(_ALARMS):
            measures[f'bank_adapter_alarms{{kind="{kind}"}}'] = float(count)
    return measures


def _measure_directory(row: sa.Row[dt.date, int] | None, now: dt.datetime) -> dict[str, float]:
    """How old the directory of banks is, by the day for which it was published: an old file may be loaded every day."""
    published = dt.datetime.combine(row.business_date, dt.time(), dt.UTC) if row is not None else None
    return {
        "bank_adapter_bank_directory_age_seconds": _age(now, published),
        "bank_adapter_bank_directory_banks": float(row.banks if row is not None else 0),
    }


def _age(now: dt.datetime, moment: dt.datetime | None) -> float:
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
