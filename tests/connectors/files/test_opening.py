"""The product runs over a file-exchange core: its worker reads the folder in/, its web processes only what was read."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from adapter.chores import list_loops
from adapter.connectors.files.opening import open_files_core
from adapter.domain.core import Deadline, Unknown
from adapter.parts import open_parts
from adapter.settings import Settings
from adapter.store.database import Database
from tests.connectors.files.paper_bank import MAIN, PaperBank
from tests.fakes import FakeClock, core_document


def test_the_worker_reads_the_folder_and_drafts_leave_through_the_guard(
    sqlite: Database, sqlite_url: str, exchange: Path, clock: FakeClock
) -> None:
    settings = Settings(database_url=sqlite_url, core="files", core_files_dir=str(exchange))
    parts = open_parts(settings, clock)
    chores = [chore for loop in list_loops(parts, threading.Event()) for chore in loop]
    (reading,) = [chore for chore in chores if chore.do == parts.core.background]
    assert reading.do() is False
    assert parts.core.banking.probe(Deadline.after(5)).is_up
    scanning = open_files_core(str(exchange), clock=clock, reader=sqlite.reader, writer=sqlite.writer, settle_s=0)
    PaperBank(exchange, scanning, clock).open()
    document = core_document("pay_1", account=MAIN, customer="vega")
    (result,) = parts.core.banking.submit_documents([document], Deadline.after(5))
    assert isinstance(result, Unknown)
    assert len(list((exchange / "out").glob("drafts-*.txt"))) == 1
    parts.close()


def test_it_needs_a_folder(sqlite: Database, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="needs its folder"):
        open_files_core("", clock=clock, reader=sqlite.reader, writer=sqlite.writer)
