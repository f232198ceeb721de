"""The folder in/: every file in it is read once, and goes to archive/ or, with a report beside it, to error/.

What a file changes and that it was read is one transaction; the file is moved after it.  A process killed in between
leaves a file that is known by its digest and is only moved.  One bad file keeps no other.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import InterfaceError, InternalError, OperationalError, ProgrammingError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from adapter.connectors.files import bookings, directory, drafts, fates, ledgers, requests, sent, status_files
from adapter.connectors.files.folders import Folders, move, write_whole
from adapter.connectors.files.incoming import AccountStatement, FileKind, find_kind, parse_account_statements
from adapter.connectors.files.plain_files import free_name, masked, read_plain
from adapter.connectors.files.reports import render_report
from adapter.connectors.files.tables import files_read, insert_into
from adapter.connectors.files.tellings import signed_kopecks
from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable, UnreadableFile
from adapter.domain.moscow import moscow_day
from adapter.formats.notes import refuse
from adapter.ports import Clock

log = structlog.get_logger("adapter.files")

SETTLE_S = 2.0  # a file whose size and time did not change for so long is no longer being written
GROWS_S = 60.0  # so long a file that was put away is looked at: the program that wrote it may only have paused
_NOT_THE_FILES_FAULT = (
    CoreUnavailable,
    OperationalError,
    InterfaceError,
    InternalError,
    ProgrammingError,
    PoolTimeout,
)

_LAST_READ = sa.select(sa.func.max(files_read.c.read_at))
_IS_READ = sa.select(files_read.c.number).where(files_read.c.sha256 == sa.bindparam("digest"))

REPEATED = "repeated"

Apply = Callable[[Connection, int], None]  # writes what a file says, under the number of its arrival


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """How a file looked, and since when it looks so, on the monotonic clock."""

    size: int
    changed_ns: int
    since: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Scanner:
    """Reads what the bank put into in/.  Any number of processes may scan; one at a time reads."""

    folders: Folders
    writer: Engine
    clock: Clock
    settle_s: float = SETTLE_S
    seen: dict[str, Seen] = field(default_factory=dict)
    put_away: dict[Path, Seen] = field(default_factory=dict)  # files of the archive, with the sizes that were read

    def scan(self, deadline: Deadline) -> bool:
        """Read what lies there finished, until the deadline; answers whether there was anything.

        Raises CoreUnavailable where the folders cannot be used.
        """
        sent.remember_sent(self.writer, self.folders)
        drafts.put_out_ready(self.writer, self.folders, self.clock.now())
        drafts.remove_strays(self.writer, self.folders)
        with self.folders.scanning() as is_ours:
            if not is_ours:
                return False
            for file in self.folders.list_incoming():
                if self._is_settled(file):
                    self.folders.take(file)
                    self.seen.pop(file.name, None)
            self._read_grown()
            taken = self.folders.list_taken()
            for file, name in taken:
                if not deadline.seconds_left:
                    break
                self._read_file(file, name)
        return bool(taken)

    def read_archive(self) -> int:
        """Read again what was read since shortly before the last file that the database knows; answers how many.

        A database that was restored to an earlier moment does not know them.  Raises CoreUnavailable.
        """
        with self.writer.connect() as connection, connection.begin():
            last = connection.execute(_LAST_READ).scalar_one()
        files = self.folders.list_archived(moscow_day(last) - dt.timedelta(days=1) if last else dt.date.min)
        return sum(self._read_archived(file) for file in files)

    def _read_archived(self, file: Path) -> bool:
        try:
            data = read_plain(file)
            return self._read_once(file.name, data, hashlib.sha256(data).hexdigest()) != REPEATED
        except _NOT_THE_FILES_FAULT:
            raise
        except Exception:  # it was read once, so it is no longer what it was
            log.exception("a file of the archive cannot be read again", file=masked(file.name))
            return False

    def _read_grown(self) -> None:
        """What was written into files after they were read: a whole of lines is taken again, and tells what is new."""
        for file, seen in list(self.put_away.items()):
            try:
                size = file.stat().st_size
            except FileNotFoundError:
                size = seen.size
            if size != seen.size:
                log.warning("a file grew after it was read", file=masked(file.name))
                self._read_archived(file)
                self._watch(file, size)
            elif time.monotonic() - seen.since > GROWS_S:
                del self.put_away[file]

    def _watch(self, file: Path, size: int) -> None:
        self.put_away[file] = Seen(size=size, changed_ns=0, since=time.monotonic())

    def _is_settled(self, file: Path) -> bool:
        try:
            now = file.stat()
        except FileNotFoundError:
            return False
        before = self.seen.get(file.name)
        if before is None or (before.size, before.changed_ns) != (now.st_size, now.st_mtime_ns):
            before = Seen(size=now.st_size, changed_ns=now.st_mtime_ns, since=time.monotonic())
            self.seen[file.name] = before
        return time.monotonic() - before.since >= self.settle_s

    def _read_file(self, file: Path, name: str) -> None:
        digest = ""
        try:
            data = read_plain(file)
            digest = hashlib.sha256(data).hexdigest()
            kind = self._read_once(name, data, digest)
        except FileNotFoundError:
            return
        except _NOT_THE_FILES_FAULT:
            raise
        except OSError as error:  # of the disk or the share: it is tried again
            log.error("a file cannot be opened", file=masked(name), error=error.strerror)
            return
        except UnreadableFile as error:
            self._put_aside(file, name, digest, error)
            return
        except Exception:  # whatever is in one file, it must not keep all others
            log.exception("a file could not be taken", file=masked(name))
            self._put_aside(
                file, name, digest, refuse("not_taken", "файл не принят: в нём есть то, чего программа не ждала")
            )
            return
        self._put_away(file, name, digest, len(data))
        log.info("a file was read", file=masked(name), kind=kind, sha256=digest)

    def _read_once(self, name: str, data: bytes, digest: str) -> str:
        """Raises UnreadableFile."""
        with self.writer.connect() as connection, connection.begin():
            if connection.execute(_IS_READ, {"digest": digest}).scalar_one_or_none() is not None:
                return REPEATED
        kind = find_kind(data)
        apply = self._prepare(kind, data)
        row = {"sha256": digest, "name": name, "kind": kind.value, "read_at": self.clock.now()}
        with self.writer.begin() as tx:
            # The digest is unique: a process that reads the same file at the same time waits here and then finds it.
            number = _note_read(tx, row)
            if number is None:
                return REPEATED
            apply(tx, number)
        return kind.value

    def _prepare(self, kind: FileKind, data: bytes) -> Apply:
        """Read the file outside of any transaction.  Raises UnreadableFile."""
        now = self.clock.now()
        if kind is FileKind.DIRECTORY:
            told = directory.parse_directory(data)
            return lambda tx, number: _note(directory.replace_directory(tx, told, now), number)
        if kind is FileKind.STATUSES:
            lines = status_files.parse_statuses(data)
            return lambda tx, number: _warn_unknown(fates.apply_statuses(tx, lines, now), number)
        statements = parse_account_statements(kind, data)
        return lambda tx, number: _apply_statements(tx, statements, number, now)

    def _put_away(self, file: Path, name: str, digest: str, size: int) -> None:
        folder = self.folders.archive / moscow_day(self.clock.now()).isoformat()
        name_there = free_name(folder, name, digest)
        move(file, folder, name_there)
        self._watch(folder / name_there, size)

    def _put_aside(self, file: Path, name: str, digest: str, error: UnreadableFile) -> None:
        """The report first: a file in error/ without one would leave people guessing."""
        name_there = free_name(self.folders.error, name, digest)
        write_whole(self.folders.error, f"{name_there}.report.txt", render_report(name, error, self.clock.now()))
        move(file, self.folders.error, name_there)
        log.warning("a file was put aside", file=masked(name), errors=len(error.errors))


def _apply_statements(tx: Connection, statements: list[AccountStatement], number: int, now: dt.datetime) -> None:
    ledgers.lock_ledgers(tx, {statement.account for statement in statements})
    for statement in statements:
        written = ledgers.apply_statement(tx, statement, number, now)
        debits = {-kopecks for kopecks in map(signed_kopecks, (details for _, _, details in written)) if kopecks < 0}
        fresh = {number for number, _, _ in written}
        bookings.book_drafts(tx, statement.account, debits, min(statement.made_at, now), fresh)
        requests.answer_orders(tx, statement, now)


def _note(is_taken: bool, number: int) -> None:
    if not is_taken:
        log.warning("a directory is older than the present one", file=number)


def _warn_unknown(ids: list[str], number: int) -> None:
    """Not an error of the file: after a restore to an earlier moment the bank knows more than we do."""
    if ids:
        log.warning("states of documents that are not known here", file=number, documents=ids[:20], count=len(ids))


def _note_read(tx: Connection, row: dict[str, Any]) -> int | None:
    """The number of the arrival, None for a digest that is there already."""
    insert = insert_into(tx, files_read).on_conflict_do_nothing(index_elements=["sha256"])
    number: int | None = tx.execute(insert.returning(files_read.c.number), row).scalar_one_or_none()
    return number
