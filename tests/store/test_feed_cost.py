"""What the hot queries cost does not grow with the entries: each is a range of an index, in its order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
import sqlalchemy as sa

from adapter.domain.core import CoreEntry
from adapter.store import feed, statements
from adapter.store.database import Database
from tests.fakes import entry_details
from tests.store.feed_bank import FeedBank

DAY = dt.date(2026, 11, 1)
QUERIES: dict[str, tuple[Any, dict[str, Any], str]] = {
    "where a feed stands": (feed._HEAD._statement, {"id": "?"}, "feeds"),
    "a page of changes": (
        feed._CHANGES._statement,
        {
            "account_id": "?",
            "base": 900,
            "position": 900,
            "until": 1000,
            "history_from": DAY,
            "partner_id": "pa_1",
            "limit": 101,
        },
        "pk_entries|sqlite_autoindex_entries_1",
    ),
    "a piece of a statement": (
        statements._ENTRIES,
        {
            "account_id": "?",
            "until": 1000,
            "date_to": DAY + dt.timedelta(days=30),
            "after_date": DAY,
            "after_number": 500,
            "partner_id": "pa_1",
        },
        "ix_entries_statement",
    ),
}


@pytest.mark.parametrize("name", QUERIES)
def test_a_query_reads_one_range_of_an_index(database: Database, name: str) -> None:
    statement, values, index = QUERIES[name]
    bank = FeedBank(database)
    for start in range(0, 4000, 1000):
        bank.tell(*(CoreEntry(core_id=str(n), details=entry_details(day=DAY)) for n in range(start, start + 1000)))
    plan = explain(
        database, statement, {key: bank.account.id if value == "?" else value for key, value in values.items()}
    )
    assert any(word in plan for word in index.split("|")), plan
    assert "Sort" not in plan, plan
    assert "TEMP B-TREE" not in plan, plan
    assert "Seq Scan on entries" not in plan, plan
    assert "SCAN entries" not in plan, plan


def explain(database: Database, statement: Any, values: dict[str, Any]) -> str:
    compiled = statement.params(**values).compile(database.writer, compile_kwargs={"literal_binds": True})
    with database.writer.connect() as connection:
        if database.is_postgresql:
            connection.execute(sa.text("ANALYZE"))
            rows = connection.exec_driver_sql(f"EXPLAIN {compiled}".replace("%", "%%"))
        else:
            rows = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {compiled}")
        return "\n".join(str(row) for row in rows)
