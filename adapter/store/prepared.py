"""Queries of the hot path, compiled once and run on the driver's own cursor.

A poll that finds nothing costs little more than its two queries, and Core's execution of one costs five times the
query itself.  Compiling, types and the pool stay SQLAlchemy's; what is left out is its per-execution machinery.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine
from sqlalchemy.pool import PoolProxiedConnection

Row = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class _Compiled:
    """One query for one database: its text, what it binds, and what its columns go through."""

    text: str
    names: Sequence[str] | None  # in order, for databases that bind by position
    defaults: Mapping[str, Any]
    binds: Sequence[tuple[str, Callable[[Any], Any]]]
    results: Sequence[tuple[int, Callable[[Any], Any]]]


class Prepared:
    """A select without lists among its parameters; for engines that commit by themselves."""

    def __init__(self, statement: sa.Select[Any]) -> None:
        self._statement = statement
        self._compiled: dict[str, _Compiled] = {}

    def read(self, engine: Engine, values: Mapping[str, Any]) -> list[Row]:
        """All rows, as plain tuples in the order of the columns."""
        compiled = self._compiled.get(engine.dialect.name) or self._compile(engine.dialect)
        rows = _fetch(engine, compiled.text, _bind(compiled, values))
        return [_load(compiled, row) for row in rows] if compiled.results else rows

    def _compile(self, dialect: sa.Dialect) -> _Compiled:
        compiled: Any = self._statement.compile(dialect=dialect)
        columns = enumerate(self._statement.selected_columns)
        results = [
            (place, column.type.dialect_impl(dialect).result_processor(dialect, None)) for place, column in columns
        ]
        found = _Compiled(
            str(compiled),
            compiled.positiontup if compiled.positional else None,
            dict(compiled.params),
            tuple(compiled._bind_processors.items()),
            tuple((place, process) for place, process in results if process is not None),
        )
        self._compiled[dialect.name] = found
        return found


def _bind(compiled: _Compiled, values: Mapping[str, Any]) -> Any:
    bound = {**compiled.defaults, **values}
    for name, process in compiled.binds:
        bound[name] = process(bound[name])
    return bound if compiled.names is None else [bound[name] for name in compiled.names]


def _fetch(engine: Engine, text: str, bound: Any) -> list[Row]:
    connection = engine.raw_connection()
    try:
        cursor = connection.cursor()
        cursor.execute(text, bound)
        rows: list[Row] = cursor.fetchall()  # type: ignore[assignment]
        cursor.close()
    except BaseException as error:
        is_lost = _is_lost(engine, connection, error)
        connection.invalidate()  # the pool would hand a broken connection to the next
        if is_lost:
            engine.dispose()  # the others in the pool are gone too, most likely
        raise
    connection.close()
    return rows


def _is_lost(engine: Engine, connection: PoolProxiedConnection, error: BaseException) -> bool:
    """Whether the driver says that the database is gone, not only that the query failed."""
    driver: Any = engine.dialect.loaded_dbapi
    return isinstance(error, driver.Error) and engine.dialect.is_disconnect(error, connection.dbapi_connection, None)


def _load(compiled: _Compiled, row: Row) -> Row:
    values = list(row)
    for place, process in compiled.results:
        values[place] = process(values[place])
    return tuple(values)
