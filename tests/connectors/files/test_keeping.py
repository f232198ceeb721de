"""What is old is forgotten once a day; a repeat is known all the same, and no id is given twice."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa

from adapter.connectors.files import tables
from adapter.connectors.files.opening import FilesCore, open_files_core
from adapter.domain.core import CoreStatement, CoreStatementOrder
from adapter.store.database import Database
from tests.connectors.files.paper_bank import MAIN, PaperBank
from tests.connectors.files.statements import FIRST, MADE, Desk, corrected, fee, file_of
from tests.connectors.files.test_drafts import draft, ids_out, soon
from tests.fakes import FakeClock

YEARS = dt.timedelta(days=500)


@pytest.fixture
def desk(files_core: FilesCore) -> Desk:
    return Desk(files_core)


def count(database: Database, table: sa.Table) -> int:
    with database.reading() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()


def test_what_entries_were_goes_and_what_they_are_stays(desk: Desk, database: Database, clock: FakeClock) -> None:
    first = file_of(MAIN, FIRST, FIRST, [fee(FIRST), fee(FIRST, "70.00")], MADE)
    desk.deliver(first)
    desk.deliver(file_of(MAIN, FIRST, FIRST, [corrected(fee(FIRST))], MADE + dt.timedelta(hours=1)))
    (core_id,), pulled = desk.entries(MAIN), desk.pull(MAIN)
    assert count(database, tables.files_entries) == 4
    clock.advance(days=YEARS.days)
    desk.core.scan()
    assert count(database, tables.files_entries) == 2  # one is there, one was removed
    assert list(desk.entries(MAIN)) == [core_id]
    assert {one.core_id: one for one in desk.pull(MAIN).entries} == {one.core_id: one for one in pulled.entries}
    assert desk.names("archive") == []
    desk.deliver(first)
    assert list(desk.entries(MAIN)) == [core_id]
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST), fee(FIRST)], clock.now()))
    assert len({one.core_id for one in desk.pull(MAIN).entries}) == 3  # each id was given once


def test_what_is_young_stays(desk: Desk, database: Database, clock: FakeClock) -> None:
    desk.deliver(file_of(MAIN, FIRST, FIRST, [fee(FIRST)], MADE))
    clock.advance(days=YEARS.days)
    desk.deliver(file_of(MAIN, FIRST, FIRST, [corrected(fee(FIRST))], clock.now()))
    clock.advance(days=1)
    desk.core.scan()
    assert count(database, tables.files_entries) == 2  # the old version is of today's change
    assert len(desk.names("archive")) == 1
    (desk.core.scanner.folders.archive / "notes").mkdir()
    clock.advance(days=YEARS.days)
    desk.core.scan()
    assert (count(database, tables.files_entries), desk.names("archive")) == (1, [])
    assert (desk.core.scanner.folders.archive / "notes").is_dir()


def test_requests_that_were_answered_go_and_drafts_stay(
    paper_bank: PaperBank, files_core: FilesCore, database: Database, clock: FakeClock
) -> None:
    banking = files_core.banking
    banking.submit_documents([draft("pay_1"), draft("pay_2")], soon())
    paper_bank.work()
    banking.withdraw_document("pay_1", "pay_1-w", soon())
    banking.order_statement(
        CoreStatementOrder(id="sto_1", core_account_id=MAIN, date_from=FIRST, date_to=FIRST), soon()
    )
    paper_bank.work()
    assert isinstance(banking.read_statement("sto_1", soon()), CoreStatement)
    clock.advance(days=YEARS.days)
    files_core.scan()
    assert count(database, tables.files_statement_orders) == count(database, tables.files_withdrawals) == 0
    banking.submit_documents([draft("pay_1"), draft("pay_2")], soon())
    assert ids_out(paper_bank.root) == []


def test_a_time_too_short_is_refused(database: Database, clock: FakeClock) -> None:
    with pytest.raises(ValueError, match="31 days"):
        open_files_core("x", clock=clock, reader=database.reader, writer=database.writer, keep_days=30)
    open_files_core("x", clock=clock, reader=database.reader, writer=database.writer, keep_days=31)
