"""The four folders shared with the bank, and the only ways in which files are made and moved in them.

A file appears under its name whole or not at all: it is written under a temporary name that begins with a dot, brought
to the disk, and renamed; then the folder is brought to the disk too.  All four folders are on one file system.
"""

from __future__ import annotations

import datetime as dt
import fcntl
import os
import secrets
import shutil
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from adapter.domain.errors import CoreUnavailable

UNFINISHED = (".tmp", ".part", ".filepart", ".crdownload")  # names that programs give to files still being written
NAME_BYTES_MAX = 150
ROOM_BYTES = 1024 * 1024
_TEMPORARY = ".part"


@dataclass(frozen=True, slots=True)
class Folders:
    """`in` and `out` as the bank's team sees them: they put files into the one and take files from the other."""

    root: Path

    @property
    def incoming(self) -> Path:
        return self.root / "in"

    @property
    def outgoing(self) -> Path:
        return self.root / "out"

    @property
    def archive(self) -> Path:
        return self.root / "archive"

    @property
    def error(self) -> Path:
        return self.root / "error"

    @property
    def sent(self) -> Path:
        """Records of what left, which the bank does not touch."""
        return self.root / ".sent"

    def check(self, *, is_used: bool) -> None:
        """Make what is missing; but once the folders were used .sent/ is there, which an empty mount point has not.

        Raises CoreUnavailable where a folder is not there or may not be written.
        """
        with _reached(self.sent):
            if is_used and not self.sent.is_dir():
                raise CoreUnavailable("the folder .sent is not there: is the share mounted?")
        for folder in (self.incoming, self.taken, self.outgoing, self.sent, self.archive, self.error):
            with _reached(folder):
                folder.mkdir(parents=True, exist_ok=True)
            if not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
                raise CoreUnavailable(f"no right to read and write the folder {folder.name}")

    def check_room(self) -> None:
        """Raises CoreUnavailable where a batch and its record may not fit: told before each draft is tried alone."""
        with _reached(self.outgoing):
            if shutil.disk_usage(self.outgoing).free < ROOM_BYTES:
                raise CoreUnavailable("the disk of the folder out is full")

    def has_temporary(self, name: str) -> bool:
        with _reached(self.outgoing):
            return (self.outgoing / name).exists()

    def list_incoming(self) -> list[Path]:
        """Files that lie in the folder under a finished name, the oldest first."""
        with _reached(self.incoming), os.scandir(self.incoming) as found:
            names = [one.name for one in found if _is_finished_name(one.name) and _is_plain_file(one)]
        return _oldest_first(self.incoming / name for name in names)

    @property
    def taken(self) -> Path:
        """Where files lie while they are read: the bank may put another one under the same name meanwhile."""
        return self.incoming / ".taken"

    def take(self, file: Path) -> None:
        """Claim a file for reading; one that is gone was taken by another process."""
        with _reached(self.incoming), suppress(FileNotFoundError):
            os.rename(file, self.taken / f"{secrets.token_hex(4)}.{_shorten(file.name)}")

    def list_taken(self) -> list[tuple[Path, str]]:
        """Files that were taken, also by a process that was killed since, each with its own name."""
        with _reached(self.incoming), os.scandir(self.taken) as found:
            names = [one.name for one in found]
        return [(file, file.name.partition(".")[2] or "file") for file in _oldest_first(self.taken / n for n in names)]

    def list_archived(self, since: dt.date) -> list[Path]:
        """Files that were read on that day or later, the oldest first."""
        with _reached(self.archive):
            folders = [each for each in self.archive.iterdir() if each.is_dir() and each.name >= since.isoformat()]
            return _oldest_first(file for folder in folders for file in folder.iterdir())

    def list_archived_days(self, before: dt.date) -> list[Path]:
        """The folders of earlier days; what else lies there is somebody else's."""
        with _reached(self.archive):
            return [day for day in self.archive.iterdir() if _is_day(day.name) and day.name < before.isoformat()]

    def list_strays(self, age_s: float) -> list[str]:
        """Names of temporary files in out/ that nobody touched for so long."""
        before = time.time() - age_s
        with _reached(self.outgoing), os.scandir(self.outgoing) as found:
            return [one.name for one in found if _is_temporary(one.name) and one.stat().st_mtime < before]

    @contextmanager
    def scanning(self) -> Iterator[bool]:
        """Whether this process is the one that reads the folder now; a killed process gives the right back by itself.

        It only saves work: where two machines cannot see each other's locks, the database still keeps them apart.
        """
        with _reached(self.incoming):
            lock = os.open(self.incoming / ".reading", os.O_CREAT | os.O_RDWR, 0o660)
        try:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                yield False
                return
            yield True
        finally:
            os.close(lock)


def _is_day(name: str) -> bool:
    return len(name) == len("2026-11-20") and name.replace("-", "").isdecimal()


def _shorten(name: str) -> str:
    """Any name that a file system may hold, with room for what we write before and after it.

    A byte that is no UTF-8, e.g. of a name in windows-1251, becomes one byte: the name must not grow.
    """
    return os.fsencode(name)[-NAME_BYTES_MAX:].decode(errors="replace").replace("\ufffd", "_")


def _oldest_first(files: Iterable[Path]) -> list[Path]:
    """By the time of their last change; one that is gone meanwhile is left out, a link is not followed."""
    times: list[tuple[int, Path]] = []
    for file in files:
        with suppress(FileNotFoundError):
            times.append((file.lstat().st_mtime_ns, file))
    return [file for _, file in sorted(times)]


def _is_temporary(name: str) -> bool:
    return name.startswith(".") and name.endswith(_TEMPORARY)


def _is_plain_file(entry: os.DirEntry[str]) -> bool:
    """A plain file: a link could point anywhere."""
    return entry.is_file(follow_symlinks=False)


def write_temporary(folder: Path, name: str, content: bytes) -> str:
    """Bring the content to the disk under a temporary name, which is answered.

    Raises CoreUnavailable, leaving nothing behind, e.g. where the disk is full.
    """
    temporary = f".{name}.{secrets.token_hex(4)}{_TEMPORARY}"
    with _reached(folder):
        try:
            _write(folder / temporary, content)
            _sync_folder(folder)
        except BaseException:
            with suppress(OSError):
                os.unlink(folder / temporary)
            raise
    return temporary


def rename_temporary(folder: Path, temporary: str, name: str) -> None:
    """Give a temporary file its name.  One that is not there was renamed before, by us or by another process."""
    with _reached(folder):
        with suppress(FileNotFoundError):
            os.replace(folder / temporary, folder / name)
        _sync_folder(folder)


def write_whole(folder: Path, name: str, content: bytes) -> None:
    """Put a file into a folder; the same name again is replaced.  Raises CoreUnavailable."""
    rename_temporary(folder, write_temporary(folder, name, content), name)


def remove_temporary(folder: Path, temporary: str) -> None:
    with suppress(OSError):
        os.unlink(folder / temporary)


def move(file: Path, folder: Path, name: str) -> None:
    """Move a file; one that is gone was moved by another process.  Raises CoreUnavailable."""
    with _reached(folder):
        folder.mkdir(parents=True, exist_ok=True)
        with suppress(FileNotFoundError):
            os.replace(file, folder / name)
            _sync_folder(folder)


def _is_finished_name(name: str) -> bool:
    return not name.startswith(".") and not name.lower().endswith(UNFINISHED)


def _write(path: Path, content: bytes) -> None:
    with path.open("xb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def _sync_folder(folder: Path) -> None:
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


@contextmanager
def _reached(folder: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CoreUnavailable(f"the folder {folder.name} cannot be used: {error.strerror}") from error
