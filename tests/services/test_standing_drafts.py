"""Drafts that the core accepted and lost: found, told, sent again by a person, and none doubled."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace

import pytest

from adapter.domain.core import Deadline, DocumentState
from adapter.domain.fates import SENT_ANEW
from adapter.domain.payments import Payment, PaymentStatus
from adapter.domain.reconciliation import MismatchKind
from adapter.domain.standing import Asked, LostDraft
from adapter.domain.stuck import AbsentEnd, Evidence, Refusal, StuckRefused, Why
from adapter.store.database import Database
from adapter.store.measures import read_measures
from tests.connectors.core_contract import run_together
from tests.fakes import FakeClock, FakeCore, Fault
from tests.payment_desk import CLERK, LEASE_S, statuses
from tests.scale import scale
from tests.services.test_reconciliation import Books

SEEN = Evidence(status=PaymentStatus.AWAITING_SIGNATURE, core_reference="ABC-17")


@pytest.fixture
def books(database: Database) -> Books:
    return open_books(database)


def open_books(database: Database, final_after_s: float = 60.0) -> Books:
    """A core where sending twice makes two drafts, so that a second sending shows."""
    clock = FakeClock()
    books = Books(database, FakeCore(clock, submit_is_idempotent=False), clock)
    told = replace(books.bank.capabilities(), not_found_is_final_after_s=final_after_s)
    books.bank.capabilities = lambda: told
    return books


def accepted(books: Books, external_id: str = "inv-1", number: str = "101") -> Payment:
    payment, _ = books.desk.submit(books.desk.order(external_id, number=number))
    books.desk.work()
    return payment


def ask(books: Books) -> Asked:
    return books.standing.ask(Deadline.after(10))


def lost_payment(books: Books, external_id: str = "inv-1", *, signed: bool = False) -> Payment:
    """Accepted after the copy that the core was restored from; found as lost."""
    restore = books.bank.copy_documents()
    payment = accepted(books, external_id)
    if signed:
        books.bank.sign(payment.id)
        books.desk.work()
    restore()
    books.clock.advance(seconds=61)
    books.desk.work()
    assert ask(books).lost == 1
    return payment


def refusal_of(act: Callable[[], object]) -> Refusal:
    with pytest.raises(StuckRefused) as refused:
        act()
    return refused.value.refusal


# found


def test_after_the_core_was_restored_every_standing_draft_is_asked_about_at_once(books: Books) -> None:
    kept = accepted(books, "inv-0", "100")
    restore = books.bank.copy_documents()
    lost = [accepted(books, f"inv-{number}", str(number)) for number in (1, 2, 3)]
    books.bank.sign(lost[2].id)
    books.desk.work()
    restore()
    books.clock.advance(seconds=61)
    assert ask(books) == Asked(), "nobody knows yet that it was restored"
    books.desk.work()
    done = books.run()
    assert {(one.kind, one.subject) for one in done.found} == {(MismatchKind.LOST_BY_CORE, one.id) for one in lost}
    assert min(one.facts["number"] for one in done.found) == "1"
    assert sorted(books.desk.alarms()) == sorted(
        [("core_restored", "document_events"), *[("needs_person", one.id) for one in lost]]
    )
    waiting = books.desk.stuck.list_stuck(10)
    assert {(one.payment_id, one.why) for one in waiting} == {(one.id, Why.LOST_BY_CORE) for one in lost}
    assert [books.desk.read(one.id).status for one in lost] == ["awaiting_signature", "awaiting_signature", "signed"]
    measures = read_measures(books.desk.database, [], books.clock.now())
    assert measures['bank_adapter_mismatches{kind="lost_by_core"}'] == 3
    assert measures["bank_adapter_payments_for_a_person"] == 3
    assert books.desk.read(kept.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert ask(books) == Asked(), "once"


def test_at_other_times_each_is_asked_about_when_nothing_was_heard_for_hours(books: Books) -> None:
    payment = accepted(books)
    books.clock.advance(hours=5.9)
    assert ask(books) == Asked()
    books.clock.advance(hours=0.2)
    assert ask(books) == Asked(asked=1)
    assert ask(books) == Asked()
    books.clock.advance(hours=6.1)
    books.bank.sign(payment.id)
    books.desk.work()
    assert ask(books) == Asked(), "something was heard of it"
    books.clock.advance(hours=6.1)
    del books.bank.documents[payment.id]
    assert ask(books) == Asked(asked=1, lost=1)


def test_a_state_that_no_event_told_is_a_word_as_always(books: Books) -> None:
    payment = accepted(books)
    books.bank.documents[payment.id] = replace(
        books.bank.documents[payment.id], status=PaymentStatus.SIGNED, at=books.clock.now()
    )
    books.clock.advance(hours=7)
    ask(books)
    assert books.desk.read(payment.id).status is PaymentStatus.SIGNED


def test_what_is_over_is_never_asked_about(books: Books) -> None:
    payment = accepted(books)
    books.bank.reject(payment.id)
    books.desk.work()
    books.clock.advance(hours=7)
    assert ask(books) == Asked()
    assert books.desk.core.calls["find_documents"] == 0


def test_a_denial_counts_only_when_it_is_proof(books: Books) -> None:
    restore = books.bank.copy_documents()
    accepted(books)
    restore()
    books.desk.work()
    books.clock.advance(seconds=30)
    assert ask(books) == Asked()
    books.clock.advance(seconds=31)
    assert ask(books) == Asked(asked=1, lost=1)


def test_a_core_that_never_proves_an_absence_is_told_as_such(database: Database) -> None:
    books = open_books(database, float("inf"))
    payment = lost_payment(books)
    assert books.desk.stuck.read(payment.id).why == Why.MAYBE_LOST_BY_CORE
    assert refusal_of(lambda: books.desk.stuck.adopt(payment.id, CLERK, "есть")) is Refusal.NOT_FOUND
    books.desk.stuck.adopt(payment.id, CLERK, "вижу в ДБО", SEEN)
    assert books.run().open == 0


def test_while_the_core_is_down_nothing_is_lost(books: Books) -> None:
    restore = books.bank.copy_documents()
    accepted(books)
    restore()
    books.clock.advance(seconds=61)
    books.desk.work()
    books.desk.core.faults.on("find_documents", Fault.DOWN)
    assert ask(books) == Asked()
    assert ask(books) == Asked(asked=1, lost=1)


def test_a_connector_that_breaks_keeps_nothing_else_from_being_reconciled(books: Books) -> None:
    accepted(books)
    books.clock.advance(hours=7)
    find = books.bank.find_documents
    books.bank.find_documents = lambda *_: 1 // 0
    assert books.run().open == 0
    books.bank.find_documents = find
    assert ask(books) == Asked(asked=1)


def test_many_are_asked_in_as_many_calls_as_the_batch_allows_least_lately_asked_first(books: Books) -> None:
    several = replace(books.bank.capabilities(), batch_size_max=2)
    books.bank.capabilities = lambda: several
    for number in range(1, 6):
        accepted(books, f"inv-{number}", str(number))
    books.clock.advance(hours=7)
    books.desk.core.faults.on("find_documents", None, None, Fault.DOWN)
    assert ask(books) == Asked(asked=4)
    assert ask(books) == Asked(asked=1)


# what a person does


def test_what_a_person_confirms_as_gone_is_there_again_once_under_its_id(books: Books) -> None:
    payment = lost_payment(books)
    assert books.desk.stuck.send_again(payment.id, CLERK, "в ДБО нет") is AbsentEnd.SENT_AGAIN
    assert books.run().open == 1, "not yet"
    books.desk.drained()
    assert books.bank.made == {payment.id: 1}
    again = books.desk.read(payment.id)
    assert statuses(again)[-2:] == ["awaiting_signature", "awaiting_signature"]
    assert (again.status_reason, again.status_history[-1].reason) == (SENT_ANEW, SENT_ANEW)
    assert books.run().open == 0
    books.bank.sign(payment.id)
    books.bank.execute(payment.id)
    books.desk.work()
    assert books.desk.read(payment.id).status is PaymentStatus.EXECUTED
    assert books.later().open == 0


def test_a_signed_one_keeps_its_status_and_is_signed_again(books: Books) -> None:
    payment = lost_payment(books, signed=True)
    books.desk.stuck.send_again(payment.id, CLERK, "в ДБО нет, не исполнен")
    books.desk.drained()
    again = books.desk.read(payment.id)
    assert (again.status, again.status_reason) == (PaymentStatus.SIGNED, SENT_ANEW)
    assert "(awaiting_signature)" in statuses(again)
    books.bank.sign(payment.id)
    books.bank.execute(payment.id)
    books.desk.work()
    assert books.desk.read(payment.id).status is PaymentStatus.EXECUTED
    assert books.bank.made[payment.id] == 1


def test_until_a_person_confirms_nothing_is_sent(books: Books) -> None:
    payment = lost_payment(books)
    books.desk.stuck.ask_again(payment.id, CLERK, "спросить ещё")
    books.clock.advance(hours=1)
    books.desk.work()
    assert books.bank.made[payment.id] == 0
    assert books.desk.stuck.read(payment.id).why == Why.LOST_BY_CORE
    books.desk.stuck.send_again(payment.id, CLERK, "нет")
    books.desk.drained()
    assert books.bank.made[payment.id] == 1


def test_a_sending_again_whose_answer_is_lost_makes_no_second_draft(books: Books) -> None:
    payment = lost_payment(books)
    books.desk.core.faults.on("submit_documents", Fault.LOST_AFTER)
    books.desk.stuck.send_again(payment.id, CLERK, "нет")
    books.desk.drained()
    assert books.bank.made[payment.id] == 1
    assert books.run().open == 0


def test_a_sending_again_that_was_lost_before_the_core_goes_once_more_when_that_is_proven(books: Books) -> None:
    payment = lost_payment(books)
    books.desk.core.faults.on("submit_documents", Fault.LOST_BEFORE)
    books.desk.stuck.send_again(payment.id, CLERK, "нет")
    books.desk.drained()
    assert books.bank.made[payment.id] == 1


def test_a_refusal_of_the_core_ends_it(books: Books) -> None:
    payment = lost_payment(books)
    books.bank._ledgers.pop("acc-1")
    books.desk.stuck.send_again(payment.id, CLERK, "нет")
    books.desk.drained()
    assert books.desk.read(payment.id).status is PaymentStatus.REJECTED
    assert books.run().open == 0


def test_what_the_consent_no_longer_allows_is_cancelled(books: Books) -> None:
    payment = lost_payment(books)
    books.desk.permits.permit = None
    assert books.desk.stuck.send_again(payment.id, CLERK, "нет") is AbsentEnd.CANCELLED
    books.desk.drained()
    assert books.desk.read(payment.id).status is PaymentStatus.CANCELLED
    assert books.bank.made[payment.id] == 0


def test_what_the_partner_takes_back_is_cancelled_by_the_cores_proof(books: Books) -> None:
    payment = lost_payment(books)
    books.desk.core.faults.on("withdraw_document", Fault.LOST_BEFORE)
    books.desk.cancel(payment.id)
    books.desk.drained()
    assert books.desk.read(payment.id).status is PaymentStatus.CANCELLED


# there after all


def state_of(books: Books, payment: Payment, status: PaymentStatus = PaymentStatus.AWAITING_SIGNATURE) -> DocumentState:
    """The core has it after all."""
    return DocumentState(document_id=payment.id, status=status, at=books.clock.now(), core_reference="again")


@pytest.mark.parametrize("status", [PaymentStatus.AWAITING_SIGNATURE, PaymentStatus.SIGNED, PaymentStatus.EXECUTED])
def test_a_late_word_that_it_is_there_clears_it(books: Books, status: PaymentStatus) -> None:
    payment = lost_payment(books)
    books.run()
    books.bank.tell(state_of(books, payment, status))
    books.desk.work()
    assert books.desk.read(payment.id).status is status
    assert books.desk.stuck.list_stuck(10) == []
    assert refusal_of(lambda: books.desk.stuck.send_again(payment.id, CLERK, "нет")) is Refusal.MOVED_ON
    assert books.run().cleared == 1


def test_one_that_waits_is_asked_about_again_after_hours(books: Books) -> None:
    payment = lost_payment(books)
    books.bank.documents[payment.id] = state_of(books, payment)
    books.clock.advance(hours=7)
    assert ask(books) == Asked(asked=1)
    assert books.desk.stuck.list_stuck(10) == []


def test_what_the_core_has_after_all_is_adopted_and_not_sent(books: Books) -> None:
    payment = lost_payment(books)
    books.bank.documents[payment.id] = state_of(books, payment)
    assert refusal_of(lambda: books.desk.stuck.send_again(payment.id, CLERK, "нет")) is Refusal.CORE_HAS_IT
    books.desk.stuck.adopt(payment.id, CLERK, "есть")
    assert books.run().open == 0
    assert books.bank.made[payment.id] == 0


def test_a_word_that_comes_after_the_question_is_not_overheard(books: Books) -> None:
    """The core denies it, and tells of it before the denial is noted."""
    payment = accepted(books)
    books.clock.advance(hours=7)
    (draft,) = books.standing.book.list_silent(books.clock.now() - dt.timedelta(hours=6), 10)
    books.bank.sign(payment.id)
    books.desk.work()
    assert books.standing.book.note_lost([LostDraft(draft=draft, why=Why.LOST_BY_CORE)], books.clock.now()) == []
    assert books.desk.stuck.list_stuck(10) == []
    heard = replace(draft, updated_at=books.desk.read(payment.id).updated_at)
    assert books.standing.book.note_lost([LostDraft(draft=heard, why=Why.LOST_BY_CORE)], books.clock.now())


@pytest.mark.race
def test_the_person_the_worker_and_a_late_event_at_one_moment_make_no_second_draft(postgres: Database) -> None:
    books = open_books(postgres)
    for number in range(scale(8, 100)):
        payment = lost_payment(books, f"inv-{number}")
        has_come_back = number % 2 == 0
        if has_come_back:
            books.bank.made[payment.id] = 1
            books.bank.tell(state_of(books, payment))
        ends: list[object] = []

        def try_to(act: Callable[[], object], ends: list[object] = ends) -> Callable[[], None]:
            def run() -> None:
                try:
                    ends.append(act())
                except StuckRefused as error:
                    ends.append(error.refusal)

            return run

        run_together(
            try_to(lambda: books.desk.stuck.send_again(payment.id, CLERK, "нет")),  # noqa: B023
            try_to(lambda: books.desk.stuck.send_again(payment.id, CLERK, "нет")),  # noqa: B023
            try_to(books.desk.delivery.send_due),
            try_to(books.desk.open_delivery("worker-2").send_due),
            try_to(books.desk.delivery.follow_fates),
            try_to(lambda: ask(books)),
        )
        if not has_come_back:
            assert ends.count(AbsentEnd.SENT_AGAIN) == 1, ends
        books.clock.advance(seconds=LEASE_S)
        books.desk.drained()
        assert books.bank.made[payment.id] == 1, (has_come_back, ends)
        assert books.run().open == 0


@pytest.mark.race
def test_of_many_workers_that_ask_one_tells_a_lost_draft(postgres: Database) -> None:
    books = open_books(postgres)
    restore = books.bank.copy_documents()
    lost = [accepted(books, f"inv-{number}", str(number)) for number in range(1, 6)]
    restore()
    books.clock.advance(seconds=61)
    books.desk.work()
    told: list[int] = []
    run_together(*[lambda: told.append(ask(books).lost)] * 6)
    assert sum(told) == len(lost)
    assert books.desk.count("outbox") == len(lost)
    assert sum(kind == "needs_person" for kind, _ in books.desk.alarms()) == len(lost)
