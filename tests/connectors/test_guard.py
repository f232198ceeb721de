"""The guard before a core: what counts as a failure, and that reading never keeps drafts waiting."""

from __future__ import annotations

import threading
import time
from typing import Any

import pytest

from adapter.connectors.guard import GuardedCore
from adapter.domain.core import CoreDocument, Deadline, EntryPage, Mark, Unknown
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable, MarkUnknown
from tests.fakes import FakeClock, FakeCore, Fault, payment_order


@pytest.fixture
def core(clock: FakeClock) -> FakeCore:
    return FakeCore(clock)


@pytest.fixture
def guarded(core: FakeCore) -> GuardedCore:
    return GuardedCore(core, calls_max=8, failures_max=3, rest_s=30.0)


def document(number: int = 1) -> CoreDocument:
    return CoreDocument(
        id=f"pay_{number}",
        customer_id="cus-1",
        core_account_id="acc-1",
        order=payment_order(number=str(number)),
        partner_name="Учёт онлайн",
    )


def soon() -> Deadline:
    return Deadline.after(5)


def is_open(guarded: GuardedCore) -> dict[str, bool]:
    return {state.name: state.is_open for state in guarded.lanes()}


def test_reading_that_fails_in_a_row_leaves_the_core_alone_and_drafts_go_on(
    core: FakeCore, guarded: GuardedCore
) -> None:
    core.faults.on("pull_entries", *[Fault.DOWN] * 3)
    for _ in range(5):
        with pytest.raises(CoreUnavailable):
            guarded.pull_entries("acc-1", None, 10, soon())
    assert core.calls["pull_entries"] == 3
    with pytest.raises(CoreUnavailable):
        guarded.list_accounts("cus-1", soon())
    assert is_open(guarded) == {"reading": True, "drafts": False}
    assert guarded.probe(soon()).is_up
    (result,) = guarded.submit_documents([document()], soon())
    assert not isinstance(result, Unknown)


def test_lost_answers_to_changes_count_as_failures_though_nothing_is_raised(
    core: FakeCore, guarded: GuardedCore
) -> None:
    core.faults.on("submit_documents", Fault.LOST_BEFORE, Fault.LOST_AFTER)
    core.faults.on("withdraw_document", Fault.LOST_BEFORE)
    for number in (1, 2):
        (result,) = guarded.submit_documents([document(number)], soon())
        assert isinstance(result, Unknown)
    assert isinstance(guarded.withdraw_document("pay_2", "w", soon()), Unknown)
    with pytest.raises(CoreUnavailable):
        guarded.submit_documents([document(3)], soon())
    assert core.calls["submit_documents"] == 2, "nothing was attempted"
    assert not guarded.probe(soon()).is_up, "whoever would send waits until the rest is over"
    assert guarded.pull_entries("acc-1", None, 10, soon()).mark


def test_a_mark_that_the_core_no_longer_knows_is_an_answer(core: FakeCore, guarded: GuardedCore) -> None:
    def forget(*_: Any) -> EntryPage:
        raise MarkUnknown

    core.bank.pull_entries = forget  # type: ignore[method-assign]
    for _ in range(5):
        with pytest.raises(MarkUnknown):
            guarded.pull_entries("acc-1", Mark("1"), 10, soon())
    assert is_open(guarded) == {"reading": False, "drafts": False}


def test_a_wrong_answer_is_an_answer_and_is_noted(core: FakeCore) -> None:
    noted: list[tuple[str, str]] = []
    guarded = GuardedCore(
        core, calls_max=8, failures_max=3, rest_s=30.0, note_wrong=lambda call, what: noted.append((call, what))
    )

    def refuse(*_: Any) -> EntryPage:
        raise CoreAnswerWrong("accounts", "the core answered 403")

    right, core.bank.pull_entries = core.bank.pull_entries, refuse  # type: ignore[method-assign]
    for _ in range(5):
        with pytest.raises(CoreAnswerWrong):
            guarded.pull_entries("acc-1", None, 10, soon())
    assert is_open(guarded) == {"reading": False, "drafts": False}
    assert noted == [("accounts", "the core answered 403")] * 5
    core.bank.pull_entries = right  # type: ignore[method-assign]
    assert guarded.pull_entries("acc-1", None, 10, soon()).mark


def test_a_probe_counts_for_nothing(core: FakeCore, guarded: GuardedCore) -> None:
    core.faults.on("probe", *[Fault.DOWN] * 5)
    for _ in range(5):
        assert not guarded.probe(soon()).is_up
    assert is_open(guarded) == {"reading": False, "drafts": False}
    assert guarded.probe(soon()).is_up


def test_readers_that_hang_neither_take_all_threads_nor_keep_a_draft_waiting(
    core: FakeCore, guarded: GuardedCore
) -> None:
    hanging, go_on = threading.Semaphore(0), threading.Event()

    def hang(*_: Any) -> EntryPage:
        hanging.release()
        go_on.wait(30)
        raise CoreUnavailable("no answer in time")

    core.bank.pull_entries = hang  # type: ignore[method-assign]
    took: list[float] = []

    def read() -> None:
        began = time.monotonic()
        with pytest.raises(CoreUnavailable):
            guarded.pull_entries("acc-1", None, 10, soon())
        took.append(time.monotonic() - began)

    readers = [threading.Thread(target=read) for _ in range(20)]
    for reader in readers:
        reader.start()
    for _ in range(6):
        assert hanging.acquire(timeout=10)
    began = time.monotonic()
    (result,) = guarded.submit_documents([document()], soon())
    assert not isinstance(result, Unknown)
    assert time.monotonic() - began < 2
    while sum(reader.is_alive() for reader in readers) > 6:
        assert time.monotonic() - began < 10
    assert len(took) == 14, "six hang at the core, the others are answered without it"
    assert max(took) < 3
    go_on.set()
    for reader in readers:
        reader.join()
    assert is_open(guarded) == {"reading": True, "drafts": False}
