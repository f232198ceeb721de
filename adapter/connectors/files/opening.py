"""Opening the file-exchange core from its folder."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from sqlalchemy.engine import Engine

from adapter.connectors.files.bank import FilesBank
from adapter.connectors.files.drafts import list_silent
from adapter.connectors.files.folders import Folders
from adapter.connectors.files.keeping import KEEP_DAYS_MIN, forget_old
from adapter.connectors.files.scanner import SETTLE_S, Scanner
from adapter.connectors.files.sent import check_folders, remember_sent
from adapter.domain.core import CoreDocument, Deadline
from adapter.ports import Clock

KEEP_DAYS = 400  # longer than the history that a core tells
SCAN_S = 30.0  # of one round, so that a stop does not wait long


@dataclass(frozen=True, slots=True, kw_only=True)
class FilesCore:
    banking: FilesBank
    scanner: Scanner
    keep_days: int = KEEP_DAYS

    def scan(self) -> bool:
        """Read what lies in the folder in/ now; answers whether there was anything.  Raises CoreUnavailable."""
        is_something = self.scanner.scan(Deadline.after(SCAN_S))
        forget_old(self.scanner.writer, self.scanner.folders, self.scanner.clock.now(), self.keep_days)
        return is_something

    def recall_sent(self) -> Sequence[CoreDocument]:
        """Bring back what a restored database forgot: files that were read, drafts that left.

        Answers the drafts of which the bank has not yet said anything.  Raises CoreUnavailable.
        """
        with self.scanner.writer.connect() as connection, connection.begin():
            check_folders(connection, self.scanner.folders)
        self.scanner.read_archive()
        remember_sent(self.scanner.writer, self.scanner.folders)
        with self.scanner.writer.connect() as connection, connection.begin():
            return list_silent(connection)


def open_files_core(
    folder: str,
    *,
    clock: Clock,
    reader: Engine,
    writer: Engine,
    settle_s: float = SETTLE_S,
    keep_days: int = KEEP_DAYS,
) -> FilesCore:
    """The folders are looked for when they are used: a share that is away must not keep the product from starting.

    Raises ValueError.
    """
    if not folder:
        raise ValueError("the file-exchange core needs its folder")
    if keep_days < KEEP_DAYS_MIN:
        raise ValueError(f"files are kept for {KEEP_DAYS_MIN} days at least")
    folders = Folders(Path(folder))
    return FilesCore(
        banking=FilesBank(folders, reader, writer, clock),
        scanner=Scanner(folders=folders, writer=writer, clock=clock, settle_s=settle_s),
        keep_days=keep_days,
    )
