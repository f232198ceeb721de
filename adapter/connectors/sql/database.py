"""Connections to the bank's database: a deadline on each call, and what is known when one breaks.

A call is one transaction.  Whatever goes wrong before COMMIT is sent has changed nothing: CoreUnavailable.  Whatever
goes wrong from then on may have: CommitLost.
"""

from __future__ import annotations

import os
import socket
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Any

import psycopg
import sqlalchemy as sa
from sqlalchemy.engine import Connection, Engine, make_url
from sqlalchemy.exc import DBAPIError, SQLAlchemyError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable

CONNECT_TIMEOUT_S = 2  # the least that libpq takes
POOL_WAIT_S = 1.0
SILENCE_S = 0.3  # how long after the deadline a server may take to say that it stopped

_LIMIT = sa.text("SELECT set_config('statement_timeout', :ms, true)")  # waiting for a lock counts, too
_SNAPSHOT = {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
RUN_TRIGGERS = sa.text("SET CONSTRAINTS ALL IMMEDIATE")


class CommitLost(Exception):
    """COMMIT was sent and its answer did not come."""


class BankDatabase:
    """`reading()` is one snapshot, `writing()` one transaction; both end by the deadline or a little after."""

    def __init__(self, url: str, pool_size: int) -> None:
        self._writer = open_engine(url, pool_size)
        self._reader = self._writer.execution_options(**_SNAPSHOT)

    @contextmanager
    def reading(self, deadline: Deadline) -> Iterator[Connection]:
        """Raises CoreUnavailable."""
        with _connected(self._reader, deadline) as connection:
            yield connection

    @contextmanager
    def writing(self, deadline: Deadline) -> Iterator[Connection]:
        """Raises CoreUnavailable where surely nothing was done, CommitLost where that is not known."""
        with _connected(self._writer, deadline) as connection:
            yield connection
            connection.execute(RUN_TRIGGERS)  # now, so that what they refuse is refused before COMMIT
            deadline.check_time_is_left()
            try:
                connection.commit()
            except SQLAlchemyError as error:
                raise CommitLost(_name(error)) from error

    def close(self) -> None:
        self._writer.dispose()


def open_engine(url: str, pool_size: int) -> Engine:
    """Raises ValueError for another database than PostgreSQL."""
    if make_url(url).get_backend_name() != "postgresql":
        raise ValueError("the SQL core is PostgreSQL: postgresql+psycopg://…")
    return sa.create_engine(
        url,
        pool_size=pool_size,
        max_overflow=0,
        pool_timeout=POOL_WAIT_S,
        hide_parameters=True,
        connect_args={"connect_timeout": CONNECT_TIMEOUT_S, "application_name": "bank-adapter"},
    )


@contextmanager
def _connected(engine: Engine, deadline: Deadline) -> Iterator[Connection]:
    deadline.check_time_is_left()
    try:
        with engine.connect() as connection, _cut_off(connection, deadline):
            connection.execute(_LIMIT, {"ms": str(_milliseconds(deadline))})
            yield connection
    except (DBAPIError, PoolTimeout) as error:
        raise CoreUnavailable(f"the bank's database: {_name(error)}") from error


@contextmanager
def _cut_off(connection: Connection, deadline: Deadline) -> Iterator[None]:
    """A server that froze keeps the connection open and says nothing; then the connection is cut from this side."""
    driver: Any = connection.connection.driver_connection
    timer = threading.Timer(deadline.seconds_left + SILENCE_S, _cut, [driver])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        timer.join()  # the next user of the pooled connection must not be cut


def _cut(driver: psycopg.Connection[Any]) -> None:
    with suppress(OSError, psycopg.Error), socket.socket(fileno=os.dup(driver.fileno())) as connection:
        connection.shutdown(socket.SHUT_RDWR)


def _milliseconds(deadline: Deadline) -> int:
    return max(1, int(deadline.seconds_left * 1000))  # 0 would be no limit


def _name(error: SQLAlchemyError) -> str:
    """What went wrong without the server's text, which may hold values of rows."""
    cause = error.orig if isinstance(error, DBAPIError) else error
    return f"{type(cause).__name__} {getattr(cause, 'sqlstate', None) or ''}".strip()
