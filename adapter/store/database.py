"""Engines, transactions and column types that behave the same on SQLite and PostgreSQL."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson
import sqlalchemy as sa
from sqlalchemy import event
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection, Engine, make_url

ENGINE: dict[str, Any] = {
    "hide_parameters": True,  # an error text goes to the log: no names, purposes or secrets in it
    "json_serializer": lambda value: orjson.dumps(value).decode(),
    "json_deserializer": orjson.loads,
}
LOCK_TIMEOUT_MS = 10_000  # a request must not wait for a lock longer than its client waits for an answer


@dataclass(frozen=True, slots=True)
class Database:
    """Two engines on one database: `reader` commits nothing and opens no transaction, `writer` is for `transaction`."""

    reader: Engine
    writer: Engine

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """A connection where each statement sees the latest committed state."""
        with self.reader.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        """One transaction, committed at the end; on SQLite it takes the write lock at once, so it never deadlocks."""
        with self.writer.begin() as connection:
            yield connection

    @property
    def is_postgresql(self) -> bool:
        return self.writer.dialect.name == "postgresql"

    def close(self) -> None:
        self.reader.dispose()
        self.writer.dispose()


def open_database(url: str, pool_size: int = 16) -> Database:
    """Open a database by URL; the folder of an SQLite file is made."""
    if make_url(url).get_backend_name() == "sqlite":
        return _open_sqlite(url)
    options: dict[str, Any] = {"pool_size": pool_size, "max_overflow": 0, "pool_timeout": 5, "pool_pre_ping": False}
    options |= ENGINE
    options["connect_args"] = {"options": f"-c lock_timeout={LOCK_TIMEOUT_MS}"}
    writer = sa.create_engine(url, **options)
    reader = sa.create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **options)
    return Database(reader, writer)


def copy_sqlite(database: Database, file: Path) -> None:
    """One state of an SQLite database, also while others write; the file has its name only when it is whole."""
    unfinished = file.with_name(f".{file.name}")
    unfinished.unlink(missing_ok=True)
    with database.reading() as connection:
        connection.exec_driver_sql("VACUUM INTO ?", (str(unfinished),))
    unfinished.chmod(0o600)
    unfinished.rename(file)


def _open_sqlite(url: str) -> Database:
    path = make_url(url).database
    if path and path != ":memory:":
        Path(path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    reader = sa.create_engine(url, isolation_level="AUTOCOMMIT", pool_reset_on_return=None, **ENGINE)
    writer = sa.create_engine(url, **ENGINE)
    for engine in (reader, writer):
        event.listen(engine, "connect", _configure_sqlite)
    event.listen(writer, "begin", _begin_immediate)
    return Database(reader, writer)


def _configure_sqlite(dbapi_connection: Any, _record: object) -> None:
    dbapi_connection.isolation_level = None  # SQLAlchemy says BEGIN, not the driver
    # synchronous=FULL: an acknowledged import must survive a power cut, not only a crash of the process.
    for pragma in ("journal_mode=WAL", "synchronous=FULL", "foreign_keys=ON", "busy_timeout=30000"):
        dbapi_connection.execute(f"PRAGMA {pragma}")


def _begin_immediate(connection: Connection) -> None:
    connection.exec_driver_sql("BEGIN IMMEDIATE")


def insert_into(connection: Connection, table: sa.Table) -> Any:
    """An INSERT that knows ON CONFLICT, in the database's own dialect."""
    return (postgresql if connection.dialect.name == "postgresql" else sqlite).insert(table)


class UtcDateTime(sa.TypeDecorator[datetime]):
    """Aware moments only; stored as UTC, given back as UTC (SQLite has no zone of its own)."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a moment needs a zone")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: sa.Dialect) -> datetime | None:
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)
