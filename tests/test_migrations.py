"""The history of the database ends where the tables in code are, on both databases."""

from __future__ import annotations

from pathlib import Path

import pytest
import sqlalchemy as sa

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


def test_accounts_with_what_hangs_on_them_outlive_the_upgrade(tmp_path: Path) -> None:
    database = open_database(f"sqlite:///{tmp_path}/old.db")
    migrations.upgrade(database.writer, "0005")
    old = {"id": "acc_1", "core_id": "a", "customer_id": "cus-1", "number": "4", "bic": "0", "currency": "RUB"}
    columns = old | {"name": "", "owner": "{}", "status": "open", "updated_at": "2026-11-21 00:00:00"}
    names = ", ".join(columns)
    with database.transaction() as tx:
        tx.execute(sa.text(f"INSERT INTO accounts ({names}) VALUES (:{', :'.join(columns)})"), columns)
        tx.execute(sa.text("INSERT INTO feeds (account_id, key) VALUES ('acc_1', 7)"))
    migrations.upgrade(database.writer)
    with pytest.raises(sa.exc.IntegrityError), database.transaction() as tx:
        tx.execute(sa.text("DELETE FROM accounts"))
    with database.reading() as connection:
        assert connection.execute(sa.text("SELECT account_id FROM feeds JOIN accounts ON id = account_id")).all()
        assert connection.execute(sa.text("PRAGMA foreign_keys")).scalar() == 1
    database.close()


def test_of_an_account_told_to_two_customers_at_one_moment_one_living_row_is_left(empty_url: str) -> None:
    database = open_database(empty_url)
    migrations.upgrade(database.writer, "0007")
    columns = {
        "core_id": "a",
        "number": "4",
        "bic": "0",
        "currency": "RUB",
        "name": "",
        "owner": "{}",
        "status": "open",
    }
    with database.transaction() as tx:
        for name, told_at in (("1", "2026-11-21 00:00:00"), ("2", "2026-11-21 00:00:01"), ("3", "2026-11-20 00:00:00")):
            row = columns | {"id": f"acc_{name}", "customer_id": f"cus-{name}", "updated_at": told_at}
            tx.execute(sa.text(f"INSERT INTO accounts ({', '.join(row)}) VALUES (:{', :'.join(row)})"), row)
    migrations.upgrade(database.writer)
    with database.reading() as connection:
        living = connection.execute(sa.text("SELECT id FROM accounts WHERE moved_at IS NULL")).scalars().all()
    assert living == ["acc_2"]
    database.close()


def test_a_database_without_history_is_not_current(empty_url: str) -> None:
    database = open_database(empty_url)
    with database.reading() as connection:
        assert not migrations.is_current(connection)
    database.close()
