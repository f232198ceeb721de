"""Moments in the tables are aware and UTC on every database."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.exc import StatementError

from adapter.store.database import Database
from oauth.models import assertion_jtis


def test_a_moment_comes_back_as_utc(database: Database) -> None:
    moscow = datetime(2026, 11, 22, 3, 0, tzinfo=timezone(timedelta(hours=3)))
    with database.transaction() as tx:
        tx.execute(assertion_jtis.insert(), {"hash": b"1" * 32, "expires_at": moscow})
        found = tx.execute(sa.select(assertion_jtis.c.expires_at)).scalar_one()
    assert found == datetime(2026, 11, 22, 0, 0, tzinfo=UTC)
    assert found.tzinfo is UTC


def test_a_moment_without_a_zone_is_refused(database: Database) -> None:
    with pytest.raises(StatementError), database.transaction() as tx:
        tx.execute(assertion_jtis.insert(), {"hash": b"1" * 32, "expires_at": datetime(2026, 11, 22)})  # noqa: DTZ001
