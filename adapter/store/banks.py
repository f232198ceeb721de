"""The directory of banks that is in use; a load replaces it as a whole."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping
from dataclasses import asdict

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.banks import (
    Bank,
    BankDirectory,
    DirectoryChanges,
    LoadedDirectory,
    check_replacing,
    compare_banks,
)
from adapter.store.database import Database
from adapter.store.lists import is_one_of
from adapter.store.tables import bank_directories, banks

_ONLY = 1  # id of the one row of bank_directories
_ALL = sa.select(banks)
# Both tables in one statement: it sees one directory, also while another is being loaded.
_FIND = sa.select(*banks.c).select_from(bank_directories.outerjoin(banks, is_one_of(banks.c.bic, "bics")))
_LOADED = sa.select(
    bank_directories.c.business_date,
    bank_directories.c.loaded_at,
    bank_directories.c.banks,
    bank_directories.c.file_sha256,
)


class StoredBanks:
    """Meets `ports.BankBook`."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def find_banks(self, bics: Collection[str]) -> Mapping[str, Bank] | None:
        with self._database.reading() as connection:
            rows = connection.execute(_FIND, {"bics": list(bics)}).all()
        if not rows:
            return None
        return {row.bic: _load(row) for row in rows if row.bic is not None}

    def read_loaded(self) -> LoadedDirectory | None:
        """Which directory is in use; None where none was ever loaded."""
        with self._database.reading() as connection:
            return _read_loaded(connection)

    def replace(self, directory: BankDirectory, now: dt.datetime, *, force: bool = False) -> DirectoryChanges:
        """Put the directory in the place of the loaded one, in one transaction: readers see one or the other.

        Raises DirectoryRefused unless `force`.
        """
        with self._database.transaction() as tx:
            _let_one_write(tx)
            loaded = _read_loaded(tx)
            before = {row.bic: _load(row) for row in tx.execute(_ALL)}
            changes = compare_banks(before, {bank.bic: bank for bank in directory.banks})
            if loaded is not None and not force:
                check_replacing(loaded, directory, changes)
            _write(tx, directory, now)
        return changes


def _let_one_write(tx: Connection) -> None:
    """Two loads at once go one after the other; readers wait for nobody.  On SQLite every transaction is alone."""
    if tx.dialect.name == "postgresql":
        tx.execute(sa.text("LOCK TABLE banks IN SHARE ROW EXCLUSIVE MODE"))


def _write(tx: Connection, directory: BankDirectory, now: dt.datetime) -> None:
    tx.execute(banks.delete())
    tx.execute(bank_directories.delete())
    tx.execute(banks.insert(), [asdict(bank) for bank in directory.banks])
    row = {
        "id": _ONLY,
        "business_date": directory.business_date,
        "loaded_at": now,
        "banks": len(directory.banks),
        "file_sha256": directory.file_sha256,
    }
    tx.execute(bank_directories.insert(), row)


def _read_loaded(connection: Connection) -> LoadedDirectory | None:
    row = connection.execute(_LOADED).one_or_none()
    return LoadedDirectory(**row._asdict()) if row is not None else None


def _load(row: sa.Row[tuple[object, ...]]) -> Bank:
    return Bank(**row._asdict())
