"""The core that other tests use is itself a core, and its faults are what they say."""

from __future__ import annotations

import pytest

from adapter.domain.core import Accepted, Deadline, NotFound, Unknown
from adapter.domain.errors import CoreUnavailable
from tests.connectors.benches import MemoryBench
from tests.connectors.core_contract import CoreContract, soon
from tests.fakes import FakeClock, FakeCore, Fault, core_document


class TestFakeCore(CoreContract):
    @pytest.fixture
    def bench(self) -> MemoryBench:
        clock = FakeClock()
        core = FakeCore(clock)
        return MemoryBench(core.bank, clock, core)


class TestFaults:
    def test_a_core_that_is_down_does_nothing(self) -> None:
        core = FakeCore()
        core.faults.on("submit_documents", Fault.DOWN)
        with pytest.raises(CoreUnavailable):
            core.submit_documents([core_document("p-1")], soon())
        assert not core.bank.documents
        assert isinstance(core.submit_documents([core_document("p-1")], soon())[0], Accepted)

    def test_lost_before_doing_is_unknown_and_not_there(self) -> None:
        core = FakeCore()
        core.faults.on("submit_documents", Fault.LOST_BEFORE)
        assert isinstance(core.submit_documents([core_document("p-1")], soon())[0], Unknown)
        assert core.find_documents(["p-1"], soon()) == (NotFound(document_id="p-1"),)

    @pytest.mark.parametrize("fault", [Fault.LOST_AFTER, Fault.SLOW])
    def test_lost_after_doing_is_unknown_and_there(self, fault: Fault) -> None:
        core = FakeCore()
        core.faults.on("submit_documents", fault)
        assert isinstance(core.submit_documents([core_document("p-1")], Deadline.after(0.05))[0], Unknown)
        assert core.bank.made["p-1"] == 1

    def test_a_lost_reading_is_unavailable(self) -> None:
        core = FakeCore()
        core.faults.on("*", Fault.LOST_AFTER)
        with pytest.raises(CoreUnavailable):
            core.read_balances(["acc-1"], soon())
        assert core.calls["read_balances"] == 1

    def test_a_core_without_idempotence_makes_what_it_is_sent(self) -> None:
        core = FakeCore(submit_is_idempotent=False)
        for _ in range(2):
            core.submit_documents([core_document("p-1")], soon())
        assert core.bank.made["p-1"] == 2
