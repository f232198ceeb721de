"""The share is not mounted for a while: an empty folder stands in its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.connectors.files import drafts, folders
from adapter.connectors.files.opening import FilesCore
from adapter.domain.core import DocumentState, Unknown
from adapter.domain.errors import CoreUnavailable
from adapter.store.database import Database
from tests.connectors.files.conftest import open_core_of
from tests.connectors.files.paper_bank import PaperBank
from tests.connectors.files.test_drafts import draft, find, ids_out, soon
from tests.fakes import FakeClock


def test_a_full_disk_is_told_before_a_draft_is_tried(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with monkeypatch.context() as full:
        full.setattr(folders, "ROOM_BYTES", 2**63)
        assert files_core.banking.probe(soon()).detail == "the disk of the folder out is full"
        with pytest.raises(CoreUnavailable, match="full"):
            files_core.banking.submit_documents([draft("pay_1")], soon())
        files_core.scan()  # what comes in is read
    assert files_core.banking.probe(soon()).is_up
    files_core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == ["pay_1"]


class Share:
    """Mounted at a place, or hidden from it."""

    def __init__(self, place: Path) -> None:
        self.place = place
        self.hidden = place.with_name("share")

    def unmount(self) -> None:
        self.place.rename(self.hidden)
        self.place.mkdir()

    def mount(self) -> list[Path]:
        """Answers what was written where it was away."""
        written = [file for file in self.place.rglob("*") if file.is_file()]
        self.place.rename(self.place.with_name("mount-point"))
        self.hidden.rename(self.place)
        return written


def test_a_draft_does_not_leave_while_the_share_is_away(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path
) -> None:
    share = Share(exchange)
    share.unmount()
    with pytest.raises(CoreUnavailable, match="mounted"):
        files_core.banking.submit_documents([draft("pay_1")], soon())
    assert not files_core.banking.probe(soon()).is_up
    with pytest.raises(CoreUnavailable, match="mounted"):
        files_core.scan()
    assert share.mount() == []
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    assert paper_bank.taken == ["pay_1"]
    assert isinstance(find(files_core, "pay_1"), DocumentState)


def test_a_batch_that_was_ready_waits_for_the_share(
    paper_bank: PaperBank, database: Database, exchange: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    share = Share(exchange)
    leave_ready(database, exchange, clock, monkeypatch)
    share.unmount()
    with pytest.raises(CoreUnavailable):
        open_core_of(database, exchange, clock).scan()
    share.mount()
    open_core_of(database, exchange, clock).scan()
    assert ids_out(exchange) == ["pay_1"]


def test_a_batch_whose_file_went_before_it_left_is_sent_anew(
    paper_bank: PaperBank, database: Database, exchange: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """E.g. somebody cleaned out/ of what he did not know.  At first another machine may only not see yet what left."""
    leave_ready(database, exchange, clock, monkeypatch)
    for stray in (exchange / "out").glob(".*"):
        stray.unlink()
    core = open_core_of(database, exchange, clock)
    core.scan()
    (result,) = core.banking.submit_documents([draft("pay_1")], soon())
    assert isinstance(result, Unknown)
    assert ids_out(exchange) == []
    clock.advance(seconds=drafts.STRAY_AFTER_S + 1)
    core.scan()
    core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    assert paper_bank.taken == ["pay_1"]


def test_a_batch_that_the_bank_took_before_its_leaving_was_noted_does_not_leave_again(
    paper_bank: PaperBank, database: Database, exchange: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    core = open_core_of(database, exchange, clock)
    with monkeypatch.context() as killed:
        killed.setattr(folders, "_sync_folder", _killed_after_the_rename(folders._sync_folder, exchange / "out"))
        core.banking.submit_documents([draft("pay_1")], soon())
    for file in (exchange / "out").glob("drafts-*"):
        file.unlink()  # the bank took it
    clock.advance(seconds=drafts.STRAY_AFTER_S + 1)
    core.scan()
    core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == []


def leave_ready(database: Database, exchange: Path, clock: FakeClock, monkeypatch: pytest.MonkeyPatch) -> None:
    """A process that is killed after its commit, before the file has its name."""
    with monkeypatch.context() as killed:
        killed.setattr(drafts, "put_out_ready", _nothing)
        open_core_of(database, exchange, clock).banking.submit_documents([draft("pay_1")], soon())


def _nothing(*_given: object) -> None:
    pass


def _killed_after_the_rename(sync: object, outgoing: Path) -> object:
    def stop(folder: Path) -> None:
        if folder == outgoing and any(outgoing.glob("drafts-*")):
            raise CoreUnavailable("killed")
        sync(folder)  # type: ignore[operator]

    return stop
