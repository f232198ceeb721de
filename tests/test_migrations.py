"""The history of the database ends where the tables in code are, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter import migrations
from adapter.store.database import open_database


@pytest.fixture(params=["sqlite", "postgres"])
def empty_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """A database without any table."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/empty.db"
    found: str = request.getfixturevalue("bare_postgres_url")
    return found


def test_upgrading_an_empty_database_gives_the_tables_of_the_code(empty_url: str) -> None:
    database = open_database(empty_url)
    migrations.upgrade(database.writer)
    migrations.check(database.writer)  # raises where code and database differ
    migrations.upgrade(database.writer)  # a second time changes nothing
    with database.reading() as connection:
        assert migrations.is_current(connection)
    database.close()


def test_a_database_without_history_is_not_current(empty_url: str) -> None:
    database = open_database(empty_url)
    with database.reading() as connection:
        assert not migrations.is_current(connection)
    database.close()
