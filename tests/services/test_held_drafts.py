"""Held drafts, however many, keep no other waiting; new drafts and those in doubt do not keep each other either."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import replace

import pytest

from adapter.domain.core import Capabilities, CoreDocument, Deadline, Result, Unknown
from adapter.domain.payments import PaymentStatus
from adapter.store.database import Database
from tests.fakes import FakeClock, FakeCore
from tests.payment_desk import Caller, Desk, Permit, Permits, other_partner

BATCH = 2
HELD = 30  # more than one lease takes; with a lease each second, more than come round before they are due again
ROUND_S = 10


class NarrowCore(FakeCore):
    """It takes a few drafts a call; while `is_lossy` its answers are lost."""

    is_lossy = False
    batch_size_max = BATCH

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.sizes: list[int] = []

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), batch_size_max=self.batch_size_max)

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        self.sizes.append(len(batch))
        results = super().submit_documents(batch, deadline)
        if self.is_lossy:
            return [Unknown(document_id=one.id, detail="lost") for one in batch]
        return results


@pytest.fixture
def desk(database: Database) -> Desk:
    """The consent of the desk's own caller is suspended, that of `other_partner` is not."""
    clock = FakeClock()
    desk = Desk(database, NarrowCore(clock), clock)
    suspended = {desk.caller.consent_id}

    def permits(_connection: object, consent_ids: Collection[str], _now: object) -> dict[str, Permit]:
        everything = Permits._Everything()
        return {one: Permit(account_ids=everything, is_held=one in suspended) for one in consent_ids}

    desk.outbox = desk.open_outbox(permits)
    desk.delivery = desk.open_delivery()
    return desk


def submit(desk: Desk, number: int, caller: Caller | None = None) -> str:
    return desk.submit(desk.order(f"inv-{number}", number=str(number)), caller=caller)[0].id


def rounds_until(desk: Desk, is_done: Callable[[], bool]) -> int:
    """As a worker goes: on at once while there is work, then a pause."""
    for number in range(20):
        while desk.delivery.send_due():
            pass
        if is_done():
            return number
        desk.clock.advance(seconds=ROUND_S)
    raise AssertionError("it is still waiting")


def test_held_drafts_keep_none_in_doubt_from_being_asked_about(desk: Desk) -> None:
    caller = other_partner(desk.caller)
    desk.core.is_lossy = True
    lost = submit(desk, 900, caller)
    desk.delivery.send_due()
    desk.core.is_lossy = False
    assert desk.payments.read(caller, lost).status is PaymentStatus.UNKNOWN
    held = [submit(desk, number) for number in range(1, HELD + 1)]

    def is_known() -> bool:
        return desk.payments.read(caller, lost).status is PaymentStatus.AWAITING_SIGNATURE

    assert rounds_until(desk, is_known) <= 1
    assert {desk.read(one).status for one in held} == {PaymentStatus.QUEUED}


def test_a_new_draft_behind_held_ones_leaves_in_a_round_or_two(desk: Desk) -> None:
    caller = other_partner(desk.caller)
    for number in range(1, HELD + 1):
        submit(desk, number)
    desk.clock.advance(seconds=1)
    new = submit(desk, 900, caller)
    assert rounds_until(desk, lambda: new in desk.core.bank.orders) <= 1


@pytest.mark.parametrize("size", [1, BATCH])
def test_new_drafts_without_an_end_and_those_in_doubt_do_not_keep_each_other(desk: Desk, size: int) -> None:
    caller = other_partner(desk.caller)
    desk.core.batch_size_max = size
    desk.core.is_lossy = True
    lost = [submit(desk, 900 + number, caller) for number in range(3)]
    for _ in lost:
        desk.delivery.send_due()
    desk.core.is_lossy = False
    for number in range(1, 10):
        new = [submit(desk, number * 10 + place, caller) for place in range(size)]
        desk.clock.advance(seconds=ROUND_S)
        desk.delivery.send_due()
        assert set(new) <= set(desk.core.bank.orders)
    statuses = {desk.payments.read(caller, one).status for one in lost}
    assert statuses == {PaymentStatus.AWAITING_SIGNATURE}
    assert max(desk.core.sizes) <= size
