"""Orders against the directory of banks: fields 14 and 15 where one is loaded, the key rules alone where none is."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.connectors.sandbox.sample import bank_directory
from adapter.domain.errors import FieldError, InvalidOrders
from adapter.domain.payments import PaymentOrder
from adapter.formats.ed807 import parse_directory
from adapter.store.banks import StoredBanks
from adapter.store.database import Database
from tests.payment_desk import Desk

UNKNOWN_BIC = "044030790"  # well-formed, in no directory


@pytest.fixture
def desk(database: Database) -> Desk:
    return Desk(database)


def load_banks(desk: Desk) -> None:
    StoredBanks(desk.database).replace(parse_directory(bank_directory()), desk.clock.now())


def paid_to(desk: Desk, external_id: str, **changed: str | None) -> PaymentOrder:
    order = desk.order(external_id)
    return replace(order, payee=replace(order.payee, **changed))


def errors_of(desk: Desk, order: PaymentOrder) -> list[FieldError]:
    with pytest.raises(InvalidOrders) as broken:
        desk.submit(order)
    return list(broken.value.errors)


def test_a_bank_in_the_directory_is_taken(desk: Desk) -> None:
    load_banks(desk)
    _, is_new = desk.submit(desk.order("inv-1"))
    assert is_new


def test_another_correspondent_account_is_an_error_that_tells_the_right_one(desk: Desk) -> None:
    other = "30101810100000000655"  # its key fits the region of the bic: only the directory knows better
    desk.submit(paid_to(desk, "inv-1", correspondent_account=other))
    load_banks(desk)
    (error,) = errors_of(desk, paid_to(desk, "inv-2", correspondent_account=other))
    assert (error.field, error.form_field, error.right_value) == (
        "payee.correspondent_account",
        "15",
        "30101810500000000653",
    )
    _, is_new = desk.submit(desk.order("inv-2"))
    assert is_new


def test_a_bic_that_no_bank_has_is_an_error_once_a_directory_is_loaded(desk: Desk) -> None:
    account = "40702810555230165464"
    unknown = {"bic": UNKNOWN_BIC, "account": account, "correspondent_account": None}
    desk.submit(paid_to(desk, "inv-1", **unknown))
    load_banks(desk)
    assert ("payee.bic", "14") in [
        (one.field, one.form_field) for one in errors_of(desk, paid_to(desk, "x", **unknown))
    ]
    _, is_new = desk.submit(desk.order("inv-2"))
    assert is_new


def test_a_directory_that_is_loaded_meanwhile_is_used_by_the_next_order(desk: Desk) -> None:
    wrong = "30101810100000000655"
    desk.submit(paid_to(desk, "inv-1", correspondent_account=wrong))
    load_banks(desk)
    assert errors_of(desk, paid_to(desk, "inv-3", correspondent_account=wrong))


@pytest.mark.parametrize("bic", ["", "0" * 500, "\x00" * 9, "04403065\u0660", "'; DROP"])
def test_a_bic_that_cannot_be_one_is_a_broken_rule_not_a_failure(desk: Desk, bic: str) -> None:
    load_banks(desk)
    fields = [error.field for error in errors_of(desk, paid_to(desk, "inv-1", bic=bic))]
    assert "payee.bic" in fields
    _, is_new = desk.submit(desk.order("inv-1"))
    assert is_new


def test_a_whole_batch_asks_the_directory_once(desk: Desk) -> None:
    asked: list[int] = []
    book = desk.payments.orders.banks

    class Counting:
        def find_banks(self, bics: set[str]) -> object:
            asked.append(len(bics))
            return book.find_banks(bics)

    load_banks(desk)
    counting = replace(desk.payments.orders, banks=Counting())  # type: ignore[arg-type]
    desk.payments = replace(desk.payments, orders=counting)
    desk.import_batch([desk.order(f"inv-{number}", number=str(number)) for number in range(1, 51)])
    assert asked == [1]
