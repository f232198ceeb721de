"""The sandbox bank's own database: one writer at a time, readers see one moment.

One lock for the whole bank keeps the logs honest: numbers are given and committed in the same order, so a reader that
goes on from a mark misses nothing.  A real core needs a finer lock; a demo bank does not.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import OperationalError

from adapter.connectors.sandbox.tables import metadata
from adapter.domain.errors import CoreUnavailable

WRITE_LOCK = 8_704_2026  # any number that nothing else in this PostgreSQL uses
POOL_SIZE = 20
BUSY_TIMEOUT_MS = 10_000


@dataclass(frozen=True, slots=True)
class SandboxDatabase:
    """`reading()` is one consistent moment, `transaction()` is alone in writing.  Both raise CoreUnavailable."""

    reader: Engine
    writer: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with _reached(self.reader) as connection:
            try:
                yield connection
            except OperationalError as error:  # locked for too long, or gone: reading can be repeated
                raise CoreUnavailable("the sandbox database does not answer") from error

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with _reached(self.writer) as connection, connection.begin():
            _take_write_lock(connection)
            yield connection

    def create_tables(self) -> None:
        """Make what is missing, also columns that a bank of an older version lacks; a demo bank has no migrations."""
        with self.transaction() as tx:
            metadata.create_all(tx)
            for table in metadata.sorted_tables:
                _add_missing_columns(tx, table)

    def drop_tables(self) -> None:
        with self.transaction() as tx:
            metadata.drop_all(tx)

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def open_sandbox_database(url: str) -> SandboxDatabase:
    """Open by URL (SQLite or PostgreSQL) with its tables; the folder of an SQLite file is made."""
    database = _open_sqlite(url) if make_url(url).get_backend_name() == "sqlite" else _open_postgresql(url)
    database.create_tables()
    return database


def _open_postgresql(url: str) -> SandboxDatabase:
    reader = sa.create_engine(url, isolation_level="REPEATABLE READ", pool_size=POOL_SIZE, hide_parameters=True)
    return SandboxDatabase(reader, sa.create_engine(url, pool_size=POOL_SIZE, hide_parameters=True))


def _open_sqlite(url: str) -> SandboxDatabase:
    path = make_url(url).database
    if not path or path == ":memory:":
        raise ValueError("the sandbox needs a file: its readers and writers are separate connections")
    Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    reader = sa.create_engine(url, pool_size=POOL_SIZE, hide_parameters=True)
    writer = sa.create_engine(url, pool_size=POOL_SIZE, hide_parameters=True)
    for engine in (reader, writer):
        event.listen(engine, "connect", _configure_sqlite)
    event.listen(reader, "begin", _begin)
    event.listen(writer, "begin", _begin_immediate)
    return SandboxDatabase(reader, writer)


def _add_missing_columns(tx: Connection, table: sa.Table) -> None:
    """All columns that came later may be NULL."""
    there = {column["name"] for column in sa.inspect(tx).get_columns(table.name)}
    for column in table.columns:
        if column.name not in there:
            kind = column.type.compile(tx.dialect)
            tx.exec_driver_sql(f"ALTER TABLE {table.name} ADD COLUMN {column.name} {kind}")


@contextmanager
def _reached(engine: Engine) -> Iterator[Connection]:
    try:
        connection = engine.connect()
    except OperationalError as error:
        raise CoreUnavailable("the sandbox database cannot be opened") from error
    with connection:
        yield connection


def _take_write_lock(connection: Connection) -> None:
    if connection.dialect.name == "postgresql":
        connection.execute(sa.select(sa.func.pg_advisory_xact_lock(WRITE_LOCK)))


def _configure_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
    for pragma in ("journal_mode=WAL", "synchronous=NORMAL", f"busy_timeout={BUSY_TIMEOUT_MS}"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")
