"""The bench of the file-exchange core: a paper bank that answers each file as soon as it is put out."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from adapter.connectors.files.bank import FilesBank
from adapter.domain.core import CoreDocument, CoreStatementOrder, Deadline, Mark, Result
from adapter.domain.moscow import moscow_day
from adapter.domain.statements import Direction, EntryDetails
from tests.connectors.files.paper_bank import FOREIGN, MAIN, MARKET, PaperBank
from tests.fakes import FakeClock

ANSWER_S = 30.0


class AnsweredBank(FilesBank):
    """The contract asks what a core says at last; here the bank at the other end of the folder is asked at once."""

    bank: PaperBank

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        super().submit_documents(documents, deadline)
        self.bank.work()
        return super().submit_documents(documents, Deadline.after(ANSWER_S))

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        super().withdraw_document(document_id, request_id, deadline)
        self.bank.work()
        return super().withdraw_document(document_id, request_id, Deadline.after(ANSWER_S))

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        super().order_statement(order, deadline)
        self.bank.work()


class BankClock:
    """A new day is a new statement."""

    def __init__(self, clock: FakeClock, bank: PaperBank) -> None:
        self.clock = clock
        self.bank = bank

    def now(self) -> dt.datetime:
        return self.clock.now()

    def set(self, moment: dt.datetime) -> None:
        self.clock.set(moment)
        self.bank.tell_statements()


class FilesBench:
    user = "u-1"
    customer = "vega"
    account = MAIN
    second_account = MARKET
    foreign_account = FOREIGN

    def __init__(self, core: AnsweredBank, bank: PaperBank, clock: FakeClock) -> None:
        self.core = core
        self.bank = bank
        self.clock = BankClock(clock, bank)
        self._marks: dict[str, Mark] = {}
        self._ids: dict[str, int] = {}  # the core's id of each entry of the books

    def book(self, account: str, details: EntryDetails) -> str:
        with self.bank.lock:
            self._read_new(account)
            number = self.bank.book(account, details)
            (core_id,) = self._read_new(account)
            self._ids[core_id] = number
            return core_id

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        with self.bank.lock:
            self.bank.books[account].entries[self._ids[core_id]] = details
            self.bank.tell_statements([account])

    def remove(self, account: str, core_id: str) -> None:
        with self.bank.lock:
            del self.bank.books[account].entries[self._ids[core_id]]
            self.bank.tell_statements([account])

    def reverse(self, account: str, core_id: str) -> str:
        was = self.bank.books[account].entries[self._ids[core_id]]
        back = Direction.DEBIT if was.direction is Direction.CREDIT else Direction.CREDIT
        today = moscow_day(self.clock.now())
        changed = replace(was, direction=back, purpose="Исправление", booking_date=today, value_date=today)
        return self.book(account, changed)

    def sign(self, document_id: str) -> None:
        self.bank.move(document_id, "awaiting_signature", "signed")

    def execute(self, document_id: str) -> None:
        self.bank.move(document_id, "signed", "executed")
        self.bank.book(MAIN, self.bank.drafts[document_id].entry)

    def reject(self, document_id: str) -> None:
        self.bank.move(document_id, "signed", "rejected", reason="Недостаточно денег на счёте")

    def edit(self, document_id: str, **changes: str) -> None:
        told = {f"edited.{name}": value for name, value in changes.items()}
        self.bank.tell({"document_id": document_id, "status": "awaiting_signature", **told})

    def expire(self, document_id: str) -> None:
        self.bank.move(document_id, "awaiting_signature", "expired")

    def _read_new(self, account: str) -> list[str]:
        found: list[str] = []
        while True:
            page = self.core.pull_entries(account, self._marks.get(account), 1000, Deadline.after(30))
            found += [one.core_id for one in page.entries]
            self._marks[account] = page.mark
            if not page.has_more:
                return found
