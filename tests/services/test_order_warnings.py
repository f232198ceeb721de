"""What is told of orders that are taken: put-right texts, look-alikes, second looks - in checks, answers and reads."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from adapter.domain.errors import FieldError, InvalidOrders
from adapter.domain.imports import CheckReport, ImportMode, ImportShape, OrderLine, SentBatch
from adapter.domain.payments import PaymentOrder
from adapter.schemas.payments import dump_payment
from adapter.store.database import Database
from tests.payment_desk import Caller, Desk, claim, other_partner

ODD_PURPOSE = "Оплата  «по счёту» — 5, без НДС"


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def codes(warnings: Sequence[FieldError]) -> list[str]:
    return [warning.code for warning in warnings]


def check(desk: Desk, *orders: PaymentOrder, caller: Caller | None = None) -> CheckReport:
    lines = [OrderLine(order=order, pointer=f"/payments/{place}") for place, order in enumerate(orders)]
    return desk.payments.check(caller or desk.caller, SentBatch(lines=lines))


# what was put right


def test_a_text_that_is_put_right_is_told_before_and_after_and_stays_told(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1", purpose=ODD_PURPOSE))
    (warning,) = payment.warnings
    assert (warning.code, warning.field, warning.form_field, warning.pointer) == (
        "normalised",
        "purpose",
        "24",
        "/purpose",
    )
    assert (warning.before, warning.after) == (ODD_PURPOSE, 'Оплата "по счёту" - 5, без НДС')
    assert desk.read(payment.id).warnings == (warning,)
    assert desk.payments.find(desk.caller, "inv-1") == payment
    page, _ = desk.payments.list_fates(desk.caller, None, 10)
    assert [one.warnings for one in page.payments] == [(warning,)]


def test_an_order_without_anything_odd_has_no_warnings(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1"))
    assert payment.warnings == ()
    assert check(desk, desk.order("inv-2", number="102")).warnings == []


def test_a_retry_tells_the_warnings_of_the_first_answer(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1", purpose=ODD_PURPOSE), key="k")
    assert desk.submit(desk.order("inv-1", purpose=ODD_PURPOSE), key="k") == (first, False)


def test_what_deserves_a_second_look_is_told_with_the_payment(desk: Desk) -> None:
    payment, _ = desk.submit(desk.order("inv-1", purpose="Оплата по договору 7"))
    assert codes(payment.warnings) == ["vat_not_named"]


# look-alikes


def test_a_look_alike_names_the_payment_of_the_same_partner(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"))
    second, _ = desk.submit(desk.order("inv-2"))
    (warning,) = second.warnings
    assert warning.code == "looks_like_another"
    assert first.id in warning.message
    assert desk.read(second.id).warnings == (warning,)
    assert desk.read(first.id).warnings == (), "the first is not blamed for the second"


def test_the_payment_of_another_partner_is_not_named(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"))
    second, _ = desk.submit(desk.order("my-1"), caller=other_partner(desk.caller))
    (warning,) = second.warnings
    assert warning.code == "looks_like_another"
    assert first.id not in warning.message
    assert "inv-1" not in warning.message


def test_who_reads_no_statements_hears_nothing_of_others_payments(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    stranger = replace(other_partner(desk.caller), scopes=frozenset(("payments",)))
    second, _ = desk.submit(desk.order("my-1"), caller=stranger)
    assert second.warnings == ()
    assert not dump_payment(second)["possible_duplicate"]
    assert not dump_payment(desk.payments.read(stranger, second.id))["possible_duplicate"]
    desk.work()
    assert desk.core.bank.orders[second.id].possible_duplicate, "the customer sees it when signing"
    third, _ = desk.submit(desk.order("my-2"), caller=stranger)
    assert codes(third.warnings) == ["looks_like_another"], "of its own payments it hears"
    assert dump_payment(desk.payments.read(stranger, third.id))["possible_duplicate"]


def test_lines_of_an_import_hide_others_payments_too(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    stranger = replace(other_partner(desk.caller), scopes=frozenset(("payments",)))
    desk.caller = stranger
    batch, _ = desk.import_batch([desk.order("my-1"), desk.order("my-2", number="2")])
    assert [(line.possible_duplicate, line.warnings) for line in batch.lines] == [(False, ()), (False, ())]


def test_a_check_finds_out_nothing_of_others_payments(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"), caller=other_partner(desk.caller))
    assert check(desk, desk.order("my-1")).warnings == []
    desk.submit(desk.order("my-1"))
    assert codes(check(desk, desk.order("my-2")).warnings) == ["looks_like_another"]


def test_a_check_tells_look_alikes_too_and_stores_nothing(desk: Desk) -> None:
    first, _ = desk.submit(desk.order("inv-1"))
    report = check(desk, desk.order("inv-7", number="7"), desk.order("inv-2"))
    (warning,) = report.warnings
    assert (warning.code, warning.pointer) == ("looks_like_another", "/payments/1")
    assert first.id in warning.message
    assert desk.count("payments") == 1


def test_a_check_of_what_is_stored_already_is_no_look_alike_of_itself(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    assert check(desk, desk.order("inv-1")).warnings == []


def test_a_look_alike_in_the_same_batch_is_named_by_its_external_id(desk: Desk) -> None:
    report = check(desk, desk.order("inv-1"), desk.order("inv-2"))
    (warning,) = report.warnings
    assert warning.pointer == "/payments/1"
    assert "inv-1" in warning.message
    batch, _ = desk.import_batch([desk.order("inv-1"), desk.order("inv-2")])
    assert [codes(line.warnings) for line in batch.lines] == [[], ["looks_like_another"]]
    assert batch.lines[1].warnings == (warning,), "the import says what the check said"


def test_what_came_before_the_window_of_days_is_no_look_alike(desk: Desk) -> None:
    desk.submit(desk.order("inv-1"))
    desk.clock.advance(days=4)
    assert check(desk, desk.order("inv-2")).warnings == []
    payment, _ = desk.submit(desk.order("inv-2"))
    assert payment.warnings == ()


# batches


def test_each_line_of_an_import_has_its_warnings_now_and_whenever_it_is_read(desk: Desk) -> None:
    desk.submit(desk.order("inv-0"))
    orders = [
        desk.order("inv-1", number="1"),
        desk.order("inv-2", number="2", purpose=ODD_PURPOSE),
        desk.order("inv-3"),
        desk.order("inv-4", number="4", purpose="Оплата"),
    ]
    batch, _ = desk.import_batch(orders, key="k")
    assert [codes(line.warnings) for line in batch.lines] == [
        [],
        ["normalised"],
        ["looks_like_another"],
        ["vat_not_named"],
    ]
    assert [[one.pointer for one in line.warnings] for line in batch.lines] == [
        [],
        ["/payments/1/purpose"],
        ["/payments/2"],
        ["/payments/3/purpose"],
    ]
    assert desk.payments.read_import(desk.caller, batch.id).lines == batch.lines
    again, is_new = desk.import_batch(orders, key="k")
    assert (again.lines, is_new) == (batch.lines, False)
    stored = desk.payments.find(desk.caller, "inv-2")
    assert stored is not None
    assert [one.pointer for one in stored.warnings] == ["/purpose"], "a payment alone knows no batch"


def test_warnings_of_a_file_stand_at_the_lines_of_the_fields(desk: Desk) -> None:
    order = desk.order(None, purpose=ODD_PURPOSE)
    line = OrderLine(order=order, pointer="/payments/0", line=10, field_lines={"purpose": 17})
    batch, _ = desk.payments.import_batch(
        desk.caller, claim("import", None, "file"), SentBatch(lines=[line], shape=ImportShape.ONEC)
    )
    assert [one.line for one in batch.lines[0].warnings] == [17]


def test_a_refused_line_tells_its_warnings_beside_its_errors(desk: Desk) -> None:
    orders = [desk.order("inv-1"), desk.order("inv-2", number="0", purpose=ODD_PURPOSE)]
    batch, _ = desk.import_batch(orders, mode=ImportMode.VALID_ONLY)
    refused = batch.lines[1]
    assert (codes(refused.errors), codes(refused.warnings)) == (["number_zeros"], ["normalised"])
    with pytest.raises(InvalidOrders):
        desk.import_batch(orders)
