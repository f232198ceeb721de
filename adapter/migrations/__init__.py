"""The database's history, run by `bank-adapter db upgrade`; new revisions by `bank-adapter db revision`."""

from __future__ import annotations

from functools import cache
from pathlib import Path

import sqlalchemy as sa
from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory


def upgrade(engine: sa.Engine) -> None:
    """Bring the database to the newest revision; does nothing when it is there already."""
    with engine.begin() as connection:
        command.upgrade(_config(connection), "head")


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
