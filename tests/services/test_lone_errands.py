"""Errands that were tried often go alone, one call after another: none may harm itself or those behind it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from adapter.domain.core import CoreDocument, Deadline, DocumentState, NotFound, Probe, Result, Unknown
from adapter.domain.errors import CoreUnavailable
from adapter.domain.payments import PaymentStatus
from adapter.services.outcomes import LONE_MAX, TOGETHER_MAX
from adapter.store.database import Database
from tests.fakes import FakeClock, FakeCore
from tests.payment_desk import CLERK, Desk

ON_ITS_WAY_S = 20  # less than the time after which this core's NotFound is proof


class SlowCore(FakeCore):
    """Sending twice makes two drafts; a submission takes a second, and that of `lost` arrives later, unanswered."""

    is_busy = True
    lost = ""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock, submit_is_idempotent=False)
        self.clock = clock
        self.arrivals: list[tuple[dt.datetime, Sequence[CoreDocument]]] = []

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if self.is_busy:
            raise CoreUnavailable("503")
        self.clock.advance(seconds=1)
        if self.lost in {one.id for one in batch}:
            self.lost = ""
            self.arrivals.append((self.clock.now() + dt.timedelta(seconds=ON_ITS_WAY_S), batch))
            return [Unknown(document_id=one.id, detail="lost") for one in batch]
        return super().submit_documents(batch, deadline)

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        self.arrive()
        return super().find_documents(document_ids, deadline)

    def arrive(self) -> None:
        on_their_way, self.arrivals = self.arrivals, []
        for at, batch in on_their_way:
            if at <= self.clock.now():
                self.bank.submit_documents(batch, Deadline.after(10))
            else:
                self.arrivals.append((at, batch))


def test_what_a_not_found_proves_is_counted_from_the_moment_in_which_each_was_sent(database: Database) -> None:
    clock = FakeClock()
    core = SlowCore(clock)
    desk = Desk(database, core, clock)
    sent = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in range(1, 21)]
    for _ in range(TOGETHER_MAX):
        desk.delivery.send_due()
        clock.advance(seconds=61)
    core.is_busy, core.lost = False, sent[-1]
    for _ in range(60):
        desk.delivery.send_due()
        core.arrive()
        clock.advance(seconds=1)
    desk.drained()
    assert core.bank.made == dict.fromkeys(sent, 1)
    assert desk.read(sent[-1]).status is PaymentStatus.AWAITING_SIGNATURE


class OneAtFault(FakeCore):
    """It is well, and unavailable to every call about one document."""

    fault = ""

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if self.fault in {one.id for one in batch}:
            raise CoreUnavailable("nothing was done")
        return super().submit_documents(batch, deadline)


def test_one_draft_to_which_the_core_is_unavailable_keeps_no_other_and_goes_to_a_person(database: Database) -> None:
    clock = FakeClock()
    core = OneAtFault(clock)
    desk = Desk(database, core, clock)
    sent = []
    for number in range(1, 6):  # the first is the oldest
        sent.append(desk.submit(desk.order(f"inv-{number}", number=str(number)))[0].id)
        clock.advance(seconds=1)
    core.fault = sent[0]
    for _ in range(TOGETHER_MAX + 1):
        desk.delivery.send_due()
        clock.advance(seconds=61)
    assert core.bank.made == dict.fromkeys(sent[1:], 1)
    for _ in range(LONE_MAX):
        desk.delivery.send_due()
        clock.advance(seconds=61)
    assert desk.alarms() == [("needs_person", sent[0])]
    assert desk.read(sent[0]).status is PaymentStatus.QUEUED
    core.fault = ""
    desk.stuck.ask_again(sent[0], CLERK, "исправили в АБС")
    desk.drained()
    assert core.bank.made == dict.fromkeys(sent, 1)


class Flickering(FakeCore):
    """It goes down with every draft, and is up again a little later."""

    is_well = False
    is_down = False

    def probe(self, deadline: Deadline) -> Probe:
        was_down, self.is_down = self.is_down, False
        return Probe(is_up=not was_down)

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if not self.is_well:
            self.is_down = True
            raise CoreUnavailable("503")
        return super().submit_documents(batch, deadline)


def test_a_core_that_goes_down_time_and_again_calls_no_person_to_what_waits(database: Database) -> None:
    clock = FakeClock()
    core = Flickering(clock)
    desk = Desk(database, core, clock)
    sent = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in (1, 2)]
    for _ in range(LONE_MAX + TOGETHER_MAX):
        desk.delivery.send_due()
        clock.advance(seconds=61)
    core.is_well = True
    desk.drained()
    assert core.bank.made == dict.fromkeys(sent, 1)
    assert desk.alarms() == []
