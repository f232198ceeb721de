"""`bank-adapter db …`: the database's schema, and a copy of it."""

from __future__ import annotations

from pathlib import Path

import click

from adapter import migrations
from adapter.settings import Settings
from adapter.store.database import copy_sqlite, open_database


@click.group()
def db() -> None:
    """The database."""


@db.command()
@click.pass_obj
def upgrade(settings: Settings) -> None:
    """Bring the database to the newest revision."""
    migrations.upgrade(open_database(settings.database_url).writer)


@db.command()
@click.argument("message")
@click.pass_obj
def revision(settings: Settings, message: str) -> None:
    """Write a revision from the difference between the tables in code and the database."""
    migrations.make_revision(open_database(settings.database_url).writer, message)


@db.command()
@click.pass_obj
def check(settings: Settings) -> None:
    """Fail when the tables in code differ from the database."""
    migrations.check(open_database(settings.database_url).writer)


@db.command()
@click.argument("file", type=click.Path(exists=False, path_type=Path))
@click.pass_obj
def backup(settings: Settings, file: Path) -> None:
    """Write a whole copy of an SQLite database into FILE while the product runs; PostgreSQL: deploy/backup."""
    database = open_database(settings.database_url)
    if database.is_postgresql:
        raise click.ClickException("this database is on PostgreSQL: deploy/backup/backup.sh")
    if file.exists():
        raise click.ClickException(f"{file} is there already")
    copy_sqlite(database, file)
    database.close()
    click.echo(f"{file}: {file.stat().st_size} bytes")
