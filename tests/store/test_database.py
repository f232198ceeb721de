"""What both engines promise: moments with a zone, and errors that name no values."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from adapter.store.database import Database
from adapter.store.tables import alarms


def test_an_error_tells_no_values_because_it_goes_to_the_log(database: Database) -> None:
    query = sa.text("SELECT * FROM no_such_table WHERE purpose = :purpose")
    for engine in (database.reader, database.writer):
        with engine.connect() as connection, pytest.raises(sa.exc.DBAPIError) as caught:
            connection.execute(query, {"purpose": "зарплата Иванову"})
        assert "Иванову" not in str(caught.value)


def test_a_moment_without_a_zone_is_refused_and_one_with_a_zone_comes_back_as_utc(database: Database) -> None:
    moscow = dt.datetime(2026, 11, 20, 12, 0, tzinfo=dt.timezone(dt.timedelta(hours=3)))
    row = {"kind": "late_status", "subject": "pay_1", "detail": "x"}
    with pytest.raises(sa.exc.StatementError), database.transaction() as tx:
        tx.execute(alarms.insert(), row | {"at": moscow.replace(tzinfo=None)})
    with database.transaction() as tx:
        tx.execute(alarms.insert(), row | {"at": moscow})
    with database.reading() as connection:
        found = connection.execute(sa.select(alarms.c.at)).scalar_one()
    assert found == moscow
    assert found.utcoffset() == dt.timedelta(0)
