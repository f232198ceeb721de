"""A column compared with a list that is one parameter, however long: a thousand ids are not a thousand parameters."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.functions import FunctionElement


class _Texts(sa.TypeDecorator[Collection[str]]):
    """A list of texts: an array on PostgreSQL, JSON on SQLite."""

    impl = sa.Text
    cache_ok = True

    def load_dialect_impl(self, dialect: sa.Dialect) -> Any:
        return dialect.type_descriptor(postgresql.ARRAY(sa.Text) if dialect.name == "postgresql" else sa.Text())

    def process_bind_param(self, value: Collection[str] | None, dialect: sa.Dialect) -> Any:
        texts = list(value or ())
        return texts if dialect.name == "postgresql" else orjson.dumps(texts).decode()


class _IsOneOf(FunctionElement[bool]):
    inherit_cache = True
    # As a Boolean it would be written "... = 1" on SQLite, which then uses no index.
    type = sa.types.NULLTYPE  # type: ignore[assignment]


def is_one_of(column: sa.Column[Any], name: str) -> sa.ColumnElement[bool]:
    """Whether the text column is in the list given as the parameter `name`."""
    return _IsOneOf(column, sa.bindparam(name, type_=_Texts()))


@compiles(_IsOneOf, "postgresql")
def _on_postgresql(element: _IsOneOf, compiler: Any, **options: Any) -> str:
    column, texts = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{column} = ANY({texts})"


@compiles(_IsOneOf, "sqlite")
def _on_sqlite(element: _IsOneOf, compiler: Any, **options: Any) -> str:
    column, texts = (compiler.process(clause, **options) for clause in element.clauses)
    # Both are compiled clauses, no text from outside.
    return f"{column} IN (SELECT value FROM json_each({texts}))"  # noqa: S608
