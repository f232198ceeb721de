"""What each request of the authorization server works with: settings, two engines, the clock and the bank's ports."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

from flask import current_app
from sqlalchemy.engine import Connection, Engine

from oauth.operations import OperationsDesk
from oauth.ports import Clock, CustomerDirectory, CustomerLogin, StatementDesk
from oauth.settings import OAuthSettings
from oauth.use_counter import UseCounter

EXTENSION = "oauth"


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """`reader` opens no transaction, so each statement sees the latest committed state; `writer` is for changes."""

    settings: OAuthSettings
    reader: Engine
    writer: Engine
    customer_login: CustomerLogin
    directory: CustomerDirectory
    statement_desk: StatementDesk
    operations_desk: OperationsDesk
    clock: Clock
    uses: UseCounter

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        with self.reader.connect() as connection:
            yield connection

    @contextmanager
    def transaction(self) -> Iterator[Connection]:
        with self.writer.begin() as connection:
            yield connection

    def now(self) -> datetime:
        return self.clock.now()


def context() -> Context:
    """The context of the current Flask application."""
    found: Context = current_app.extensions[EXTENSION]
    return found
