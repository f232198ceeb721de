"""The JSON of an order: what is written is read back the same, and anything else is an error, never an exception."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.errors import FieldError
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.schemas.orders import TEXT_MAX, dump_order, load_order, load_stored_order
from adapter.schemas.payment_shapes import OrderInput
from tests.fakes import payment_order

TEXTS = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=TEXT_MAX)
OPTIONAL = st.none() | TEXTS
ORDERS = st.builds(
    PaymentOrder,
    external_id=st.text(st.characters(min_codepoint=0x21, max_codepoint=0x7E), min_size=1, max_size=64),
    number=TEXTS,
    date=st.dates(dt.date(1000, 1, 1)),
    amount=st.builds(Money, st.decimals(0, Decimal("9999999999999999.99"), places=2)),
    account_id=TEXTS,
    payer_account=st.none(),
    payer=st.none() | st.builds(Party, name=TEXTS, inn=st.none() | TEXTS.filter(bool), kpp=st.none()),
    purpose=TEXTS,
    priority=st.integers(1, 5),
    payee=st.builds(Counterparty, name=TEXTS, account=TEXTS, bic=TEXTS, inn=OPTIONAL, kpp=OPTIONAL, bank_name=OPTIONAL),
    budget=st.none()
    | st.builds(
        BudgetDetails, drawer_status=TEXTS.filter(lambda text: text.strip("0")), kbk=OPTIONAL, basis_date=OPTIONAL
    ),
    uin=OPTIONAL,
    operation_code=TEXTS,
)
JSON_VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)


def valid() -> dict[str, Any]:
    return dump_order(payment_order(external_id="inv-1", account_id="acc_1"))


@given(ORDERS)
def test_an_order_is_read_back_as_it_was_written(order: PaymentOrder) -> None:
    assert load_stored_order(orjson.loads(orjson.dumps(dump_order(order)))) == order


@given(ORDERS)
def test_the_shape_in_the_document_takes_what_the_reader_takes(order: PaymentOrder) -> None:
    assert OrderInput().validate(dump_order(order)) == {}


@given(JSON_VALUES)
def test_any_json_is_an_order_or_a_list_of_errors(data: Any) -> None:
    errors: list[FieldError] = []
    assert (load_order(data, "/payments/0", errors) is None) == bool(errors)
    assert all(error.pointer.startswith("/payments/0") and error.message for error in errors)


@given(st.sampled_from(sorted(valid())), JSON_VALUES)
def test_one_field_with_any_value_is_read_or_told(name: str, value: Any) -> None:
    errors: list[FieldError] = []
    order = load_order(valid() | {name: value}, "", errors)
    assert (order is None) == bool(errors)
    if order is None:
        assert all(error.pointer.startswith(f"/{name}") for error in errors)
    else:
        assert OrderInput().validate(valid() | {name: value}) == {}


def test_zeros_in_every_budget_field_say_that_there_is_none() -> None:
    zeros = {"drawer_status": "0", "kbk": "0", "oktmo": "", "reason": None, "payment_type": "0"}
    assert load_order(valid() | {"budget": zeros}, "", []) == load_order(valid(), "", [])
    order = load_order(valid() | {"budget": zeros | {"kbk": "0" * 20}}, "", [])
    assert order is not None
    assert order.budget is not None


def test_a_wrong_currency_is_told_with_the_field_of_the_form() -> None:
    errors: list[FieldError] = []
    load_order(valid() | {"currency": "USD"}, "", errors)
    assert [(error.pointer, error.form_field) for error in errors] == [("/currency", "7")]


def test_all_errors_of_an_order_are_told_at_once() -> None:
    errors: list[FieldError] = []
    load_order({"number": 1, "amount": "x", "payee": {"name": 1, "x": 2}, "y": 3}, "", errors)
    told = {(error.pointer, error.code) for error in errors}
    assert told >= {
        ("/number", "not_text"),
        ("/amount", "bad_amount"),
        ("/payee/name", "not_text"),
        ("/payee/x", "unknown_field"),
        ("/payee/bic", "required"),
        ("/y", "unknown_field"),
        ("/date", "required"),
    }


def test_an_order_without_a_purpose_is_left_to_the_rules() -> None:
    errors: list[FieldError] = []
    order = load_order({name: value for name, value in valid().items() if name != "purpose"}, "", errors)
    assert (order and order.purpose, errors) == ("", [])


@pytest.mark.parametrize(
    ("name", "value", "code", "form_field"),
    [("currency", "USD", "currency", "7"), ("priority", 6, "priority", "21"), ("amount", "1,5", "bad_amount", "7")],
)
def test_an_error_has_the_number_on_the_form(name: str, value: Any, code: str, form_field: str) -> None:
    errors: list[FieldError] = []
    load_order(valid() | {name: value}, "", errors)
    assert [(error.field, error.code, error.form_field) for error in errors] == [(name, code, form_field)]


def test_a_stored_order_that_cannot_be_read_is_a_fault_of_ours() -> None:
    with pytest.raises(ValueError, match="/number"):
        load_stored_order(valid() | {"number": 1})


def test_unknown_fields_of_one_object_are_one_error_that_names_the_first() -> None:
    errors: list[FieldError] = []
    load_order(valid() | {f"x{n}": 1 for n in range(30)}, "/payments/3", errors)
    (error,) = errors
    assert (error.pointer, error.code) == ("/payments/3/x0", "unknown_field")
    assert "x19" in error.message
    assert "x20" not in error.message
    assert "ещё 10" in error.message


def test_an_object_of_far_too_many_fields_is_not_read() -> None:
    errors: list[FieldError] = []
    load_order(valid() | {"payee": {f"x{n}": 1 for n in range(101)}}, "", errors)
    assert [(error.pointer, error.code) for error in errors] == [("/payee", "too_many_fields")]
