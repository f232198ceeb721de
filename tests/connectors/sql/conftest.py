"""A small bank in PostgreSQL, made once for a module: its clock only moves forward."""

from __future__ import annotations

import uuid
from collections.abc import Iterator

import psycopg
import pytest
from sqlalchemy.engine import make_url

from tests.connectors.sql.sql_bench import SqlBench, make_bank


@pytest.fixture(scope="module")
def bank_url(postgres_server: str) -> Iterator[str]:
    """The bank's own way into its database."""
    name = f"bank_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = make_url(postgres_server).set(drivername="postgresql+psycopg", database=name)
    text = url.render_as_string(hide_password=False)
    make_bank(text)
    yield text
    with psycopg.connect(postgres_server, autocommit=True) as connection:
        connection.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="module")
def sql_bench(bank_url: str) -> Iterator[SqlBench]:
    bench = SqlBench(bank_url)
    yield bench
    bench.close()
