"""Benches for the contract of a core: the sandbox's, which is the product's own, and the memory bank's."""

from __future__ import annotations

from adapter.core_kit.sandbox_bench import SandboxBench as SandboxBench
from adapter.domain.statements import EntryDetails
from adapter.ports import CoreBanking
from tests.fakes import FakeClock, MemoryBank


class MemoryBench:
    user = "user-1"
    customer = "cus-1"
    account = "acc-1"
    second_account = "acc-2"
    foreign_account = "acc-foreign"

    def __init__(self, bank: MemoryBank, clock: FakeClock, core: CoreBanking | None = None) -> None:
        self.bank = bank
        self.core: CoreBanking = core or bank  # the same bank, perhaps with faults on the line
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
        return self.bank.reverse(account, core_id)

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
