"""File-exchange cores for tests, on each database, with a paper bank at the other end of the folder."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.connectors.files.folders import Folders
from adapter.connectors.files.opening import FilesCore, open_files_core
from adapter.core_kit.bench import Effort
from adapter.store.database import Database
from tests.connectors.files.bench import AnsweredBank, FilesBench
from tests.connectors.files.paper_bank import PaperBank
from tests.fakes import FakeClock
from tests.scale import scale


@pytest.fixture(scope="session")
def core_effort() -> Effort:
    """Of the contract's large cases: every entry and every answer is a file here."""
    return Effort(lines=scale(200, 10_000), races=scale(3, 20), writes=scale(3, 50))


@pytest.fixture
def exchange(tmp_path: Path) -> Path:
    """The folder that the bank and we share."""
    return tmp_path / "exchange"


@pytest.fixture
def files_core(database: Database, exchange: Path, clock: FakeClock) -> FilesCore:
    """A core whose files are read as soon as they lie there."""
    return open_core_of(database, exchange, clock)


@pytest.fixture
def paper_bank(files_core: FilesCore, exchange: Path, clock: FakeClock) -> PaperBank:
    bank = PaperBank(exchange, files_core, clock)
    bank.open()
    return bank


def open_core_of(database: Database, exchange: Path, clock: FakeClock) -> FilesCore:
    return open_files_core(str(exchange), clock=clock, reader=database.reader, writer=database.writer, settle_s=0)


def open_bench(database: Database, exchange: Path, clock: FakeClock) -> FilesBench:
    files_core = open_core_of(database, exchange, clock)
    bank = PaperBank(exchange, files_core, clock)
    bank.open()
    core = AnsweredBank(Folders(exchange), database.reader, database.writer, clock)
    core.bank = bank
    return FilesBench(core, bank, clock)


@pytest.fixture
def database_url(database: Database) -> str:
    """Where another process opens the same database."""
    return database.writer.url.render_as_string(hide_password=False)
