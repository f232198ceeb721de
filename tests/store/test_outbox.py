"""Leases: what is taken, for how long, and what becomes of errands that are over."""

from __future__ import annotations

import datetime as dt

import pytest

from adapter.domain.core import Mark
from adapter.domain.fates import Action, Outcome, Source, Word
from adapter.domain.payments import PaymentStatus
from adapter.store.database import Database
from adapter.store.tables import payments
from tests.payment_desk import LEASE_S, Desk, Permit


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def test_a_leased_errand_is_not_given_to_another_until_the_lease_ends(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    (errand,) = desk.outbox.lease_errands("one", LEASE_S, 10)
    assert (errand.action, errand.status, errand.attempts) == (Action.SUBMIT, PaymentStatus.SENDING, 1)
    assert desk.outbox.lease_errands("two", LEASE_S, 10) == []
    desk.clock.advance(seconds=LEASE_S)
    (again,) = desk.outbox.lease_errands("two", LEASE_S, 10)
    assert (again.payment_id, again.status, again.attempts) == (payment.id, PaymentStatus.UNKNOWN, 2)
    assert again.last_sent_at == errand.last_sent_at


def test_no_more_is_leased_than_asked_for_and_the_oldest_first(desk: Desk) -> None:
    ids = []
    for number in (1, 2, 3):
        ids.append(desk.submit(desk.order(f"inv-{number}", number=str(number)))[0].id)
        desk.clock.advance(seconds=1)
    assert [errand.payment_id for errand in desk.outbox.lease_errands("one", LEASE_S, 2)] == ids[:2]
    assert [errand.payment_id for errand in desk.outbox.lease_errands("one", LEASE_S, 2)] == ids[2:]


def test_an_errand_put_back_is_due_at_its_time(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.outbox.lease_errands("one", LEASE_S, 10)
    later = desk.clock.now() + dt.timedelta(seconds=30)
    back = Word(
        payment_id=payment.id,
        status=PaymentStatus.QUEUED,
        at=desk.clock.now(),
        source=Source.ADAPTER,
        only_from=PaymentStatus.SENDING,
    )
    desk.outbox.finish_errands("one", [Outcome(payment_id=payment.id, word=back, due_at=later)])
    assert desk.read(payment.id).status is PaymentStatus.QUEUED
    assert desk.outbox.lease_errands("one", LEASE_S, 10) == []
    desk.clock.advance(seconds=30)
    assert len(desk.outbox.lease_errands("one", LEASE_S, 10)) == 1


def test_only_the_holder_of_the_lease_may_finish_or_send_again(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.outbox.lease_errands("one", LEASE_S, 10)
    desk.outbox.finish_errands("two", [Outcome(payment_id=payment.id)])
    assert desk.count("outbox") == 1
    assert desk.outbox.note_sending("two", [payment.id]) == []
    assert desk.outbox.note_sending("one", [payment.id]) == [payment.id]
    desk.outbox.finish_errands("one", [Outcome(payment_id=payment.id)])
    assert desk.count("outbox") == 0


def test_an_errand_for_a_person_rests_and_raises_an_alarm(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.outbox.lease_errands("one", LEASE_S, 10)
    desk.outbox.finish_errands("one", [Outcome(payment_id=payment.id, needs_person="why")])
    desk.clock.advance(days=1)
    assert desk.outbox.lease_errands("one", LEASE_S, 10) == []
    assert desk.alarms() == [("needs_person", payment.id)]


def test_an_errand_for_a_person_disappears_when_the_payment_is_over(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.outbox.lease_errands("one", LEASE_S, 10)
    desk.outbox.finish_errands("one", [Outcome(payment_id=payment.id, needs_person="why")])
    told = Word(payment_id=payment.id, status=PaymentStatus.EXECUTED, at=desk.clock.now(), source=Source.CORE)
    desk.outbox.follow([told], None, Mark("1"))
    assert desk.count("outbox") == 0


def test_an_order_that_cannot_be_read_goes_to_a_person_and_keeps_no_other(desk: Desk) -> None:
    broken, _ = desk.submit(desk.order("inv-1", number="1"))
    whole, _ = desk.submit(desk.order("inv-2", number="2"))
    with desk.database.transaction() as tx:
        tx.execute(payments.update().where(payments.c.id == broken.id).values(order={"number": 1}))
    assert [errand.payment_id for errand in desk.outbox.lease_errands("one", LEASE_S, 10)] == [whole.id]
    assert desk.alarms() == [("needs_person", broken.id)]


@pytest.mark.race
def test_a_withdrawal_wanted_is_kept_though_the_payment_moves_while_it_is_leased(postgres: Database) -> None:
    desk = Desk(postgres)
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.outbox.lease_errands("dead", LEASE_S, 10)
    desk.cancel(payment.id)
    desk.clock.advance(seconds=LEASE_S)
    at_the_core = Word(
        payment_id=payment.id, status=PaymentStatus.AWAITING_SIGNATURE, at=desk.clock.now(), source=Source.CORE
    )

    def tell_meanwhile(*_asked: object) -> dict[str, Permit]:
        """Between reading the payment and writing the lease's own word."""
        desk.outbox.follow([at_the_core], None, Mark("1"))
        return {}

    (errand,) = desk.open_outbox(tell_meanwhile).lease_errands("two", LEASE_S, 10)
    assert (errand.action, errand.status) == (Action.WITHDRAW, PaymentStatus.AWAITING_SIGNATURE)


def test_the_errand_of_a_cancelled_payment_disappears(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.cancel(payment.id)
    assert desk.count("outbox") == 1
    assert desk.outbox.lease_errands("one", LEASE_S, 10) == []
    assert desk.count("outbox") == 0


def test_a_withdrawal_wanted_while_sending_becomes_an_errand_of_its_own(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.outbox.lease_errands("one", LEASE_S, 10)
    assert desk.cancel(payment.id).status is PaymentStatus.SENDING
    at_the_core = Word(
        payment_id=payment.id, status=PaymentStatus.AWAITING_SIGNATURE, at=desk.clock.now(), source=Source.CORE
    )
    desk.outbox.finish_errands("one", [Outcome(payment_id=payment.id, word=at_the_core)])
    (errand,) = desk.outbox.lease_errands("one", LEASE_S, 10)
    assert errand.action is Action.WITHDRAW
    desk.outbox.finish_errands("one", [Outcome(payment_id=payment.id)])
    assert desk.count("outbox") == 0
