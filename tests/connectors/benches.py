"""Benches for the contract of a core: the sandbox's and the memory bank's."""

from __future__ import annotations

from dataclasses import replace

from adapter.connectors.sandbox import acts, documents, ledger, marks, signing
from adapter.connectors.sandbox.opening import Sandbox
from adapter.domain.moscow import moscow_day
from adapter.domain.statements import Direction, EntryDetails
from tests.fakes import FakeClock, FakeCore


class SandboxBench:
    """Ivanova of «Вега» and the bank's own hand."""

    user = "u-ivanova"
    customer = "vega"
    account = "vega-main"
    second_account = "vega-market"
    foreign_account = "kedr-main"

    def __init__(self, sandbox: Sandbox, clock: FakeClock) -> None:
        self.sandbox = sandbox
        self.core = sandbox.banking
        self.clock = clock

    def book(self, account: str, details: EntryDetails) -> str:
        with self.sandbox.database.transaction() as tx:
            return ledger.book(tx, account, details)

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        with self.sandbox.database.transaction() as tx:
            ledger.change(tx, core_id, details)

    def remove(self, account: str, core_id: str) -> None:
        with self.sandbox.database.transaction() as tx:
            ledger.remove(tx, core_id)

    def reverse(self, account: str, core_id: str) -> str:
        with self.sandbox.database.transaction() as tx:
            return acts.reverse(tx, core_id, self.clock.now())

    def sign(self, document_id: str) -> None:
        with self.sandbox.database.transaction() as tx:
            signing.sign(tx, document_id, self.user, self.clock.now())

    def execute(self, document_id: str) -> None:
        self.sandbox.clock_step()

    def reject(self, document_id: str) -> None:
        self.sandbox.clock_step()  # the contract asks for more than there is on the account

    def edit(self, document_id: str, **changes: str) -> None:
        with self.sandbox.database.transaction() as tx:
            signing.edit(tx, document_id, changes, self.clock.now())

    def expire(self, document_id: str) -> None:
        with self.sandbox.database.transaction() as tx:
            documents.expire(tx, document_id, self.clock.now())

    def restore(self) -> None:
        with self.sandbox.database.transaction() as tx:
            marks.end_life(tx)


class MemoryBench:
    user = "user-1"
    customer = "cus-1"
    account = "acc-1"
    second_account = "acc-2"
    foreign_account = "acc-foreign"

    def __init__(self, core: FakeCore, clock: FakeClock) -> None:
        self.core = core
        self.bank = core.bank
        self.clock = clock
        self.bank.add_customer("cus-2", user_id="user-2")
        self.bank.add_account(self.foreign_account, "cus-2")

    def book(self, account: str, details: EntryDetails) -> str:
        return self.bank.book(account, details)

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        self.bank.change(account, core_id, details)

    def remove(self, account: str, core_id: str) -> None:
        self.bank.remove(account, core_id)

    def reverse(self, account: str, core_id: str) -> str:
        was = self.bank.entry(account, core_id)
        back = Direction.DEBIT if was.direction is Direction.CREDIT else Direction.CREDIT
        day = moscow_day(self.clock.now())
        reversal = replace(was, direction=back, purpose="Исправление", date=day, booking_date=day, value_date=day)
        return self.bank.book(account, reversal)

    def sign(self, document_id: str) -> None:
        self.bank.sign(document_id)

    def execute(self, document_id: str) -> None:
        self.bank.execute(document_id)

    def reject(self, document_id: str) -> None:
        self.bank.reject(document_id)

    def edit(self, document_id: str, **changes: str) -> None:
        self.bank.edit(document_id, **changes)

    def expire(self, document_id: str) -> None:
        self.bank.expire(document_id)

    def restore(self) -> None:
        self.bank.lose_memory()
