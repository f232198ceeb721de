"""The file-exchange core keeps the contract of a core, with a paper bank at the other end of the folder."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from adapter.store.database import Database
from tests.connectors.files.bench import FilesBench
from tests.connectors.files.conftest import open_bench
from tests.fakes import FakeClock


@pytest.fixture
def core_bench(database: Database, exchange: Path, clock: FakeClock) -> FilesBench:
    return open_bench(database, exchange, clock)


def test_the_contract(core_contract: Callable[[], None]) -> None:
    core_contract()
