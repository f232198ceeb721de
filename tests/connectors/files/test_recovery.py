"""The drill with a core of files: backup, orders, loss, restore, recovery; partners repeat all orders, none doubles."""

from __future__ import annotations

from pathlib import Path

import pytest

from adapter.connectors.files.opening import FilesCore
from adapter.domain.payments import Payment, PaymentOrder, PaymentStatus
from adapter.services.following import Following
from adapter.services.recovery import Recovered, recover
from adapter.store.database import Database
from adapter.store.recovery import begin_recovery, end_recovery, list_losses
from tests.connectors.files.paper_bank import MAIN, PaperBank, read_documents
from tests.connectors.files.test_drafts import files_out, soon
from tests.connectors.files.test_sent import backup
from tests.fakes import FakeClock, entry_details
from tests.payment_desk import Desk
from tests.services.test_following import Backup


class Drill:
    """One partner, one worker, a bank that answers when it is told to, and a loss of the database."""

    def __init__(self, database: Database, core: FilesCore, bank: PaperBank, clock: FakeClock) -> None:
        self.database, self.core, self.bank, self.clock = database, core, bank, clock
        self.desk = Desk(database, core.banking, clock, "vega")
        self.orders: dict[str, PaymentOrder] = {}
        self.silently_taken: list[str] = []

    def back_up(self) -> None:
        self.copies = [Backup(self.database).restore, backup(self.database)]

    def lose(self) -> None:
        for restore in self.copies:
            restore()
        with self.database.transaction() as tx:
            begin_recovery(tx, self.clock.now())

    def accept(self, name: str) -> Payment:
        if name not in self.orders:
            self.orders[name] = self.desk.order(name, number=name)
        return self.desk.submit(self.orders[name])[0]

    def work(self) -> None:
        for _ in range(2):
            self.desk.work()
            self.core.scan()
            self.clock.advance(seconds=61)
        self.desk.work()

    def take_silently(self) -> None:
        """The bank takes what lies in out/ and says nothing yet."""
        for file in files_out(self.bank.root):
            self.silently_taken += [one["Номер"] for one in read_documents(file.read_text("windows-1251"))]
            file.unlink()

    def recover(self) -> Recovered:
        following = Following(fates=self.desk.outbox, core=self.core.banking, read_timeout_s=5)
        while self.core.scan():
            pass
        return recover(following, silent=self.core.recall_sent())

    def end(self) -> bool:
        with self.database.transaction() as tx:
            return end_recovery(tx, self.clock.now())

    def numbers_at_the_bank(self) -> list[str]:
        return sorted([self.bank.drafts[one].values["Номер"] for one in self.bank.taken] + self.silently_taken)


@pytest.fixture
def drill(database: Database, files_core: FilesCore, paper_bank: PaperBank, clock: FakeClock) -> Drill:
    return Drill(database, files_core, paper_bank, clock)


def test_a_lost_database_neither_doubles_nor_loses_a_payment_or_an_entry(drill: Drill) -> None:
    before = {"100": drill.accept("100")}
    drill.work()
    drill.bank.work()
    drill.work()
    before["101"] = drill.accept("101")  # it waits in the queue
    drill.back_up()
    drill.work()
    before["102"] = drill.accept("102")
    drill.work()
    drill.bank.work()
    drill.bank.move(before["102"].id, "awaiting_signature", "signed")
    drill.bank.book(MAIN, entry_details("70.00", number="5"))
    drill.work()
    before["103"] = drill.accept("103")
    drill.work()
    drill.take_silently()
    status = {name: drill.desk.read(one.id).status for name, one in before.items()}

    drill.lose()
    assert drill.recover().adopted == 2
    with drill.database.reading() as connection:
        assert list_losses(connection) == {}
    assert drill.end()
    for _ in range(3):
        again = {name: drill.accept(name) for name in before}
        drill.work()
    assert {name: one.id for name, one in again.items()} == {name: one.id for name, one in before.items()}
    assert {name: drill.desk.read(one.id).status for name, one in before.items()} == status
    assert status["103"] is PaymentStatus.UNKNOWN
    assert drill.numbers_at_the_bank() == ["100", "101", "102", "103"]
    (entry,) = drill.core.banking.pull_entries(MAIN, None, 10, soon()).entries
    assert entry.details is not None

    drill.bank.tell({"document_id": before["103"].id, "status": "01"})
    drill.work()
    assert drill.desk.read(before["103"].id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_draft_that_the_bank_lost_after_it_had_it_raises_an_alarm(drill: Drill) -> None:
    payment = drill.accept("101")
    drill.work()
    drill.bank.work()
    drill.work()
    assert drill.desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE
    drill.clock.advance(minutes=1)
    drill.bank.tell({"document_id": payment.id, "status": "not_received", "reason": "Утрачен при сбое"})
    drill.work()
    assert drill.desk.alarms() == [("core_contract", payment.id)]
    assert drill.desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_recovered_draft_that_the_bank_lost_leaves_again_once(drill: Drill) -> None:
    drill.back_up()
    lost = drill.accept("101")
    drill.work()
    files_out(drill.bank.root)[0].unlink()
    drill.lose()
    assert drill.recover().adopted == 1
    assert drill.end()
    drill.work()
    assert files_out(drill.bank.root) == []
    drill.bank.tell({"document_id": lost.id, "status": "not_received", "reason": "Файл утрачен"})
    drill.clock.advance(hours=2)
    drill.work()
    drill.bank.work()
    drill.work()
    assert drill.numbers_at_the_bank() == ["101"]
    assert drill.desk.read(lost.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_draft_whose_record_is_lost_too_holds_up_the_recovery(drill: Drill) -> None:
    drill.back_up()
    drill.accept("101")
    drill.work()
    drill.bank.work()
    for record in (drill.bank.root / ".sent").glob("*.json"):
        record.unlink()
    drill.lose()
    found = drill.recover()
    assert (found.adopted, len(found.unknown)) == (0, 1)
    assert not drill.end()


def test_statements_read_in_the_lost_time_are_read_again_from_the_archive(drill: Drill, exchange: Path) -> None:
    drill.back_up()
    drill.bank.book(MAIN, entry_details("70.00", number="5"))
    drill.clock.advance(days=2)
    drill.bank.book(MAIN, entry_details("80.00", number="6"))
    drill.lose()
    kept = sorted((exchange / "archive").rglob("*"))
    assert drill.core.scanner.read_archive() == 2
    assert drill.core.scanner.read_archive() == 0
    assert sorted((exchange / "archive").rglob("*")) == kept
    entries = drill.core.banking.pull_entries(MAIN, None, 10, soon()).entries
    assert [str(one.details.amount) for one in entries if one.details] == ["70.00", "80.00"]
