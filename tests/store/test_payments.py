"""Accepting and sending under real concurrency, on PostgreSQL: one of many equal requests does the work."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

import pytest

from adapter.domain.errors import IdempotencyKeyReused, NotCancellable, RequestInProgress
from adapter.domain.payments import PaymentStatus
from adapter.store.database import Database
from tests.payment_desk import LEASE_S, Desk, other_partner
from tests.scale import scale

pytestmark = [pytest.mark.race, pytest.mark.timeout(1800)]

THREADS = 64
KEYS = scale(10, 200)
T = TypeVar("T")


@pytest.fixture
def desk(postgres: Database) -> Desk:
    return Desk(postgres)


def at_once(acts: Sequence[Callable[[], T]]) -> list[T | Exception]:
    """Run all acts from one starting line, each in a thread of its own; errors are results too."""
    line = threading.Barrier(len(acts))

    def run(act: Callable[[], T]) -> T | Exception:
        line.wait()
        try:
            return act()
        except Exception as error:
            return error

    with ThreadPoolExecutor(len(acts)) as pool:
        return list(pool.map(run, acts))


def test_of_many_equal_requests_at_once_one_makes_the_payment(desk: Desk) -> None:
    ids: Counter[str] = Counter()
    created = replayed = 0
    for number in range(1, KEYS + 1):
        order = desk.order(f"inv-{number}", number=str(number))
        answers = at_once([lambda order=order, number=number: desk.submit(order, key=f"key-{number}")] * THREADS)
        errors = [answer for answer in answers if isinstance(answer, Exception)]
        assert errors == []
        made = [payment for payment, is_new in answers if is_new]  # type: ignore[misc]
        assert len(made) == 1
        assert {payment.id for payment, _ in answers} == {made[0].id}  # type: ignore[misc]
        ids[made[0].id] += 1
        created += 1
        replayed += len(answers) - 1
    print(f"\n{THREADS} threads x {KEYS} keys: {created} payments, {replayed} replays, 0 errors")
    assert desk.count("payments") == desk.count("outbox") == KEYS
    assert set(ids.values()) == {1}


def test_equal_orders_under_different_keys_at_once_are_one_payment(desk: Desk) -> None:
    order = desk.order("inv-1")
    answers = at_once([lambda: desk.submit(order)] * 16)
    assert sum(is_new for _, is_new in answers) == 1  # type: ignore[misc]
    assert desk.count("payments") == 1


def test_one_key_with_different_bodies_at_once_is_taken_by_one(desk: Desk) -> None:
    orders = [desk.order(f"inv-{number}", number=str(number)) for number in range(1, 17)]
    answers = at_once([lambda order=order: desk.submit(order, key="k") for order in orders])
    refused = [answer for answer in answers if isinstance(answer, IdempotencyKeyReused)]
    assert len(refused) == 15
    assert desk.count("payments") == 1


def test_equal_batches_at_once_are_one_import(desk: Desk) -> None:
    orders = [desk.order(f"inv-{number}", number=str(number)) for number in range(1, 21)]
    answers = at_once([lambda: desk.import_batch(orders)] * 16)
    assert len({batch.id for batch, _ in answers}) == 1  # type: ignore[misc]
    assert (desk.count("imports"), desk.count("payments")) == (1, 20)


def test_numbers_of_the_feed_become_visible_in_their_order(desk: Desk) -> None:
    """A reader that pages while many write meets every payment exactly once."""
    total = scale(200, 2000)
    orders = [desk.order(f"inv-{number}", number=str(number)) for number in range(1, total + 1)]
    met: list[str] = []
    is_over = threading.Event()

    def read() -> None:
        cursor = None
        while True:
            last_round = is_over.is_set()
            page, cursor = desk.payments.list_fates(desk.caller, cursor, 50)
            met.extend(payment.order.external_id or "" for payment in page.payments)
            if last_round and not page.payments:
                return

    reader = threading.Thread(target=read)
    reader.start()
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(desk.submit, orders))
    is_over.set()
    reader.join()
    print(f"\n{total} payments by 8 writers: {len(met)} met, {len(set(met))} different")
    assert Counter(met) == Counter(order.external_id for order in orders)


def test_two_partners_of_one_customer_do_not_wait_for_each_other_for_ever(desk: Desk) -> None:
    stranger = other_partner(desk.caller)
    acts = [
        lambda number=number, caller=caller: desk.submit(
            desk.order(f"inv-{number}", number=str(number)), key=f"k{number}", caller=caller
        )
        for number in range(1, 9)
        for caller in (desk.caller, stranger)
    ]
    assert all(not isinstance(answer, Exception) for answer in at_once(acts))
    assert desk.count("payments") == 16


def test_workers_side_by_side_never_lease_the_same_payment(desk: Desk) -> None:
    total = 60
    desk.import_batch([desk.order(f"inv-{number}", number=str(number)) for number in range(1, total + 1)])
    acts = [lambda owner=owner: desk.outbox.lease_errands(f"worker-{owner}", LEASE_S, 5) for owner in range(12)]
    leased: Counter[str] = Counter()
    while sum(leased.values()) < total:
        for errands in at_once(acts):
            leased.update(errand.payment_id for errand in errands)  # type: ignore[union-attr]
    assert set(leased.values()) == {1}


def test_a_cancellation_and_a_lease_at_once_have_one_winner(desk: Desk) -> None:
    outcomes: Counter[str] = Counter()
    for number in range(1, scale(20, 200) + 1):
        payment, _ = desk.submit(desk.order(f"inv-{number}", number=str(number)))
        at_once([desk.delivery.send_due, lambda payment=payment: desk.cancel(payment.id)])
        desk.drained()
        at_the_core = desk.core.bank.documents.get(payment.id)
        status = desk.read(payment.id).status
        assert status is PaymentStatus.CANCELLED
        assert at_the_core is None or at_the_core.status is PaymentStatus.CANCELLED
        outcomes["never sent" if at_the_core is None else "withdrawn"] += 1
    print(f"\ncancellations against the worker: {dict(outcomes)}")


def test_a_request_that_waits_too_long_for_its_twin_is_told_so(desk: Desk, postgres: Database) -> None:
    order = desk.order("inv-1")
    with postgres.transaction() as tx:
        tx.exec_driver_sql(
            "INSERT INTO idempotency_keys VALUES ('pa_1', 'cus-1', 'k', 'payment', '\\x00', 'pay_1', now())"
        )
        with pytest.raises(RequestInProgress):
            desk.submit(order, key="k")
        tx.rollback()
    assert desk.submit(order, key="k")[1]


def test_final_payments_cannot_be_taken_back_however_often_it_is_asked(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(payment.id)
    desk.core.bank.execute(payment.id)
    desk.work()
    answers = at_once([lambda: desk.cancel(payment.id)] * 8)
    assert all(isinstance(answer, NotCancellable) for answer in answers)
