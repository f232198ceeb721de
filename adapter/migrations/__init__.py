"""The database's history, run by `bank-adapter db upgrade`; new revisions by `bank-adapter db revision`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def upgrade(engine: sa.Engine, revision: str = "head") -> None:
    """Bring the database to a revision; does nothing when it is there already."""
    with engine.connect() as connection:
        is_sqlite = connection.dialect.name == "sqlite"
        if is_sqlite:  # changes a table by copying it: rows that refer to the old one must not stop that
            _say(connection, "PRAGMA foreign_keys=OFF")
        try:
            with connection.begin():
                command.upgrade(_config(connection), revision)
                if is_sqlite and (broken := connection.exec_driver_sql("PRAGMA foreign_key_check").all()):
                    raise RuntimeError(f"the upgrade would leave {len(broken)} rows that refer to nothing")
        finally:
            if is_sqlite:
                _say(connection, "PRAGMA foreign_keys=ON")


def _say(connection: sa.Connection, statement: str) -> None:
    """Outside of any transaction, where alone SQLite takes it."""
    connection.connection.cursor().execute(statement)


def make_revision(engine: sa.Engine, message: str) -> None:
    """Write a new revision from the difference between the tables in code and the database."""
    with engine.begin() as connection:
        command.revision(_config(connection), message, autogenerate=True)


def check(engine: sa.Engine) -> None:
    """Raises alembic's CommandError when code and database differ."""
    with engine.begin() as connection:
        command.check(_config(connection))


def is_current(connection: sa.Connection) -> bool:
    """Whether the database is at the revision that this program was written for."""
    return MigrationContext.configure(connection).get_current_revision() == newest_revision()


@cache
def newest_revision() -> str | None:
    return ScriptDirectory(str(Path(__file__).parent)).get_current_head()


def _config(connection: sa.Connection) -> Config:
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent))
    config.attributes["connection"] = connection
    return config
