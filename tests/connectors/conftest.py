"""Sandbox banks for tests: a filled SQLite file is copied for each test, PostgreSQL is filled once for a module."""

from __future__ import annotations

import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy.engine import make_url

from adapter.connectors.sandbox.opening import Sandbox, open_sandbox
from adapter.core_kit.bench import Effort
from tests.fakes import FakeClock
from tests.scale import scale

BASE_URL = "http://localhost"


@pytest.fixture(scope="session")
def core_effort() -> Effort:
    """Of the contract's large cases."""
    return Effort(lines=scale(300, 10_000), races=scale(5, 50), writes=scale(15, 1000))


def open_bank(url: str, clock: FakeClock) -> Sandbox:
    return open_sandbox(url, base_url=BASE_URL, bank_name="Банк «Заря»", clock=clock)


@pytest.fixture
def bank_clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def filled_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("sandbox") / "filled.db"
    bank = open_bank(f"sqlite:///{path}", FakeClock())
    with bank.database.writer.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)")
    bank.database.close()
    return path


@pytest.fixture
def sandbox(filled_sqlite: Path, tmp_path: Path, bank_clock: FakeClock) -> Iterator[Sandbox]:
    """A bank of this test's own, on SQLite."""
    path = shutil.copy(filled_sqlite, tmp_path / "sandbox.db")
    bank = open_bank(f"sqlite:///{path}", bank_clock)
    yield bank
    bank.database.close()


@pytest.fixture(scope="module")
def postgres_sandbox(postgres_server: str) -> Iterator[Sandbox]:
    """A bank on PostgreSQL that the tests of a module share; its clock only moves forward."""
    name = f"sandbox_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = make_url(postgres_server).set(drivername="postgresql+psycopg", database=name)
    bank = open_bank(url.render_as_string(hide_password=False), FakeClock())
    yield bank
    bank.database.close()
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")
