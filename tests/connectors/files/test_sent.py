"""A database that was restored to an earlier moment: nothing leaves twice, and what the bank has is found."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import sqlalchemy as sa

from adapter.connectors.files import tables
from adapter.connectors.files.opening import FilesCore
from adapter.domain.core import Accepted, DocumentState, NotFound, Unknown
from adapter.domain.errors import CoreUnavailable
from adapter.domain.payments import PaymentStatus
from adapter.store.database import Database
from tests.connectors.files.paper_bank import PaperBank
from tests.connectors.files.test_drafts import draft, files_out, find, ids_out, soon
from tests.fakes import FakeClock

FORGOTTEN = (
    tables.files_batches,
    tables.files_documents,
    tables.files_events,
    tables.files_counters,
    tables.files_read,
    tables.files_denials,
    tables.files_ledgers,
    tables.files_entries,
    tables.files_days,
)


def forget_all(database: Database) -> None:
    """The database as it was before the first draft."""
    with database.transaction() as tx:
        for table in FORGOTTEN:
            tx.execute(sa.delete(table))


def backup(database: Database) -> Callable[[], None]:
    """What the files core knows now; answers how to get back to it."""
    with database.reading() as connection:
        rows = {table: connection.execute(sa.select(table)).mappings().all() for table in FORGOTTEN}

    def restore() -> None:
        forget_all(database)
        with database.transaction() as tx:
            for table, kept in rows.items():
                if kept:
                    tx.execute(sa.insert(table), [dict(row) for row in kept])

    return restore


def test_what_left_in_the_lost_time_does_not_leave_again(
    paper_bank: PaperBank, files_core: FilesCore, database: Database
) -> None:
    for name in ("pay_1", "pay_2", "pay_3"):
        files_core.banking.submit_documents([draft(name)], soon())
        paper_bank.work()
    forget_all(database)
    assert isinstance(find(files_core, "pay_2"), NotFound)  # no proof of anything: capabilities() says so
    (result,) = files_core.banking.submit_documents([draft("pay_2")], soon())
    assert isinstance(result, Unknown)
    files_core.banking.submit_documents([draft("pay_2"), draft("pay_3"), draft("pay_4")], soon())
    paper_bank.work()
    assert paper_bank.taken == ["pay_1", "pay_2", "pay_3", "pay_4"]


def test_files_of_the_lost_time_put_into_in_again_tell_its_states(
    paper_bank: PaperBank, files_core: FilesCore, database: Database, exchange: Path
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    paper_bank.work()
    forget_all(database)
    for file in (exchange / "archive").rglob("*.csv"):
        shutil.copy(file, exchange / "in" / file.name)
    files_core.scan()
    assert isinstance(find(files_core, "pay_1"), DocumentState)
    (event,) = files_core.banking.pull_document_events(None, 10, soon()).events
    assert (event.document_id, event.status) == ("pay_1", PaymentStatus.AWAITING_SIGNATURE)


def test_a_loss_told_in_the_lost_time_is_no_permission_after_it(
    paper_bank: PaperBank, files_core: FilesCore, database: Database, exchange: Path, clock: FakeClock
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    files_out(exchange)[0].unlink()
    clock.advance(minutes=1)
    at = clock.now().isoformat()
    lost = {"document_id": "pay_1", "status": "not_received", "at": at, "reason": "Файл утрачен"}
    paper_bank.tell(lost)
    clock.advance(minutes=1)
    files_core.banking.submit_documents([draft("pay_1")], soon())
    files_out(exchange)[0].unlink()  # the bank took it
    forget_all(database)
    paper_bank.tell(lost, {"document_id": "pay_2", "status": "01"})
    files_core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == []


@pytest.mark.parametrize("source", ["the archive", "the bank's list"])
def test_a_loss_told_after_the_backup_is_no_permission_where_the_backup_has_the_first_sending(
    paper_bank: PaperBank, files_core: FilesCore, database: Database, exchange: Path, clock: FakeClock, source: str
) -> None:
    files_core.banking.submit_documents([draft("pay_1")], soon())
    files_out(exchange)[0].unlink()
    restore = backup(database)
    clock.advance(minutes=1)
    lost = {"document_id": "pay_1", "status": "not_received", "at": clock.now().isoformat(), "reason": "Файл утрачен"}
    paper_bank.tell(lost)
    clock.advance(minutes=1)
    files_core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == ["pay_1"]
    files_out(exchange)[0].unlink()  # the bank took it
    clock.advance(minutes=1)
    restore()
    if source == "the archive":
        for file in (exchange / "archive").rglob("*.csv"):
            shutil.copy(file, exchange / "in" / file.name)
        files_core.scan()
    else:
        paper_bank.tell(lost, {"document_id": "pay_2", "status": "01"})
    files_core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == []


def test_a_state_of_a_document_that_no_record_knows_is_kept_and_keeps_it_from_leaving(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path
) -> None:
    paper_bank.tell({"document_id": "pay_1", "status": "01", "core_reference": "77"})
    state = find(files_core, "pay_1")
    assert isinstance(state, DocumentState)
    assert (state.status, state.core_reference) == (PaymentStatus.AWAITING_SIGNATURE, "77")
    told = files_core.banking.submit_documents([draft("pay_1"), draft("pay_2")], soon())
    assert told[0] == Accepted(document_id="pay_1", core_reference="77")
    assert ids_out(exchange) == ["pay_2"]
    events = files_core.banking.pull_document_events(None, 10, soon()).events
    assert [one.document_id for one in events] == ["pay_1"]


def test_a_record_that_cannot_be_read_stops_sending_until_it_is_mended(
    paper_bank: PaperBank, files_core: FilesCore, exchange: Path
) -> None:
    record = exchange / ".sent" / "000000000001.json"
    record.write_bytes(b"{")
    with pytest.raises(CoreUnavailable, match="cannot be read"):
        files_core.banking.submit_documents([draft("pay_1")], soon())
    record.unlink()
    files_core.banking.submit_documents([draft("pay_1")], soon())
    assert ids_out(exchange) == ["pay_1"]
