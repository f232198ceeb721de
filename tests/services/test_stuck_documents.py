"""Documents that wait for a person: what may be done, what is refused, and that nothing goes twice."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import replace

import pytest

from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable, NotFound
from adapter.domain.fates import CONSENT_ENDED, Source, Word
from adapter.domain.payments import Payment, PaymentStatus
from adapter.domain.stuck import STAFF_SAYS, AbsentEnd, Evidence, Refusal, StuckRefused
from adapter.store.database import Database
from adapter.store.tables import payments
from tests.fakes import FakeClock, FakeCore, Fault
from tests.payment_desk import CLERK, LEASE_S, Desk, statuses
from tests.scale import scale

SEEN = Evidence(status=PaymentStatus.AWAITING_SIGNATURE, core_reference="ABC-17")


@pytest.fixture
def desk(database: Database) -> Desk:
    return open_desk(database)


def open_desk(database: Database) -> Desk:
    """A core that never proves an absence and where sending twice makes two drafts: only a person knows."""
    clock = FakeClock()
    desk = Desk(database, FakeCore(clock, submit_is_idempotent=False), clock)
    proof_never_comes = replace(desk.core.capabilities(), not_found_is_final_after_s=float("inf"))
    desk.core.bank.capabilities = lambda: proof_never_comes
    return desk


def stuck_payment(desk: Desk, fault: Fault, external_id: str = "inv-1") -> Payment:
    """A payment whose sending was lost; with LOST_AFTER the core has it."""
    payment, _ = desk.submit(desk.order(external_id))
    desk.core.faults.on("submit_documents", fault)
    desk.delivery.send_due()
    if fault is Fault.LOST_AFTER:
        desk.core.bank.hidden = desk.core.bank.documents.pop(payment.id)  # it does not tell for now
    desk.clock.advance(seconds=5)
    desk.delivery.send_due()
    assert desk.stuck.read(payment.id).since is not None
    return payment


def show(desk: Desk, payment: Payment) -> None:
    """The core tells of the document now."""
    desk.core.bank.documents[payment.id] = desk.core.bank.hidden


def refusal_of(act: Callable[[], object]) -> Refusal:
    with pytest.raises(StuckRefused) as refused:
        act()
    return refused.value.refusal


def test_what_waits_is_listed_with_its_reason_longest_first(desk: Desk) -> None:
    first = stuck_payment(desk, Fault.LOST_BEFORE, "inv-1")
    second = stuck_payment(desk, Fault.LOST_BEFORE, "inv-2")
    listed = desk.stuck.list_stuck(10)
    assert [one.payment_id for one in listed] == [first.id, second.id]
    assert (listed[0].company, listed[0].partner_name) == ('ООО "Альфа"', "Учёт онлайн")
    assert listed[0].order == first.order
    assert listed[0].why == "the core does not know the document and may yet"
    assert [one.payment_id for one in desk.stuck.list_stuck(10, 1)] == [second.id]
    with pytest.raises(NotFound):
        desk.stuck.read("pay_unknown")


def test_what_the_core_tells_is_adopted_though_the_person_saw_something_else(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_AFTER)
    show(desk, payment)
    desk.core.bank.sign(payment.id)
    assert desk.stuck.adopt(payment.id, CLERK, "нашли в АБС", SEEN) is PaymentStatus.SIGNED
    adopted = desk.read(payment.id)
    assert adopted.status is PaymentStatus.SIGNED
    assert adopted.status_history[-1].source == Source.CORE
    assert desk.count("outbox") == 0
    ((_, act),) = desk.acts
    assert (act.action, act.person, act.reason) == ("document.adopted", CLERK, "нашли в АБС")
    assert act.detail["told_by"] == "core"


def test_where_the_core_does_not_tell_the_persons_word_counts_and_says_whose_it_is(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_AFTER)
    assert refusal_of(lambda: desk.stuck.adopt(payment.id, CLERK, "нашли")) is Refusal.NOT_FOUND
    assert desk.stuck.read(payment.id).since is not None
    desk.stuck.adopt(payment.id, CLERK, "нашли в АБС", SEEN)
    adopted = desk.read(payment.id)
    step = adopted.status_history[-1]
    assert (step.status, step.source, step.reason) == ("awaiting_signature", "staff", STAFF_SAYS)
    assert desk.stuck.read(payment.id).core_reference == "ABC-17"
    show(desk, payment)
    desk.core.bank.sign(payment.id)
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.SIGNED, "the core's later word is followed"
    assert desk.core.bank.made[payment.id] == 1


def test_a_persons_word_does_not_count_against_a_proof(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    usual = desk.core.bank.capabilities
    desk.core.bank.capabilities = lambda: replace(usual(), not_found_is_final_after_s=5.0)
    assert refusal_of(lambda: desk.stuck.adopt(payment.id, CLERK, "нашли", SEEN)) is Refusal.CORE_DENIES
    desk.core.bank.capabilities = usual
    desk.stuck.adopt(payment.id, CLERK, "нашли", SEEN)


def test_what_is_confirmed_absent_is_sent_again_once_under_the_same_id(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    desk.stuck.send_again(payment.id, CLERK, "в АБС нет, проверили")
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.core.bank.made[payment.id] == 1
    assert desk.core.calls["submit_documents"] == 2
    ((_, act),) = desk.acts
    assert (act.action, act.reason) == ("document.confirmed_absent", "в АБС нет, проверили")


def test_what_the_core_has_is_not_sent_again(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_AFTER)
    show(desk, payment)
    assert refusal_of(lambda: desk.stuck.send_again(payment.id, CLERK, "нет")) is Refusal.CORE_HAS_IT
    desk.stuck.adopt(payment.id, CLERK, "есть")
    assert desk.core.bank.made[payment.id] == 1


def test_a_document_that_the_core_tells_of_just_before_the_sending_is_adopted(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_AFTER)
    desk.stuck.send_again(payment.id, CLERK, "нет")
    show(desk, payment)
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.core.bank.made[payment.id] == 1


def send_and_lose_again(desk: Desk, payment: Payment) -> None:
    """The core makes the draft now, its answer is lost, and it does not tell of it: a person is asked once more."""
    desk.core.faults.on("submit_documents", Fault.LOST_AFTER)
    desk.clock.advance(seconds=90)
    desk.delivery.send_due()
    desk.core.bank.hidden = desk.core.bank.documents.pop(payment.id)
    for _ in range(3):
        desk.clock.advance(seconds=90)
        desk.delivery.send_due()
    assert desk.stuck.read(payment.id).since is not None


def test_absent_holds_for_the_sending_that_was_seen_and_for_no_later_one(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    seen = desk.stuck.read(payment.id).version
    desk.stuck.send_again(payment.id, CLERK, "Ольга проверила в 10:00", seen=seen)
    send_and_lose_again(desk, payment)
    petr = "Пётр проверил в 10:00"
    assert refusal_of(lambda: desk.stuck.send_again(payment.id, CLERK, petr, seen=seen)) is Refusal.MOVED_ON
    assert refusal_of(lambda: desk.stuck.adopt(payment.id, CLERK, petr, SEEN, seen=seen)) is Refusal.MOVED_ON
    desk.clock.advance(seconds=90)
    desk.delivery.send_due()
    assert desk.core.bank.made[payment.id] == 1
    show(desk, payment)
    desk.stuck.adopt(payment.id, CLERK, "есть", seen=desk.stuck.read(payment.id).version)


def test_a_document_that_was_sent_while_the_core_was_asked_is_not_sent_again(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    find = desk.core.bank.find_documents

    def find_slowly(ids: Sequence[str], deadline: Deadline) -> object:
        found = find(ids, deadline)
        desk.core.bank.find_documents = find
        desk.stuck.send_again(payment.id, CLERK, "Ольга")
        send_and_lose_again(desk, payment)
        return found

    desk.core.bank.find_documents = find_slowly
    assert refusal_of(lambda: desk.open_stuck().send_again(payment.id, CLERK, "Пётр")) is Refusal.MOVED_ON
    desk.clock.advance(seconds=90)
    desk.delivery.send_due()
    assert desk.core.bank.made[payment.id] == 1
    desk.stuck.adopt(payment.id, CLERK, "есть", SEEN)


def test_a_sending_again_that_is_lost_too_waits_for_a_person_again(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    desk.core.faults.on("submit_documents", Fault.LOST_BEFORE)
    desk.stuck.send_again(payment.id, CLERK, "нет")
    for _ in range(3):
        desk.work()
        desk.clock.advance(seconds=61)
    assert desk.stuck.read(payment.id).since is not None, "the permission held for one sending"
    desk.stuck.send_again(payment.id, CLERK, "всё ещё нет")
    desk.drained()
    assert desk.core.bank.made[payment.id] == 1


def test_while_the_bank_suspends_a_service_nothing_is_sent_again(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    usual = desk.permits.permit
    desk.permits.hold()
    assert refusal_of(lambda: desk.stuck.send_again(payment.id, CLERK, "нет")) is Refusal.CONSENT_HELD
    assert desk.acts == []
    desk.permits.permit = usual
    assert desk.stuck.send_again(payment.id, CLERK, "нет") is AbsentEnd.SENT_AGAIN
    desk.drained()


def test_what_the_consent_no_longer_allows_is_cancelled_and_not_sent_again(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    desk.permits.permit = None
    assert desk.stuck.send_again(payment.id, CLERK, "нет") is AbsentEnd.CANCELLED
    desk.drained()
    cancelled = desk.read(payment.id)
    assert (cancelled.status, cancelled.status_reason) == (PaymentStatus.CANCELLED, CONSENT_ENDED)
    assert desk.core.calls["submit_documents"] == 1


def test_what_the_partner_took_back_is_cancelled_and_not_sent_again(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    desk.cancel(payment.id)
    desk.work()
    assert desk.stuck.send_again(payment.id, CLERK, "нет") is AbsentEnd.CANCELLED
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.CANCELLED
    assert desk.core.calls["submit_documents"] == 1


def test_nothing_is_done_while_an_errand_is_leased(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    desk.stuck.ask_again(payment.id, CLERK, "спросить ещё")
    desk.outbox.lease_errands("worker-2", LEASE_S, 10)
    assert refusal_of(lambda: desk.stuck.send_again(payment.id, CLERK, "нет")) is Refusal.MOVED_ON
    assert refusal_of(lambda: desk.stuck.adopt(payment.id, CLERK, "есть", SEEN)) is Refusal.MOVED_ON
    assert refusal_of(lambda: desk.stuck.ask_again(payment.id, CLERK, "ещё")) is Refusal.MOVED_ON
    desk.clock.advance(seconds=LEASE_S)
    desk.work()
    desk.stuck.send_again(payment.id, CLERK, "нет")


def test_a_word_of_the_core_that_comes_first_leaves_nothing_to_do(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_AFTER)
    show(desk, payment)
    desk.delivery.follow_fates()
    assert desk.stuck.list_stuck(10) == []
    assert refusal_of(lambda: desk.stuck.adopt(payment.id, CLERK, "есть")) is Refusal.MOVED_ON
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_an_arrived_document_that_the_partner_took_back_is_withdrawn_without_a_person(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_AFTER)
    desk.cancel(payment.id)
    show(desk, payment)
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.CANCELLED
    assert desk.stuck.list_stuck(10) == []


def test_while_the_core_is_down_nothing_is_decided(desk: Desk) -> None:
    payment = stuck_payment(desk, Fault.LOST_BEFORE)
    desk.core.faults.on("find_documents", Fault.DOWN, Fault.DOWN)
    with pytest.raises(CoreUnavailable):
        desk.stuck.adopt(payment.id, CLERK, "есть", SEEN)
    with pytest.raises(CoreUnavailable):
        desk.stuck.send_again(payment.id, CLERK, "нет")
    assert desk.acts == []
    desk.stuck.send_again(payment.id, CLERK, "нет")


def test_an_order_that_cannot_be_read_is_shown_all_the_same(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    with desk.database.transaction() as tx:
        tx.execute(payments.update().where(payments.c.id == payment.id).values(order={"number": 1}))
    desk.work()
    (listed,) = desk.stuck.list_stuck(10)
    assert (listed.order, listed.why) == (None, "the stored order cannot be read")


def race(*acts: Callable[[], object]) -> list[object]:
    """Do all at one moment; answers what each gave or raised."""
    start = threading.Barrier(len(acts))
    ends: list[object] = [None] * len(acts)

    def run(place: int) -> None:
        start.wait()
        try:
            ends[place] = acts[place]()
        except Exception as error:
            ends[place] = error

    threads = [threading.Thread(target=run, args=(place,)) for place in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return ends


@pytest.mark.race
def test_of_many_people_at_once_one_sends_again_and_one_draft_is_made(postgres: Database) -> None:
    desk = open_desk(postgres)
    for number in range(scale(5, 60)):
        payment = stuck_payment(desk, Fault.LOST_BEFORE, f"inv-{number}")
        ends = race(*[lambda: desk.stuck.send_again(payment.id, CLERK, "нет")] * 8)  # noqa: B023
        refused = [end for end in ends if isinstance(end, StuckRefused)]
        assert (ends.count(AbsentEnd.SENT_AGAIN), len(refused)) == (1, 7), ends
        desk.drained()
        assert desk.core.bank.made[payment.id] == 1


@pytest.mark.race
def test_an_acknowledgement_at_the_same_moment_as_both_actions_makes_a_second_draft_only_on_a_persons_word(
    postgres: Database,
) -> None:
    """The core hides the draft, and the person confirms what is not so: nothing else may send it again."""
    desk = open_desk(postgres)
    for number in range(scale(10, 100)):
        payment = stuck_payment(desk, Fault.LOST_AFTER, f"inv-{number}")
        signed = Word(payment_id=payment.id, status=PaymentStatus.SIGNED, at=desk.clock.now(), source=Source.CORE)
        before = desk.outbox.read_mark()
        after = desk.core.bank.pull_document_events(None, 1000, Deadline.after(5)).mark
        ends = race(
            lambda: desk.outbox.follow([signed], before, after),  # noqa: B023
            lambda: desk.stuck.send_again(payment.id, CLERK, "нет"),  # noqa: B023
            lambda: desk.stuck.adopt(payment.id, CLERK, "есть", SEEN),  # noqa: B023
            desk.delivery.send_due,
        )
        assert ends[0] is True, ends
        assert all(not isinstance(end, Exception) or isinstance(end, StuckRefused) for end in ends), ends
        show(desk, payment)
        desk.drained()
        assert desk.read(payment.id).status is PaymentStatus.SIGNED
        made = desk.core.bank.made[payment.id]
        assert made == 1 or (made == 2 and ends[1] is AbsentEnd.SENT_AGAIN), (ends, statuses(desk.read(payment.id)))
