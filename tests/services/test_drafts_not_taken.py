"""A draft that the core answers with an error of its own again and again waits for a person; others go on."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.domain.core import CoreDocument, Deadline, DocumentState, NotFound, Result, Unknown
from adapter.domain.errors import CoreAnswerWrong
from adapter.domain.payments import PaymentStatus
from adapter.domain.stuck import Why, split_why
from adapter.store.database import Database
from tests.fakes import FakeClock, FakeCore, Fault
from tests.payment_desk import Desk

TOLD = "the core answered 422 invalid_body: /documents/0/order/purpose: too long"


class Refuses422(FakeCore):
    """Its schema refuses a whole batch for one document."""

    bad = ""

    def submit_documents(self, batch: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if any(one.id == self.bad for one in batch):
            return [Unknown(document_id=one.id, detail=TOLD, is_answer=True) for one in batch]
        return super().submit_documents(batch, deadline)


def test_after_some_attempts_a_person_is_asked_and_others_arrive(database: Database) -> None:
    clock = FakeClock()
    core = Refuses422(clock)
    desk = Desk(database, core, clock)
    bad, good = (desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2))
    core.bad = bad.id
    for _ in range(6):  # together three times, alone twice
        desk.work()
        clock.advance(seconds=61)
    assert desk.read(good.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.read(bad.id).status is PaymentStatus.UNKNOWN
    assert desk.alarms() == [("needs_person", bad.id)]
    assert split_why(desk.stuck.read(bad.id).why or "") == (Why.NOT_TAKEN, TOLD)
    core.bad = ""
    after, _ = desk.submit(desk.order("inv-3", number="3"))
    desk.work()
    assert desk.read(after.id).status is PaymentStatus.AWAITING_SIGNATURE


class AnswersWronglyAboutOne(FakeCore):
    """What it tells of one draft breaks the contract, whoever asks for it beside others."""

    bad = ""

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        if self.bad in document_ids:
            raise CoreAnswerWrong("documents", "/documents/0/status: not one of …")
        return super().find_documents(document_ids, deadline)


def test_a_wrong_answer_about_one_draft_keeps_no_other_in_doubt(database: Database) -> None:
    clock = FakeClock()
    core = AnswersWronglyAboutOne(clock)
    desk = Desk(database, core, clock)
    bad, good = (desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2))
    core.bad = bad.id
    core.faults.on("submit_documents", Fault.LOST_AFTER)
    for _ in range(6):
        desk.delivery.send_due()
        clock.advance(seconds=61)
    assert desk.read(good.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.read(bad.id).status is PaymentStatus.UNKNOWN
    core.bad = ""
    desk.drained()
    assert desk.read(bad.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert core.bank.made == {bad.id: 1, good.id: 1}
