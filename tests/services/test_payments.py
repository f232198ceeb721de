"""Accepting payments: once for each key and external id, all errors at once, flags, cancellation."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import Deadline
from adapter.domain.errors import (
    BadCursor,
    ExternalIdTaken,
    IdempotencyKeyReused,
    InvalidOrders,
    NotCancellable,
    NotFound,
)
from adapter.domain.imports import ImportMode, ImportShape
from adapter.domain.parties import Party
from adapter.domain.payments import PaymentStatus
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from tests.domain.orders import TAX_ORDER
from tests.fakes import Fault, MemoryBank
from tests.payment_desk import Caller, Desk, other_partner, statuses


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


# one payment


def test_an_order_becomes_a_queued_payment_and_nothing_goes_to_the_core_yet(desk: Desk) -> None:
    payment, is_new = desk.submit(desk.order("inv-1"))
    assert is_new
    assert desk.read(payment.id) == payment
    assert statuses(payment) == ["received", "queued"]
    assert desk.core.calls["submit_documents"] == 0


def test_the_same_key_and_body_give_the_same_payment_in_its_present_state(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"), key="k")
    desk.work()
    again, is_new = desk.submit(desk.order("inv-1"), key="k")
    assert not is_new
    assert again.id == first.id
    assert again.status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.count("payments") == 1


def test_the_same_key_with_another_body_is_refused_and_the_right_body_still_works(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"), key="k")
    with pytest.raises(IdempotencyKeyReused):
        desk.submit(desk.order("inv-2", number="102"), key="k")
    assert desk.count("payments") == 1
    assert desk.submit(desk.order("inv-1"), key="k") == (first, False)


def test_a_key_of_one_partner_means_nothing_to_another(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"), key="k")
    _, is_new = desk.submit(desk.order("inv-2", number="102"), key="k", caller=other_partner(desk.caller))
    assert is_new


def test_the_same_external_id_and_order_under_another_key_create_nothing(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"), key="k1")
    assert desk.submit(desk.order("inv-1"), key="k2") == (first, False)
    assert desk.submit(desk.order("inv-1"), key="k2") == (first, False)
    assert desk.count("payments") == desk.count("outbox") == 1


def test_an_external_id_names_one_order_for_ever(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"))
    desk.clock.advance(days=5)
    with pytest.raises(ExternalIdTaken) as taken:
        desk.submit(desk.order("inv-1", number="102"), key="k")
    assert taken.value.payment_id == first.id
    _, is_new = desk.submit(desk.order("inv-2", number="102"), key="k")
    assert is_new, "the refused request did not use up its key"


def test_a_tax_payment_sent_again_after_the_banks_record_of_the_payer_changed_is_the_same_payment(desk: Desk) -> None:
    told = Party(name="ООО Альфа", inn="7707083893")  # the bank fills in the KPP
    tax = {name: getattr(TAX_ORDER, name) for name in ("payee", "purpose", "budget")}
    order = desk.order(**tax, payer=told)
    first, _ = desk.submit(order)
    assert first.order.payer == replace(told, kpp="770701001")
    account = desk.core.list_accounts("cus-1", Deadline.after(1))[0]
    owner = replace(account.owner, kpp="770801001")
    StoredAccounts(desk.database).register("cus-1", [replace(account, owner=owner)], desk.clock.now())
    again, is_new = desk.submit(order)
    assert (again.id, is_new) == (first.id, False)
    with pytest.raises(ExternalIdTaken):
        desk.submit(replace(order, payer=replace(told, kpp="770701002")))


def test_errors_are_not_stored_so_the_same_key_may_carry_the_corrected_order(desk: Desk) -> None:
    with pytest.raises(InvalidOrders) as broken:
        desk.submit(desk.order("inv-1", number="0"), key="k")
    assert [error.pointer for error in broken.value.errors] == ["/number"]
    assert desk.count("payments") == desk.count("idempotency_keys") == 0
    _, is_new = desk.submit(desk.order("inv-1"), key="k")
    assert is_new


def test_a_retry_gets_its_payment_even_when_the_order_would_be_too_old_today(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"), key="k")
    desk.clock.advance(days=30)
    assert desk.submit(desk.order("inv-1"), key="k") == (first, False)
    with pytest.raises(InvalidOrders):
        desk.submit(desk.order("inv-2"), key="k2")


def test_an_account_outside_the_consent_is_an_error_of_the_field(desk: Desk) -> None:
    with pytest.raises(InvalidOrders) as broken:
        desk.submit(replace(desk.order("inv-1"), account_id="acc_foreign"))
    assert [(error.pointer, error.code) for error in broken.value.errors] == [("/account_id", "unknown_account")]


def test_texts_are_stored_as_the_form_can_hold_them(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1", purpose="Оплата  «по счёту» — 5, без НДС"))
    assert payment.order.purpose == 'Оплата "по счёту" - 5, без НДС'


def test_a_foreign_payment_is_not_found(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    strangers = [other_partner(desk.caller), replace(desk.caller, customer_id="cus-2")]
    for stranger in strangers:
        with pytest.raises(NotFound):
            desk.payments.read(stranger, payment.id)
        assert desk.payments.find(stranger, "inv-1") is None
    renewed = replace(desk.caller, consent_id="cn_9", account_ids=())
    assert desk.payments.read(renewed, payment.id).id == payment.id, "fate outlives the consent it was sent under"


# the same payment under another id


def test_the_same_payment_under_another_id_is_flagged_not_dropped(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"))
    second, is_new = desk.submit(desk.order("inv-2"))
    assert is_new
    assert (second.possible_duplicate, second.possible_duplicate_of) == (True, first.id)
    desk.work()
    assert desk.core.bank.orders[second.id].possible_duplicate, "the customer sees the flag when signing"
    assert not desk.core.bank.orders[first.id].possible_duplicate


def test_a_batch_that_repeats_a_stored_payment_under_a_new_id_is_flagged_too(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"))
    batch, _ = desk.import_batch([desk.order("inv-1"), desk.order("inv-2"), desk.order("inv-3")])
    assert [line.possible_duplicate for line in batch.lines] == [False, True, True]
    assert desk.payments.find(desk.caller, "inv-3").possible_duplicate_of == first.id  # type: ignore[union-attr]


def test_another_partners_payment_is_flagged_but_never_named(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    second, _ = desk.submit(desk.order("inv-1"), caller=other_partner(desk.caller))
    assert (second.possible_duplicate, second.possible_duplicate_of) == (True, None)


def test_after_three_days_the_same_content_is_no_longer_suspicious(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    desk.clock.advance(days=3, seconds=1)
    second, _ = desk.submit(desk.order("inv-2"))
    assert not second.possible_duplicate


# batches


def test_a_batch_is_stored_whole_and_tells_each_line(desk: Desk) -> None:
    batch, is_new = desk.import_batch([desk.order(f"inv-{n}", number=str(n)) for n in range(1, 6)])
    assert is_new
    assert [line.status for line in batch.lines] == [PaymentStatus.QUEUED] * 5
    assert [line.external_id for line in batch.lines] == [f"inv-{n}" for n in range(1, 6)]
    assert desk.count("payments") == desk.count("outbox") == 5
    desk.work()
    present = desk.payments.read_import(desk.caller, batch.id)
    assert {line.status for line in present.lines} == {PaymentStatus.AWAITING_SIGNATURE}


def test_one_broken_order_stops_all_and_every_error_is_told_with_its_place(desk: Desk) -> None:
    good, bad = desk.order("inv-1"), desk.order("inv-2", number="0", purpose="")
    with pytest.raises(InvalidOrders) as broken:
        desk.import_batch([good, bad, replace(good, external_id="inv-3", account_id="acc_x")], key="k")
    told = [error.pointer for error in broken.value.errors]
    assert told == ["/payments/1/number", "/payments/1/purpose", "/payments/2/account_id"]
    assert desk.count("payments") == desk.count("imports") == desk.count("idempotency_keys") == 0
    _, is_new = desk.import_batch([good], key="k")
    assert is_new


def test_valid_only_stores_the_good_ones_and_tells_the_others(desk: Desk) -> None:
    orders = [desk.order("inv-1"), desk.order("inv-2", number="0"), desk.order("inv-3", number="103")]
    batch, _ = desk.import_batch(orders, mode=ImportMode.VALID_ONLY)
    assert [bool(line.payment_id) for line in batch.lines] == [True, False, True]
    assert [error.pointer for error in batch.lines[1].errors] == ["/payments/1/number"]
    assert desk.payments.read_import(desk.caller, batch.id) == batch


def test_valid_only_without_a_valid_order_is_refused(desk: Desk) -> None:
    with pytest.raises(InvalidOrders):
        desk.import_batch([desk.order("inv-1", number="0")], mode=ImportMode.VALID_ONLY)
    assert desk.count("imports") == 0


def test_a_batch_tells_external_ids_taken_by_other_orders(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"))
    orders = [desk.order("inv-1", number="55"), desk.order("inv-2", number="56")]
    with pytest.raises(InvalidOrders) as broken:
        desk.import_batch(orders)
    (error,) = broken.value.errors
    assert (error.pointer, error.code) == ("/payments/0/external_id", "external_id_taken")
    assert first.id in error.message


def test_an_external_id_told_twice_in_one_batch_is_an_error_of_the_second(desk: Desk) -> None:
    with pytest.raises(InvalidOrders) as broken:
        desk.import_batch([desk.order("inv-1"), desk.order("inv-1")])
    (error,) = broken.value.errors
    assert (error.pointer, error.code) == ("/payments/1/external_id", "repeated_in_batch")


def test_a_batch_that_overlaps_an_earlier_one_creates_only_what_is_new(desk: Desk) -> None:
    first, _ = desk.import_batch([desk.order("inv-1"), desk.order("inv-2", number="102")])
    second, is_new = desk.import_batch([desk.order("inv-2", number="102"), desk.order("inv-3", number="103")])
    assert is_new
    assert [line.is_new for line in second.lines] == [False, True]
    assert second.lines[0].payment_id == first.lines[1].payment_id
    assert desk.count("payments") == 3


def test_a_file_sent_again_under_another_key_is_the_same_import(desk: Desk) -> None:
    orders = [desk.order(None, number=str(n)) for n in (1, 2)]
    first, _ = desk.import_batch(orders, shape=ImportShape.ONEC)
    desk.work()
    again, is_new = desk.import_batch(orders, shape=ImportShape.ONEC)
    assert not is_new
    assert again.id == first.id
    assert {line.status for line in again.lines} == {PaymentStatus.AWAITING_SIGNATURE}
    assert (desk.count("payments"), desk.count("imports")) == (2, 1)


def test_two_identical_orders_in_one_file_are_an_error_of_the_second(desk: Desk) -> None:
    with pytest.raises(InvalidOrders) as broken:
        desk.import_batch([desk.order(None), desk.order(None)], shape=ImportShape.ONEC)
    assert [error.code for error in broken.value.errors] == ["repeated_in_batch"]


def test_the_key_of_a_batch_replays_the_batch(desk: Desk) -> None:
    first, _ = desk.import_batch([desk.order("inv-1")], key="k")
    assert desk.import_batch([desk.order("inv-1")], key="k") == (first, False)
    with pytest.raises(IdempotencyKeyReused):
        desk.import_batch([desk.order("inv-2", number="2")], key="k")
    with pytest.raises(IdempotencyKeyReused):
        desk.submit(desk.order("inv-1"), key="k")


# the feed of fates


def test_the_feed_tells_each_changed_payment_once_in_its_present_state(desk: Desk) -> None:
    ids = [desk.submit(desk.order(f"inv-{n}", number=str(n)))[0].id for n in range(1, 4)]
    page, cursor = desk.payments.list_fates(desk.caller, None, 2)
    assert ([payment.id for payment in page.payments], page.has_more) == (ids[:2], True)
    page, cursor = desk.payments.list_fates(desk.caller, cursor, 2)
    assert ([payment.id for payment in page.payments], page.has_more) == (ids[2:], False)
    assert desk.payments.list_fates(desk.caller, cursor, 2)[0].payments == ()
    desk.work()
    page, cursor = desk.payments.list_fates(desk.caller, cursor, 10)
    assert sorted(payment.id for payment in page.payments) == sorted(ids)
    assert {payment.status for payment in page.payments} == {PaymentStatus.AWAITING_SIGNATURE}


def test_a_cursor_that_the_feed_never_gave_is_refused(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    _, cursor = desk.payments.list_fates(desk.caller, None, 10)
    feed, _, _ = cursor.partition(".")
    for bad in ("", "p", "p1", "1", feed, *(f"{feed}.{number}" for number in ("", "-1", "x", "999", "9" * 19, "١"))):
        with pytest.raises(BadCursor):
            desk.payments.list_fates(desk.caller, bad, 10)
    assert desk.payments.list_fates(desk.caller, cursor, 10)[0].payments == ()


def test_a_cursor_of_another_customers_feed_is_refused(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    _, cursor = desk.payments.list_fates(desk.caller, None, 10)
    for other in (replace(desk.caller, customer_id="cus-2"), other_partner(desk.caller)):
        with pytest.raises(BadCursor):
            desk.payments.list_fates(other, cursor, 10)
    assert desk.payments.list_fates(desk.caller, cursor, 10)[0].payments == ()


# taking back


def test_an_account_that_left_the_consent_is_read_but_not_acted_on(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    narrowed = replace(desk.caller, account_ids=("acc_other",))
    assert desk.payments.read(narrowed, payment.id) == payment
    with pytest.raises(NotFound):
        desk.cancel(payment.id, caller=narrowed)
    assert desk.cancel(payment.id).status is PaymentStatus.CANCELLED


def test_a_cancellation_told_again_after_the_customer_signed_is_not_being_asked_any_more(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.faults.on("withdraw_document", Fault.LOST_BEFORE)
    assert desk.cancel(payment.id, key="k").status is PaymentStatus.AWAITING_SIGNATURE
    desk.core.bank.sign(payment.id)
    desk.drained()
    with pytest.raises(NotCancellable):
        desk.cancel(payment.id, key="k")
    desk.core.bank.execute(payment.id)
    desk.work()
    with pytest.raises(NotCancellable):
        desk.cancel(payment.id, key="k")


def test_a_queued_payment_is_cancelled_here_and_never_sent(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    assert desk.cancel(payment.id).status is PaymentStatus.CANCELLED
    desk.drained()
    assert desk.core.calls["submit_documents"] == 0
    assert statuses(desk.read(payment.id)) == ["received", "queued", "cancelled"]


def test_a_draft_at_the_bank_is_withdrawn_there(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    assert desk.cancel(payment.id, key="k").status is PaymentStatus.CANCELLED
    assert desk.core.bank.documents[payment.id].status is PaymentStatus.CANCELLED
    desk.work()
    assert desk.cancel(payment.id, key="k").status is PaymentStatus.CANCELLED
    assert desk.alarms() == []


def test_a_signed_payment_cannot_be_taken_back(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.sign(payment.id)
    with pytest.raises(NotCancellable):
        desk.cancel(payment.id, key="k")
    desk.core.bank.execute(payment.id)
    desk.work()
    with pytest.raises(NotCancellable):
        desk.cancel(payment.id, key="k")
    assert desk.read(payment.id).status is PaymentStatus.EXECUTED


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_withdrawal_whose_answer_is_lost_is_finished_by_the_worker(desk: Desk, fault: Fault) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.faults.on("withdraw_document", fault)
    assert desk.cancel(payment.id, key="k").status is PaymentStatus.AWAITING_SIGNATURE
    assert desk.cancel(payment.id, key="k").status is PaymentStatus.AWAITING_SIGNATURE
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.CANCELLED


def test_a_withdrawal_that_the_bank_refuses_to_the_worker_leaves_the_payment_as_it_is(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.faults.on("withdraw_document", Fault.LOST_BEFORE)
    desk.cancel(payment.id)
    desk.core.bank.sign(payment.id)
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.SIGNED


@pytest.mark.parametrize("fault", [Fault.LOST_BEFORE, Fault.LOST_AFTER])
def test_a_payment_in_doubt_that_is_taken_back_never_stays_with_the_bank(desk: Desk, fault: Fault) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.core.faults.on("submit_documents", fault)
    desk.delivery.send_due()
    assert desk.cancel(payment.id).status is PaymentStatus.UNKNOWN
    desk.drained()
    assert desk.read(payment.id).status is PaymentStatus.CANCELLED
    document = desk.core.bank.documents.get(payment.id)
    assert document is None or document.status is PaymentStatus.CANCELLED


def test_a_foreign_payment_cannot_be_taken_back(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    stranger: Caller = other_partner(desk.caller)
    with pytest.raises(NotFound):
        desk.cancel(payment.id, caller=stranger)
    assert desk.cancel(payment.id).status is PaymentStatus.CANCELLED


def test_a_core_that_cannot_withdraw_says_so_at_once(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    desk.work()
    desk.core.bank.capabilities = lambda: replace(MemoryBank().capabilities(), can_withdraw=False)
    with pytest.raises(NotCancellable):
        desk.cancel(payment.id)
    assert desk.read(payment.id).status is PaymentStatus.AWAITING_SIGNATURE


@pytest.mark.parametrize(
    ("changed", "code"),
    [
        ({"status": AccountStatus.BLOCKED}, "account_blocked"),
        ({"status": AccountStatus.CLOSED}, "account_closed"),
        ({"currency": "USD"}, "not_a_rouble_account"),
    ],
)
def test_an_account_that_cannot_pay_is_told(desk: Desk, changed: dict[str, Any], code: str) -> None:
    book = desk.payments.orders.accounts
    known = desk.core.list_accounts("cus-1", Deadline.after(1))
    book.register("cus-1", [replace(one, **changed) for one in known], desk.clock.now())
    with pytest.raises(InvalidOrders) as broken:
        desk.submit(desk.order("inv-1"), key="k")
    assert [(error.pointer, error.code) for error in broken.value.errors] == [("/account_id", code)]
    book.register("cus-1", known, desk.clock.now())
    assert desk.submit(desk.order("inv-1"), key="k")[1]
