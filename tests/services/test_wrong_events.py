"""A core that breaks the contract of its events: what it tells of others is followed, and a person hears once."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.core import Deadline, EventPage, Mark
from adapter.domain.payments import PaymentStatus
from adapter.schemas.core_gateway.documents import dump_event_page, load_event_page
from adapter.schemas.core_gateway.members import Members
from adapter.store.database import Database
from tests.fakes import FakeClock, FakeCore
from tests.payment_desk import Desk


class OnHold(FakeCore):
    """Over the wire one document is in a state that the contract does not know."""

    held = ""

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        told = dump_event_page(super().pull_document_events(after, limit, deadline))
        for event in told["events"]:
            if event["document_id"] == self.held:
                event["status"] = "on_hold"
        return load_event_page(Members.of(told))


def test_an_unreadable_event_alarms_once_and_keeps_nobody_else(database: Database) -> None:
    clock = FakeClock()
    core = OnHold(clock)
    desk = Desk(database, core, clock)
    held, other = (desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2))
    desk.work()
    core.held = held.id
    for one in (held, other):
        core.bank.sign(one.id)
    for _ in range(2):
        desk.work()
    assert desk.read(other.id).status is PaymentStatus.SIGNED
    assert desk.read(held.id).status is PaymentStatus.AWAITING_SIGNATURE
    desk.work()
    assert desk.alarms() == [("core_contract", held.id)]
    core.held = ""
    core.bank.execute(held.id)
    desk.work()
    assert desk.read(held.id).status is PaymentStatus.EXECUTED


class Crooked(FakeCore):
    """A connector that lets pass what the type forbids."""

    crooked = ""
    edited: object = None

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        page = super().pull_document_events(after, limit, deadline)
        told: Any = self.edited
        return replace(
            page, events=[replace(one, edited=told) if one.document_id == self.crooked else one for one in page.events]
        )


@pytest.mark.parametrize("edited", [None, [1], "x"])
def test_an_event_of_wrong_types_becomes_an_alarm_and_keeps_nobody_else(database: Database, edited: object) -> None:
    clock = FakeClock()
    core = Crooked(clock)
    desk = Desk(database, core, clock)
    wrong, other = (desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2))
    desk.work()
    core.crooked, core.edited = wrong.id, edited
    for one in (wrong, other):
        core.bank.sign(one.id)
    desk.work()
    assert desk.read(other.id).status is PaymentStatus.SIGNED
    assert desk.alarms() == [("refused_word", wrong.id)]
    core.crooked = ""
    core.bank.execute(wrong.id)
    desk.work()
    assert desk.read(wrong.id).status is PaymentStatus.EXECUTED


def test_marks_lost_again_and_again_raise_one_alarm(database: Database) -> None:
    desk = Desk(database)
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    for _ in range(3):
        desk.core.bank.lose_memory()
        desk.work()
    assert desk.alarms() == [("core_restored", "document_events")]
    asked = desk.core.calls["pull_document_events"]
    desk.core.bank.sign(payment.id)
    desk.work()
    assert desk.core.calls["pull_document_events"] == asked  # a pause that grows while it lasts
    desk.clock.advance(seconds=61)
    desk.work()
    assert desk.read(payment.id).status is PaymentStatus.SIGNED
