"""`bank-adapter feed …`: what was read from the core."""

from __future__ import annotations

import click

from adapter.commands.feed_check import check
from adapter.logs import set_up_logs
from adapter.parts import SystemClock
from adapter.settings import Settings
from adapter.store.accounts import list_ids
from adapter.store.database import open_database
from adapter.store.feed_rebuild import begin_rebuild

BY_STAFF = "asked for by the bank's staff"


@click.group()
def feed() -> None:
    """Entries that were read from the core."""


@feed.command("rebuild")
@click.argument("account_number", required=False)
@click.option("--all", "every", is_flag=True, help="every account")
@click.option("--yes", is_flag=True, help="do not ask")
@click.pass_obj
def rebuild(settings: Settings, account_number: str | None, every: bool, yes: bool) -> None:
    """Let the worker read ACCOUNT_NUMBER anew from the beginning; readers see the state before until that is whole."""
    set_up_logs(settings.log_level)
    if (account_number is None) != every:
        raise click.UsageError("name one account, or --all")
    database = open_database(settings.database_url)
    with database.reading() as connection:
        ids = list_ids(connection, account_number)
    if not ids:
        raise click.ClickException("no such account")
    if not yes:
        click.confirm(f"Read {len(ids)} accounts anew?  Cursors of partners are answered 410 once.", abort=True)
    for account_id in ids:
        with database.transaction() as tx:
            begin_rebuild(tx, account_id, BY_STAFF, SystemClock().now())
    database.close()
    click.echo(f"{len(ids)} accounts: the worker reads them anew now.")


feed.add_command(check)
