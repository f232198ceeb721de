"""What the adapter reads is what the guide describes and the schema gives."""

from __future__ import annotations

import re

import pytest
import sqlalchemy as sa

from adapter.connectors.sql import views
from tests.connectors.sql.sql_bench import ROOT, SqlBench

GUIDE = (ROOT / "api_specs" / "core-sql.md").read_text(encoding="utf-8")
RELATIONS = [one for one in vars(views).values() if isinstance(one, sa.TableClause)]
FAMILIES = ("payee_", "payer_", "budget_")  # told as `payee_…`


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda one: one.name)
def test_every_column_that_is_read_is_described(relation: sa.TableClause) -> None:
    words = set(re.findall(r"`([a-z_]+)…?`", GUIDE))
    assert relation.name in words
    names = {column.name for column in relation.c}
    missing = {name for name in names - words if not name.startswith(FAMILIES)}
    assert missing == set()
    assert {family for family in FAMILIES if f"`{family}…`" in GUIDE} == set(FAMILIES)


@pytest.mark.parametrize("relation", RELATIONS, ids=lambda one: one.name)
def test_the_schema_gives_every_column(relation: sa.TableClause, sql_bench: SqlBench) -> None:
    inspector = sa.inspect(sql_bench.engine)
    given = {column["name"] for column in inspector.get_columns(relation.name, schema=views.SCHEMA)}
    assert {column.name for column in relation.c} <= given
