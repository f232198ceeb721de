from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.domain.order_advice import list_warnings
from adapter.domain.payments import PaymentOrder
from tests.domain.orders import (
    CUSTOMS_ORDER,
    FUND_ORDER,
    GOOD_ORDERS,
    NON_RESIDENT_ORDER,
    PERSON_ORDER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    VALUES,
    errors_of,
    with_budget,
)

WAGES = replace(PERSON_ORDER, purpose="Заработная плата за октябрь 2026", income_type_code="1", priority=3)


def codes(order: PaymentOrder) -> list[tuple[str, str]]:
    assert errors_of(order) == []
    return [(warning.pointer, warning.code) for warning in list_warnings(order, VALUES)]


@pytest.mark.parametrize("order", [*GOOD_ORDERS, WAGES])
def test_a_good_order_has_no_warnings(order: PaymentOrder) -> None:
    assert codes(order) == []


def test_wages_go_in_the_third_place_with_a_code_of_income() -> None:
    assert codes(replace(WAGES, income_type_code=None)) == [("/income_type_code", "income_type_of_wages")]
    assert codes(replace(WAGES, priority=5)) == [("/priority", "priority_of_wages")]


def test_a_kbk_that_is_not_of_the_single_tax_payment_is_told() -> None:
    order = with_budget(TAX_ORDER, kbk="18210803010011060110")
    (warning,) = list_warnings(order, VALUES)
    assert (warning.code, warning.right_value) == ("kbk_not_single_tax", "18201061201010000510")
    assert errors_of(order) == []


def test_an_odd_tax_period_is_told() -> None:
    assert codes(with_budget(FUND_ORDER, tax_period="НОЯБРЬ")) == [("/budget/tax_period", "tax_period_form")]
    assert codes(with_budget(FUND_ORDER, tax_period="МС.11.2026")) == []


def test_a_third_person_outside_the_budget_is_told() -> None:
    order = replace(SUPPLIER_ORDER, purpose="7707083893//ООО Лира//без НДС")
    assert codes(order) == [("/purpose", "third_person_outside_budget")]


def test_vat_is_not_asked_of_taxes_and_persons() -> None:
    assert codes(replace(PERSON_ORDER, purpose="Возврат займа")) == []
    assert codes(replace(FUND_ORDER, purpose="Взносы")) == []
    assert codes(replace(NON_RESIDENT_ORDER, purpose="{VO20100} Оплата")) == [("/purpose", "vat_not_named")]


@pytest.mark.parametrize("purpose", ["", "0"])
def test_an_empty_purpose_is_an_error_and_no_advice_about_vat(purpose: str) -> None:
    assert list_warnings(replace(SUPPLIER_ORDER, purpose=purpose), VALUES) == []
    assert codes(replace(SUPPLIER_ORDER, purpose="Оплата по счету 7")) == [("/purpose", "vat_not_named")]


def test_a_customs_document_without_a_number_is_told() -> None:
    declared = with_budget(CUSTOMS_ORDER, reason="ТД", basis_date="01.02.2026")
    assert codes(declared) == [("/budget/basis_number", "customs_number")]
    assert codes(with_budget(declared, basis_number="1234567")) == []
    assert list_warnings(with_budget(declared, reason="ИЛ"), VALUES) == [], "that is an error"
    assert codes(CUSTOMS_ORDER) == []
