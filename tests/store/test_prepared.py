"""Queries on the driver's own cursor give what Core gives."""

from __future__ import annotations

import datetime as dt

import psycopg
import pytest
import sqlalchemy as sa

from adapter.store.database import Database
from adapter.store.prepared import Prepared
from adapter.store.tables import account_days, feeds
from tests.fakes import NOON
from tests.store.feed_bank import FeedBank, day_totals


def test_values_come_back_as_from_core(database: Database) -> None:
    bank = FeedBank(database)
    bank.tell(days=[day_totals(dt.date(2026, 11, 19), "0.00", "0.00")])
    statement = sa.select(
        feeds.c.account_id, feeds.c.as_of, feeds.c.complete_through, feeds.c.refresh_lease_until
    ).where(feeds.c.account_id == sa.bindparam("id"), feeds.c.as_of <= sa.bindparam("at"))
    values = {"id": bank.account.id, "at": NOON}
    with database.reading() as connection:
        expected = [tuple(row) for row in connection.execute(statement, values)]
    assert Prepared(statement).read(database.reader, values) == expected
    assert expected == [(bank.account.id, NOON, dt.date(2026, 11, 19), None)]


def test_dates_and_limits_are_bound(database: Database) -> None:
    bank = FeedBank(database)
    days = [day_totals(dt.date(2026, 11, day), "0.00", "0.00") for day in (17, 18, 19)]
    bank.tell(days=days)
    statement = Prepared(
        sa.select(account_days.c.day)
        .where(account_days.c.account_id == sa.bindparam("id"), account_days.c.day >= sa.bindparam("first"))
        .order_by(account_days.c.day)
        .limit(sa.bindparam("limit"))
    )
    values = {"id": bank.account.id, "first": dt.date(2026, 11, 18), "limit": 1}
    assert statement.read(database.reader, values) == [(dt.date(2026, 11, 18),)]
    assert statement.read(database.reader, values | {"limit": 5}) == [(days[1].day,), (days[2].day,)]


def test_connections_that_the_database_dropped_cost_one_query(postgres: Database) -> None:
    query = Prepared(sa.select(feeds.c.account_id))
    several = [postgres.reader.connect() for _ in range(3)]
    lost = [connection.connection.dbapi_connection.info.backend_pid for connection in several]  # type: ignore[union-attr]
    for connection in several:
        connection.close()
    with postgres.transaction() as tx:
        for pid in lost:
            tx.execute(sa.select(sa.func.pg_terminate_backend(pid)))
    with pytest.raises(psycopg.OperationalError):
        query.read(postgres.reader, {})
    for connection in [postgres.reader.connect() for _ in range(3)]:
        assert connection.scalar(sa.select(1)) == 1
        connection.close()
    assert query.read(postgres.reader, {}) == []


def test_a_query_that_fails_leaves_a_working_pool(database: Database) -> None:
    broken = Prepared(sa.select(sa.literal_column("no_such_column")).select_from(feeds))
    for _ in range(20):
        with pytest.raises(Exception, match="no_such_column"):
            broken.read(database.reader, {})
    assert Prepared(sa.select(feeds.c.account_id)).read(database.reader, {}) == []
