"""`bank-adapter bics …`: the Bank of Russia's directory of banks."""

from __future__ import annotations

from pathlib import Path

import click

from adapter.domain.banks import Bank, DirectoryChanges, DirectoryRefused
from adapter.domain.errors import UnreadableFile
from adapter.formats.ed807 import parse_directory
from adapter.parts import SystemClock
from adapter.settings import Settings
from adapter.store.banks import StoredBanks
from adapter.store.database import open_database

CHANGES_TOLD_MAX = 20  # of a kind; the first load adds them all


@click.group()
def bics() -> None:
    """The Bank of Russia's directory of banks (ED807)."""


@bics.command("load")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--force", is_flag=True, help="also an older directory, or one that loses many banks at once")
@click.pass_obj
def load_bics(settings: Settings, file: Path, force: bool) -> None:
    """Put the directory in FILE (zip or XML) in the place of the loaded one; running servers use it at once."""
    try:
        directory = parse_directory(file.read_bytes())
        changes = StoredBanks(open_database(settings.database_url)).replace(directory, SystemClock().now(), force=force)
    except UnreadableFile as error:
        raise click.ClickException("\n".join(_tell_places(error))) from error
    except DirectoryRefused as error:
        raise click.ClickException(f"{error}; --force loads it all the same") from error
    click.echo(f"{len(directory.banks)} banks, in force from {directory.business_date}.")
    for line in _tell_changes(changes):
        click.echo(line)


@bics.command("show")
@click.argument("wanted", metavar="[BIC]...", nargs=-1)
@click.pass_obj
def show_bics(settings: Settings, wanted: tuple[str, ...]) -> None:
    """Tell which directory is loaded, and what it says of each BIC."""
    book = StoredBanks(open_database(settings.database_url))
    loaded = book.read_loaded()
    if loaded is None:
        raise click.ClickException("no directory is loaded: bank-adapter bics load FILE")
    click.echo(
        f"{loaded.banks} banks, in force from {loaded.business_date}, loaded {loaded.loaded_at:%Y-%m-%d %H:%M} UTC."
    )
    known = book.find_banks(wanted) or {}
    for bic in wanted:
        click.echo(_tell_bank(known[bic]) if bic in known else f"{bic}  not in the directory")


def _tell_places(error: UnreadableFile) -> list[str]:
    return [f"line {one.line}: {one.message}" if one.line else one.message for one in error.errors]


def _tell_changes(changes: DirectoryChanges) -> list[str]:
    return [
        f"{len(changes.added)} added, {len(changes.removed)} removed, {len(changes.changed)} changed",
        *(f"+ {_tell_bank(bank)}" for bank in changes.added[:CHANGES_TOLD_MAX]),
        *(f"- {_tell_bank(bank)}" for bank in changes.removed[:CHANGES_TOLD_MAX]),
        *(f"* {_tell_bank(now)}" for _, now in changes.changed[:CHANGES_TOLD_MAX]),
    ]


def _tell_bank(bank: Bank) -> str:
    account = bank.correspondent_account or bank.unified_treasury_account or "-"
    closing = "  closing" if bank.is_closing else ""
    return f"{bank.bic}  {account:20}  {bank.name}, {bank.place or '-'}{closing}"
