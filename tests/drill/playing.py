"""One drill: payments, a base backup, more payments, the loss of the server, restore, recovery, repetition of all.

The partner and the worker run here; the server, the scripts and the product's commands are processes of their own.  The
judge reads the core's own books.
"""

from __future__ import annotations

import datetime as dt
import os
import shutil
import signal
import sqlite3
import subprocess
import sys
import time
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path

from adapter.domain.moscow import MOSCOW
from adapter.domain.payments import PaymentOrder
from adapter.store.database import Database, open_database
from tests.crash.cores import SystemClock, open_core
from tests.faults.postgres import Node, make_node, server_binaries, server_user, url_of
from tests.payment_desk import SECRET, Desk

ROOT = Path(__file__).parents[2]
SCRIPTS = ROOT / "deploy" / "backup"
UNSENT = 10  # acknowledged, and still in the queue when the server is lost
ARCHIVE_TIMEOUT_S = 2
RPO_MAX_S, RTO_MAX_S = 300.0, 1800.0


class Target(StrEnum):
    """How far the restore goes."""

    MOMENT = "an earlier moment"
    ARCHIVE = "all that was archived"


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """What one drill found."""

    target: Target
    acknowledged: int
    in_core: int  # when the server was lost
    restored: int  # payments in the restored database
    adopted: int
    not_adopted: int  # of the core's documents
    changed_ids: int  # repeated orders of documents in the core that became another payment
    doubled: int  # orders that are in the core twice at the end
    rpo_s: float  # how long before the loss the oldest payment came that the restored database lacks
    rto_s: float  # from the loss until orders are accepted again

    @property
    def is_good(self) -> bool:
        is_met = self.adopted > 0 or self.target is Target.ARCHIVE  # there nothing may be lost at all
        is_whole = not (self.not_adopted or self.changed_ids or self.doubled)
        return is_met and is_whole and self.rpo_s <= RPO_MAX_S and self.rto_s <= RTO_MAX_S

    def dump(self) -> dict[str, object]:
        return {**asdict(self), "good": self.is_good}


class Drill:
    def __init__(self, folder: Path, target: Target, payments: int) -> None:
        folder.chmod(0o755)
        self.folder, self.target, self.part = folder, target, payments
        self.core_file = folder / "core.db"
        self.archive, self.data = folder / "wal", folder / "restored"
        self.sent: dict[str, tuple[PaymentOrder, str, dt.datetime]] = {}  # by external id: order, our id, when

    def play(self) -> Figures:
        node = self._start()
        try:
            desk = self._open_desk(url_of([node]))
            self._accept(desk, self.part)
            _drain(desk)
            base = self._back_up(node)
            self._accept(desk, self.part)
            _drain(desk)
            moment = node.execute("SELECT now()")[0][0]
            self._accept(desk, self.part)
            _drain(desk)
            self._accept(desk, UNSENT)
            desk.database.close()
            if self.target is Target.MOMENT:
                _await_archive(node)
        finally:
            lost_at = dt.datetime.now(dt.UTC)
            node.kill()
        shutil.rmtree(node.folder)
        return self._restore(node.port, base, moment, lost_at)

    def _start(self) -> Node:
        self.archive.mkdir()
        if user := server_user():
            shutil.chown(self.archive, user)
        wal = self.archive
        keep = f"test ! -f {wal}/%f && cp %p {wal}/.%f && sync {wal}/.%f && mv {wal}/.%f {wal}/%f"
        node = make_node(
            self.folder / "primary",
            wal_level="replica",
            archive_mode="on",
            archive_timeout=f"{ARCHIVE_TIMEOUT_S}s",
            archive_command=keep,
        )
        node.execute("CREATE DATABASE adapter")
        self._command(url_of([node]), "db", "upgrade")
        return node

    def _back_up(self, node: Node) -> str:
        # pg_verifybackup of the bundled PostgreSQL ends with a segmentation fault; the restore is the check here.
        told = _run([SCRIPTS / "backup.sh", self.folder / "base", node.dsn("postgres")], {"VERIFY": "true"})
        return told.strip().splitlines()[-1]

    def _restore(self, port: int, base: str, moment: dt.datetime, lost_at: dt.datetime) -> Figures:
        in_core = self._list_core()
        began = time.monotonic()
        url = f"postgresql+psycopg://postgres@127.0.0.1:{port}/adapter"
        settings = {"SERVER_USER": server_user() or "", "SERVER_OPTIONS": f"-p {port}"}
        settings |= {"BANK_ADAPTER": f"{sys.executable} -m adapter", **self._settings(url)}
        arguments = [SCRIPTS / "restore.sh", base, self.archive, self.data]
        _run([*arguments, moment.isoformat()] if self.target is Target.MOMENT else arguments, settings)
        try:
            database = open_database(url)
            restored = self._list_ours(database)
            self._command(url, "documents", "recover")
            took_s = time.monotonic() - began
            figures = self._compare(database, in_core, restored, lost_at, took_s)
            database.close()
        finally:
            pid = int((self.data / "postmaster.pid").read_text().split()[0])
            _stop(pid)
        return figures

    def _compare(
        self, database: Database, in_core: list[str], restored: set[str], lost_at: dt.datetime, took_s: float
    ) -> Figures:
        ours = self._list_ours(database)
        desk = Desk(database, open_core("sandbox", str(self.core_file)), SystemClock(), self._customer())
        known = set(in_core)
        changed = 0
        for external_id, (order, payment_id, _) in self.sent.items():
            again, _ = desk.submit(order, key=f"again-{external_id}")
            changed += payment_id in known and again.id != payment_id
        _drain(desk)
        lost = [at for _, payment_id, at in self.sent.values() if payment_id not in restored]
        return Figures(
            target=self.target,
            acknowledged=len(self.sent),
            in_core=len(in_core),
            restored=len(restored),
            adopted=len(ours - restored),
            not_adopted=len(known - ours),
            changed_ids=changed,
            doubled=len(self._list_core()) - len(self.sent),
            rpo_s=round((lost_at - min(lost)).total_seconds(), 2) if lost else 0.0,
            rto_s=round(took_s, 2),
        )

    def _accept(self, desk: Desk, count: int) -> None:
        today = dt.datetime.now(MOSCOW).date()
        for number in range(len(self.sent) + 1, len(self.sent) + count + 1):
            order = desk.order(f"inv-{number}", number=str(number), date=today)
            payment, _ = desk.submit(order)
            self.sent[f"inv-{number}"] = (order, payment.id, dt.datetime.now(dt.UTC))

    def _open_desk(self, url: str) -> Desk:
        core = open_core("sandbox", str(self.core_file))
        return Desk(open_database(url), core, SystemClock(), self._customer())

    def _customer(self) -> str:
        return str(self._read_core("SELECT min(id) FROM sandbox_customers")[0])

    def _list_core(self) -> list[str]:
        return [str(one) for one in self._read_core("SELECT id FROM sandbox_documents")]

    def _read_core(self, query: str) -> list[object]:
        with sqlite3.connect(self.core_file) as books:
            return [row[0] for row in books.execute(query)]

    def _list_ours(self, database: Database) -> set[str]:
        with database.reading() as connection:
            return set(connection.exec_driver_sql("SELECT id FROM payments").scalars())

    def _command(self, url: str, *arguments: str) -> None:
        _run([sys.executable, "-m", "adapter", *arguments], self._settings(url))

    def _settings(self, url: str) -> dict[str, str]:
        return {
            "BANK_ADAPTER_DATABASE_URL": url,
            "BANK_ADAPTER_SANDBOX_DATABASE_URL": f"sqlite:///{self.core_file}",
            "BANK_ADAPTER_SECRET_KEY": SECRET,
        }


def _await_archive(node: Node) -> None:
    """Until the archive reaches beyond this moment: a restore cannot stop at one that it never comes to."""
    (last,) = node.execute("SELECT pg_walfile_name(pg_switch_wal())")[0]
    give_up_at = time.monotonic() + 60
    while not node.execute(f"SELECT 1 FROM pg_stat_archiver WHERE last_archived_wal >= '{last}'"):
        if time.monotonic() > give_up_at:
            raise RuntimeError("the WAL is not archived")
        time.sleep(0.1)


def _drain(desk: Desk) -> None:
    """Rounds of the worker until nothing waits."""
    give_up_at = time.monotonic() + 120
    while desk.count("outbox"):
        if time.monotonic() > give_up_at:
            raise RuntimeError("drafts are left in the queue")
        if not desk.delivery.send_due():
            time.sleep(0.05)
    while desk.delivery.follow_fates():
        pass


def _run(command: list[object], settings: dict[str, str]) -> str:
    path = f"{server_binaries()}:{os.environ['PATH']}"
    done = subprocess.run(
        [str(word) for word in command],
        env={**os.environ, "PATH": path, "PYTHONPATH": str(ROOT), **settings},
        capture_output=True,
        text=True,
        check=False,
        timeout=600,
    )
    if done.returncode:
        raise RuntimeError(f"{command} failed:\n{done.stdout}\n{done.stderr}")
    return done.stdout


def _stop(pid: int) -> None:
    """A fast shutdown of the restored server, which the script started."""
    os.kill(pid, signal.SIGINT)
    while Path(f"/proc/{pid}").exists():
        time.sleep(0.1)
