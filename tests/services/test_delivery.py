"""Carrying drafts to the core: a lost answer is asked about, nothing goes twice, late words are kept, not followed."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreAccount, CoreDocument, Deadline, EventPage, Refused, Result
from adapter.domain.errors import CoreUnavailable, ExternalIdTaken
from adapter.domain.fates import ACCOUNT_CLOSED, CONSENT_ENDED
from adapter.domain.payments import PaymentStatus
from adapter.domain.stuck import AbsentEnd
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from adapter.store.idempotency import forget_keys
from tests.fakes import FakeClock, FakeCore, Fault
from tests.payment_desk import CLERK, LEASE_S, Desk, Permit, statuses


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


@pytest.fixture
def careful_desk(database: Database) -> Desk:
    """A core where sending twice makes two drafts, and a NotFound is proof only after thirty seconds."""
    clock = FakeClock()
    return Desk(database, FakeCore(clock, submit_is_idempotent=False), clock)


def test_a_queued_payment_becomes_a_draft_at_the_core(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.delivery.send_due()
    sent = desk.read(payment.id)
    assert statuses(sent) == ["received", "queued", "sending", "awaiting_signature"]
    assert sent.sign_url == f"https://bank.example/sign/{payment.id}"
    document = desk.core.bank.orders[payment.id]
    assert (document.core_account_id, document.partner_name) == ("acc-1", "Учёт онлайн")
    assert document.order == payment.order
    assert desk.count("outbox") == 0


def test_sending_is_committed_before_the_core_hears_of_it(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    seen = []
    submit = desk.core.bank.submit_documents

    def watch(*given: object) -> object:
        seen.append(desk.read(payment.id).status)
        return submit(*given)  # type: ignore[arg-type]

    desk.core.bank.submit_documents = watch  # type: ignore[method-assign, assignment]
    desk.delivery.send_due()
    assert seen == [PaymentStatus.SENDING]


def test_the_banks_refusal_rejects_the_payment_with_its_reason(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.bank._ledgers.clear()
    desk.drained()
    rejected = desk.read(payment.id)
    assert (rejected.status, rejected.status_reason) == (PaymentStatus.REJECTED, "Счёт не найден в банке")


def test_drafts_that_waited_for_a_core_arrive_in_the_order_in_which_they_were_accepted(desk: Desk) -> None:
    desk.core.faults.on("submit_documents", Fault.DOWN)
    accepted = [desk.submit(desk.order("inv-1"))[0].id]
    desk.delivery.send_due()
    assert list(desk.core.bank.orders) == []
    desk.clock.advance(seconds=0.01)
    accepted.append(desk.submit(desk.order("inv-2", number="2"))[0].id)
    desk.delivery.send_due()
    assert list(desk.core.bank.orders) == accepted


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER, Fault.SLOW])
def test_a_lost_answer_leaves_one_draft(desk: Desk, fault: Fault) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", fault)
    desk.delivery.send_due()
    assert desk.read(payment.id).status is PaymentStatus.UNKNOWN
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.core.bank.made[payment.id] == 1


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_core_that_could_double_is_asked_and_trusted_only_after_its_time(careful_desk: Desk, fault: Fault) -> None:
    desk = careful_desk
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", fault)
    desk.delivery.send_due()
    desk.clock.advance(seconds=29)
    desk.delivery.send_due()
    assert desk.core.calls["find_documents"] == 1
    assert desk.core.calls["submit_documents"] == 1, "not sent again while it may still arrive"
    desk.drained()
    assert desk.core.bank.made[payment.id] == 1
    assert desk.core.calls["submit_documents"] == (2 if fault is Fault.LOST_BEFORE else 1)


def test_what_proves_that_nothing_arrived_is_counted_from_the_last_sending(careful_desk: Desk) -> None:
    desk = careful_desk
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_BEFORE, Fault.LOST_BEFORE)
    desk.delivery.send_due()
    desk.clock.advance(seconds=31)
    desk.delivery.send_due()
    assert desk.core.calls["submit_documents"] == 2
    desk.clock.advance(seconds=29)
    desk.delivery.send_due()
    assert desk.core.calls["submit_documents"] == 2
    desk.drained()
    assert desk.core.bank.made[payment.id] == 1


def test_where_nothing_can_be_proven_a_person_is_called_and_nothing_is_sent_again(careful_desk: Desk) -> None:
    desk = careful_desk
    proof_never_comes = replace(desk.core.capabilities(), not_found_is_final_after_s=float("inf"))
    desk.core.bank.capabilities = lambda: proof_never_comes  # type: ignore[method-assign]
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_BEFORE)
    for _ in range(5):
        desk.work()
        desk.clock.advance(days=1)
    assert desk.core.calls["submit_documents"] == 1
    assert desk.alarms() == [("needs_person", payment.id)]
    assert desk.read(payment.id).status is PaymentStatus.UNKNOWN


def test_while_the_core_is_down_payments_wait_and_are_not_touched_again(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.always("*", Fault.DOWN)
    for _ in range(30):
        desk.work()
        desk.clock.advance(seconds=61)
    waiting = desk.read(payment.id)
    assert statuses(waiting) == ["received", "queued", "sending", "queued"]
    desk.core.faults.clear()
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.core.bank.made[payment.id] == 1


def test_a_core_that_answers_nothing_the_asker_can_use_is_asked_again_later(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_AFTER)
    desk.core.faults.on("find_documents", Fault.DOWN, Fault.DOWN)
    desk.delivery.send_due()
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_a_worker_that_died_leaves_its_payments_to_be_asked_about(careful_desk: Desk) -> None:
    desk = careful_desk
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.outbox.lease_errands("dead", LEASE_S, 10)
    assert desk.read(payment.id).status is PaymentStatus.SENDING
    desk.delivery.send_due()
    assert desk.core.calls["submit_documents"] == 0, "the lease still holds"
    desk.clock.advance(seconds=LEASE_S)
    desk.delivery.send_due()
    desk.drained()
    assert desk.core.bank.made[payment.id] == 1
    assert "unknown" in statuses(desk.read(payment.id))


def test_what_a_worker_says_after_its_lease_was_taken_over_is_not_written(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    slow, desk.delivery = desk.delivery, desk.open_delivery("worker-2")
    submit = desk.core.bank.submit_documents

    def stall(*given: object) -> object:
        desk.core.bank.submit_documents = submit  # type: ignore[method-assign]
        desk.clock.advance(seconds=LEASE_S + 1)
        desk.delivery.send_due()
        return submit(*given)  # type: ignore[arg-type]

    desk.core.bank.submit_documents = stall  # type: ignore[method-assign, assignment]
    slow.send_due()
    assert statuses(desk.read(payment.id))[-2:] == ["unknown", "awaiting_signature"]
    assert desk.core.bank.made[payment.id] == 1


def test_the_fate_is_followed_to_the_end(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(payment.id)
    desk.work()
    assert desk.read(payment.id).status is PaymentStatus.SIGNED
    desk.core.bank.execute(payment.id)
    desk.work()
    done = desk.read(payment.id)
    assert statuses(done)[-3:] == ["awaiting_signature", "signed", "executed"]
    assert {step.source for step in done.status_history[-2:]} == {"core"}


def test_a_late_word_is_kept_and_alarmed_but_not_followed(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(payment.id)
    desk.core.bank.execute(payment.id)
    desk.clock.advance(seconds=1)
    desk.core.bank.tell_late(payment.id, PaymentStatus.SIGNED)
    desk.core.bank.tell_late(payment.id, PaymentStatus.REJECTED)
    desk.work()
    done = desk.read(payment.id)
    assert done.status is PaymentStatus.EXECUTED
    assert statuses(done)[-2:] == ["(signed)", "(rejected)"]
    assert desk.alarms() == [("late_status", payment.id)] * 2


def test_a_late_word_told_again_is_one_step_and_one_alarm(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.reject(payment.id)
    desk.clock.advance(seconds=1)
    for _ in range(3):
        desk.core.bank.tell_late(payment.id, PaymentStatus.SIGNED, desk.clock.now())
        desk.work()
    assert statuses(desk.read(payment.id))[-2:] == ["rejected", "(signed)"]
    assert len(desk.alarms()) == 1


def test_what_was_changed_in_the_bank_is_told_and_the_order_stays_as_sent(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    _, cursor = desk.payments.list_fates(desk.caller, None, 10)
    desk.core.bank.edit(payment.id, amount="1400.00")
    desk.work()
    page, _ = desk.payments.list_fates(desk.caller, cursor, 10)
    (told,) = page.payments
    assert told.edited_in_bank == {"amount": "1400.00"}
    assert told.order == payment.order
    assert told.status is PaymentStatus.AWAITING_SIGNATURE


def test_the_event_may_come_before_the_answer(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_AFTER)
    desk.delivery.send_due()
    desk.core.bank.sign(payment.id)
    desk.delivery.follow_fates()
    assert desk.read(payment.id).status is PaymentStatus.SIGNED
    desk.drained()
    signed = desk.read(payment.id)
    assert signed.status is PaymentStatus.SIGNED
    assert signed.sign_url is not None
    assert desk.alarms() == []


def test_events_about_strangers_documents_move_the_mark_and_nothing_else(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    stranger = replace(desk.core.bank.documents[payment.id], document_id="not-ours", status=PaymentStatus.SIGNED)
    desk.core.bank.tell(stranger)
    desk.core.bank.sign(payment.id)
    desk.work()
    assert desk.read(payment.id).status is PaymentStatus.SIGNED


def test_a_mark_moves_once_though_two_workers_read_the_same_page(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(payment.id)
    before = desk.outbox.read_mark()
    page = desk.core.pull_document_events(before, 10, None)  # type: ignore[arg-type]
    assert desk.outbox.follow([], before, page.mark)
    assert not desk.outbox.follow([], before, page.mark)


def test_a_key_is_forgotten_and_an_external_id_never(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"), key="k")
    desk.clock.advance(days=31)
    with desk.database.transaction() as tx:
        assert forget_keys(tx, desk.clock.now()) == 1
    with pytest.raises(ExternalIdTaken) as taken:
        desk.submit(desk.order("inv-1", date=desk.clock.now().date()), key="k")
    assert taken.value.payment_id == first.id


def test_a_booked_entry_is_linked_once(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    _, cursor = desk.payments.list_fates(desk.caller, None, 10)
    for _ in range(2):
        desk.outbox.note_booked(desk.account_id, {payment.id: "entry-1", "not-ours": "entry-2"})
    page, after = desk.payments.list_fates(desk.caller, cursor, 10)
    assert [told.entry_id for told in page.payments] == ["entry-1"]
    desk.outbox.note_booked(desk.account_id, {payment.id: "entry-1"})
    assert desk.payments.list_fates(desk.caller, after, 10)[0].payments == ()


@pytest.mark.parametrize("call", ["find_documents", "submit_documents"])
def test_a_core_that_goes_down_while_a_payment_is_in_doubt_is_asked_again(desk: Desk, call: str) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_BEFORE)
    desk.delivery.send_due()
    desk.core.faults.on(call, Fault.DOWN)
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.core.bank.made[payment.id] == 1


@pytest.mark.parametrize("call", ["find_documents", "withdraw_document"])
def test_a_core_that_goes_down_during_a_withdrawal_is_asked_again(desk: Desk, call: str) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.faults.on("withdraw_document", Fault.LOST_BEFORE)
    desk.cancel(payment.id)
    desk.core.faults.on(call, Fault.DOWN)
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.CANCELLED


def test_a_withdrawal_is_repeated_until_it_is_answered(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.faults.on("withdraw_document", Fault.LOST_BEFORE, Fault.LOST_BEFORE, Fault.LOST_BEFORE)
    desk.cancel(payment.id)
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.CANCELLED


def test_a_withdrawal_that_the_bank_refuses_is_over_and_the_draft_stays(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.faults.on("withdraw_document", Fault.LOST_BEFORE)
    desk.cancel(payment.id)
    desk.core.bank.withdraw_document = lambda document_id, request_id, deadline: Refused(
        document_id=document_id, code="busy", reason="Документ открыт для подписи"
    )
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE


def test_events_wait_while_the_core_is_down(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(payment.id)
    desk.core.faults.on("pull_document_events", Fault.DOWN)
    assert not desk.delivery.follow_fates()
    assert desk.delivery.follow_fates()
    assert desk.read(payment.id).status is PaymentStatus.SIGNED


def test_events_that_led_to_a_state_found_by_asking_are_history_and_no_alarm(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_AFTER)
    desk.delivery.send_due()
    desk.core.bank.edit(payment.id, amount="1400.00")
    desk.core.bank.edit(payment.id, amount="1300.00")
    desk.core.bank.sign(payment.id)
    desk.core.bank.execute(payment.id)
    desk.clock.advance(seconds=61)
    desk.delivery.send_due()
    assert desk.read(payment.id).status is PaymentStatus.EXECUTED
    desk.delivery.follow_fates()
    done = desk.read(payment.id)
    assert {"(awaiting_signature)", "(signed)"} <= set(statuses(done))
    assert done.edited_in_bank == {"amount": "1300.00"}
    assert desk.alarms() == []
    desk.core.bank.tell_late(payment.id, PaymentStatus.REJECTED)
    desk.delivery.follow_fates()
    assert desk.alarms() == [("late_status", payment.id)], "a contradiction is no history"


def test_nothing_is_sent_that_could_still_run_when_the_lease_has_ended(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    usual, desk.delivery.lease_s = desk.delivery.lease_s, desk.delivery.change_timeout_s
    desk.delivery.send_due()
    assert desk.core.calls["submit_documents"] == 0
    assert statuses(desk.read(payment.id))[-2:] == ["sending", "queued"]
    desk.delivery.lease_s = usual
    desk.drained()
    assert desk.core.bank.made[payment.id] == 1


def test_an_order_that_breaks_the_connector_keeps_no_other_and_goes_to_a_person(desk: Desk) -> None:
    ids = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in (1, 2, 3)]
    submit = desk.core.bank.submit_documents

    def break_on_the_second(documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if any(document.id == ids[1] for document in documents):
            raise ValueError("a name that the connector did not expect")
        return submit(documents, deadline)

    desk.core.bank.submit_documents = break_on_the_second
    for _ in range(20):
        desk.work()
        desk.clock.advance(seconds=61)
    assert [desk.read(one).status for one in ids] == ["awaiting_signature", "unknown", "awaiting_signature"]
    assert desk.alarms() == [("needs_person", ids[1])]
    desk.core.bank.submit_documents = submit
    desk.stuck.ask_again(ids[1], CLERK, "исправили коннектор")
    desk.drained()
    assert [desk.core.bank.made[one] for one in ids] == [1, 1, 1]


# what must not go to the bank any more


def test_a_payment_taken_back_while_the_core_hung_is_never_sent_again(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    submit = desk.core.bank.submit_documents

    def hang(*_given: object) -> Sequence[Result]:
        assert desk.cancel(payment.id).status is PaymentStatus.SENDING
        raise CoreUnavailable("no connection")

    desk.core.bank.submit_documents = hang
    desk.delivery.send_due()
    desk.core.bank.submit_documents = submit
    desk.drained()
    assert statuses(desk.read(payment.id))[-3:] == ["sending", "queued", "cancelled"]
    assert payment.id not in desk.core.bank.orders


def test_a_draft_whose_consent_ended_while_it_waited_is_cancelled(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.DOWN)
    desk.delivery.send_due()
    desk.permits.permit = None
    desk.drained()
    cancelled = desk.read(payment.id)
    assert (cancelled.status, cancelled.status_reason) == (PaymentStatus.CANCELLED, CONSENT_ENDED)
    assert payment.id not in desk.core.bank.orders


def test_a_draft_from_an_account_that_left_the_consent_is_cancelled_and_others_go(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.permits.permit = Permit(account_ids=frozenset({"acc_other"}))
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.CANCELLED
    desk.permits.permit = Permit(account_ids=frozenset({desk.account_id}))
    allowed, _ = desk.submit(desk.order("inv-2", number="102"))
    desk.work()
    assert desk.read(allowed.id).status is PaymentStatus.AWAITING_SIGNATURE


def _tell_accounts(desk: Desk, *told: CoreAccount) -> None:
    """The core was asked about the customer's accounts again."""
    StoredAccounts(desk.database).register("cus-1", told, desk.clock.now())


def _closed(desk: Desk) -> list[CoreAccount]:
    return [replace(one, status=AccountStatus.CLOSED) for one in desk.core.bank.list_accounts("cus-1", None)]


def _moved(desk: Desk) -> list[CoreAccount]:
    return [replace(one, customer_id="cus-2") for one in desk.core.bank.list_accounts("cus-1", None)]


@pytest.mark.parametrize("told", [_closed, _moved, lambda desk: []])
def test_a_draft_from_an_account_that_is_closed_gone_or_moved_is_rejected_and_not_sent(
    desk: Desk, told: Callable[[Desk], list[CoreAccount]]
) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    _tell_accounts(desk, *told(desk))
    desk.clock.advance(seconds=3600)
    desk.drained()
    rejected = desk.read(payment.id)
    assert (rejected.status, rejected.status_reason) == (PaymentStatus.REJECTED, ACCOUNT_CLOSED)
    assert statuses(rejected) == ["received", "queued", "rejected"]
    assert desk.core.calls["submit_documents"] == 0


def test_a_draft_waits_for_an_account_that_the_core_does_not_tell_for_a_moment(desk: Desk) -> None:
    told = desk.core.bank.list_accounts("cus-1", None)
    payment, _ = desk.submit(desk.order("inv-1"))
    _tell_accounts(desk)
    desk.clock.advance(seconds=1800)
    desk.delivery.send_due()
    assert desk.read(payment.id).status is PaymentStatus.QUEUED
    _tell_accounts(desk, *told)
    desk.clock.advance(seconds=60)
    desk.work()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE


@pytest.mark.parametrize(
    ("fault", "fate"),
    [(Fault.LOST_BEFORE, PaymentStatus.REJECTED), (Fault.LOST_AFTER, PaymentStatus.AWAITING_SIGNATURE)],
)
def test_a_draft_in_doubt_whose_account_is_gone_is_asked_about_and_not_sent_again(
    desk: Desk, fault: Fault, fate: PaymentStatus
) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", fault)
    desk.delivery.send_due()
    _tell_accounts(desk)
    desk.clock.advance(seconds=3600)
    desk.drained()
    assert desk.read(payment.id).status is fate
    assert desk.core.calls["submit_documents"] == 1


def test_a_draft_whose_account_is_gone_and_that_the_core_may_have_waits_for_a_person(careful_desk: Desk) -> None:
    desk = careful_desk
    never = replace(desk.core.capabilities(), not_found_is_final_after_s=math.inf)
    desk.core.bank.capabilities = lambda: never
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_BEFORE)
    desk.delivery.send_due()
    _tell_accounts(desk)
    desk.clock.advance(seconds=3600)
    desk.delivery.send_due()
    assert desk.stuck.read(payment.id).since is not None
    assert desk.stuck.send_again(payment.id, CLERK, "в АБС нет") is AbsentEnd.REJECTED
    desk.drained()
    assert desk.read(payment.id).status_reason == ACCOUNT_CLOSED
    assert desk.core.calls["submit_documents"] == 1


def test_while_the_bank_suspends_a_service_its_drafts_wait(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    usual = desk.permits.permit
    desk.permits.hold()
    for _ in range(3):
        desk.work()
        desk.clock.advance(seconds=61)
    assert statuses(desk.read(payment.id)) == ["received", "queued"]
    desk.permits.permit = usual
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE


@pytest.mark.parametrize(
    ("fault", "fate"),
    [(Fault.LOST_BEFORE, PaymentStatus.CANCELLED), (Fault.LOST_AFTER, PaymentStatus.AWAITING_SIGNATURE)],
)
def test_a_draft_in_doubt_whose_consent_ended_is_asked_about_and_not_sent_again(
    desk: Desk, fault: Fault, fate: PaymentStatus
) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", fault)
    desk.delivery.send_due()
    desk.permits.permit = None
    desk.drained()
    assert desk.read(payment.id).status is fate
    assert desk.core.calls["submit_documents"] == 1


def test_a_core_that_cannot_withdraw_is_not_asked_to_by_the_worker_either(desk: Desk) -> None:
    cannot = replace(desk.core.capabilities(), can_withdraw=False)
    desk.core.bank.capabilities = lambda: cannot
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", Fault.LOST_AFTER)
    desk.delivery.send_due()
    assert desk.cancel(payment.id).status is PaymentStatus.UNKNOWN
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.core.calls["withdraw_document"] == 0


def test_a_word_that_cannot_be_kept_never_stops_the_fates_of_others(database: Database) -> None:
    desk = Desk(database)
    first, second = (desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2))
    desk.delivery.send_due()
    pull = desk.core.bank.pull_document_events

    def pull_oddly(*given: Any) -> EventPage:
        page = pull(*given)
        odd = {"core_reference": "R" * 250, "sign_url": "javascript:alert(1)", "reason": "a\0b"}
        events = [replace(one, **odd) if one.document_id == first.id else one for one in page.events]
        unknown = [replace(one, document_id="d" * 200) for one in page.events[:1]]
        return replace(page, events=[*unknown, *events])

    desk.core.bank.pull_document_events = pull_oddly
    desk.core.bank.sign(first.id)
    desk.core.bank.sign(second.id)
    desk.delivery.follow_fates()
    assert desk.read(second.id).status is PaymentStatus.SIGNED
    assert ("unknown_document", "d" * 80) in desk.alarms()
    assert desk.read(first.id).sign_url is None or desk.read(first.id).sign_url.startswith("http")
    assert not desk.delivery.follow_fates(), "the mark went on"


def test_a_result_that_cannot_be_written_waits_for_a_person_and_undoes_no_other(desk: Desk) -> None:
    payments = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0] for n in (1, 2, 3)]
    submit = desk.core.bank.submit_documents

    def submit_oddly(*given: Any) -> Sequence[Result]:
        odd = Refused(document_id=payments[1].id, code="x", reason="нет\ud800")
        return [odd if one.document_id == payments[1].id else one for one in submit(*given)]

    desk.core.bank.submit_documents = submit_oddly
    desk.delivery.send_due()
    assert [desk.read(one.id).status for one in payments] == [
        PaymentStatus.AWAITING_SIGNATURE,
        PaymentStatus.UNKNOWN,
        PaymentStatus.AWAITING_SIGNATURE,
    ]
    assert desk.stuck.read(payments[1].id).since is not None
    desk.core.bank.submit_documents = submit
    desk.stuck.ask_again(payments[1].id, CLERK, "исправили коннектор")
    desk.drained()
    assert desk.core.bank.made == {one.id: 1 for one in payments}
    assert desk.read(payments[1].id).status is PaymentStatus.AWAITING_SIGNATURE
