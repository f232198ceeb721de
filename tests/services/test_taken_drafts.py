"""A connector that did its part, and whose core answers later: its drafts are no failures and keep nobody waiting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest
import sqlalchemy as sa

from adapter.domain.core import (
    Accepted,
    Capabilities,
    CoreDocument,
    Deadline,
    Result,
    Unknown,
)
from adapter.domain.payments import PaymentStatus
from adapter.store.database import Database
from adapter.store.tables import outbox
from tests.fakes import FakeClock, FakeCore
from tests.payment_desk import Desk

BATCH = 4


class PostedCore(FakeCore):
    """Drafts are put into the post; the bank opens it when it likes, and tells of them from then on."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.post: dict[str, CoreDocument] = {}
        self.sizes: list[int] = []  # of the calls that submitted

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), batch_size_max=BATCH)

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        self.sizes.append(len(batch))
        self.post |= {one.id: one for one in batch if one.id not in self.bank.orders}
        return [
            Accepted(document_id=one.id, core_reference=one.id)
            if one.id in self.bank.orders
            else Unknown(document_id=one.id, detail="posted", is_taken=True)
            for one in batch
        ]

    def open_post(self) -> None:
        self.bank.submit_documents(list(self.post.values()), Deadline.after(10))
        self.post.clear()

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        self.calls["withdraw_document"] += 1
        return Unknown(document_id=document_id, detail="posted", is_taken=True)


@pytest.fixture
def desk(database: Database) -> Desk:
    clock = FakeClock()
    return Desk(database, PostedCore(clock), clock)


def submit(desk: Desk, numbers: Sequence[int]) -> list[str]:
    return [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in numbers]


def send_all(desk: Desk) -> int:
    """What is due now; answers in how many leases."""
    leases = 0
    while desk.delivery.send_due():
        leases += 1
    return leases


def test_a_bank_that_is_silent_for_a_day_is_asked_rarely_and_about_many_at_once(desk: Desk) -> None:
    sent = submit(desk, range(1, 2 * BATCH + 1))
    send_all(desk)
    assert {desk.read(one).status for one in sent} == {PaymentStatus.UNKNOWN}
    first_hour = 0
    for hour in range(24):
        leases = 0
        for _ in range(60):
            desk.clock.advance(minutes=1)
            leases += send_all(desk)
        first_hour = first_hour or leases
        assert leases == first_hour <= 2 * 4, f"hour {hour}"
    assert set(desk.core.sizes) == {BATCH}, "all its calls are full ones"
    desk.core.open_post()
    desk.work()
    assert {desk.read(one).status for one in sent} == {PaymentStatus.AWAITING_SIGNATURE}
    desk.drained()
    assert desk.core.bank.made == dict.fromkeys(sent, 1)
    assert desk.alarms() == []


def test_a_new_draft_leaves_before_all_that_are_asked_about(desk: Desk) -> None:
    submit(desk, range(1, 3 * BATCH + 1))
    send_all(desk)
    desk.clock.advance(hours=1)
    (new,) = submit(desk, [99])
    desk.delivery.send_due()
    assert new in desk.core.post


def test_a_draft_that_could_not_be_sent_keeps_its_place_before_all_that_are_asked_about(desk: Desk) -> None:
    submit(desk, range(1, 3 * BATCH + 1))
    send_all(desk)
    (waiting,) = submit(desk, [99])
    usual, desk.delivery.lease_s = desk.delivery.lease_s, desk.delivery.change_timeout_s
    desk.delivery.send_due()  # leased, and no time is left for a call
    assert desk.read(waiting).status is PaymentStatus.QUEUED
    desk.delivery.lease_s = usual
    desk.clock.advance(hours=1)
    desk.delivery.send_due()
    assert waiting in desk.core.post


def test_a_withdrawal_that_was_taken_is_no_failure_and_is_asked_about_rarely(desk: Desk) -> None:
    (sent,) = submit(desk, [1])
    send_all(desk)
    desk.core.open_post()
    desk.work()
    desk.cancel(sent)
    for _ in range(60):
        desk.clock.advance(minutes=1)
        send_all(desk)
    assert 2 <= desk.core.calls["withdraw_document"] <= 5
    with desk.database.reading() as connection:
        assert connection.execute(sa.select(outbox.c.attempts)).scalar_one() == 0
    desk.core.bank._move(sent, PaymentStatus.CANCELLED, "")
    desk.drained()
    assert desk.read(sent).status is PaymentStatus.CANCELLED


def test_a_draft_taken_back_before_the_banks_first_word_is_withdrawn_as_soon_as_it_is_there(desk: Desk) -> None:
    (sent,) = submit(desk, [1])
    send_all(desk)
    desk.core.open_post()
    assert desk.cancel(sent).status is PaymentStatus.UNKNOWN
    send_all(desk)
    send_all(desk)
    assert desk.core.calls["withdraw_document"] == 1


def test_a_draft_wanted_back_while_it_is_put_into_the_post_does_not_wait_for_the_banks_word(desk: Desk) -> None:
    core, clock = desk.core, desk.clock
    put = core.submit_documents

    def submit_as_the_partner_cancels(batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        desk.cancel(batch[0].id)
        return put(batch, deadline)

    core.submit_documents = submit_as_the_partner_cancels
    submit(desk, [1])
    send_all(desk)
    core.submit_documents = put
    core.open_post()
    clock.advance(seconds=61)
    send_all(desk)
    assert core.calls["withdraw_document"] == 1
