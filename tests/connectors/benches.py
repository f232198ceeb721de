"""Benches for the contract of a core: the sandbox's, which is the product's own, and the memory bank's."""

from __future__ import annotations

from dataclasses import replace

from adapter.core_kit.sandbox_bench import SandboxBench as SandboxBench
from adapter.domain.moscow import moscow_day
from adapter.domain.statements import Direction, EntryDetails
from tests.fakes import FakeClock, FakeCore


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
