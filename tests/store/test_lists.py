"""Comparing with a list through one parameter."""

from __future__ import annotations

import sqlalchemy as sa

from adapter.store.database import Database
from adapter.store.lists import is_one_of
from adapter.store.tables import core_marks

FIND = sa.select(core_marks.c.feed).where(is_one_of(core_marks.c.feed, "names")).order_by(core_marks.c.feed)


def test_rows_are_found_by_a_list_of_any_length(database: Database) -> None:
    names = ["plain", "it's", 'quo"te', "{curly,}", "кириллица", "back\\slash"]
    with database.transaction() as tx:
        tx.execute(core_marks.insert(), [{"feed": name, "mark": "1"} for name in [*names, "other"]])
        found = tx.execute(FIND, {"names": [*names, *map(str, range(70_000))]}).scalars().all()
        assert sorted(found) == sorted(names)
        assert tx.execute(FIND, {"names": []}).all() == []
        assert tx.execute(FIND, {"names": ["other"]}).scalars().all() == ["other"]


def test_the_index_of_the_column_is_used_on_sqlite(sqlite: Database) -> None:
    statement = str(FIND.compile(sqlite.reader))
    with sqlite.reading() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ('["a"]',)).all()
    assert any("SEARCH core_marks USING" in row[3] for row in plan)
