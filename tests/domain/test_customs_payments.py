from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.parties import Party
from tests.domain.orders import COMPANY, CUSTOMS_ORDER, codes_of, errors_of, with_budget, with_payee

DECLARED = {"reason": "ТД", "basis_number": "1234567", "basis_date": "01.02.2026"}
BROKEN: list[tuple[dict[str, Any], str, str, str | None]] = [
    ({"kbk": None}, "/budget/kbk", "required", None),
    ({"oktmo": "45382000"}, "/budget/oktmo", "customs_oktmo", "45328000"),
    ({"oktmo": "0"}, "/budget/oktmo", "required", "45328000"),
    ({"reason": "ТП"}, "/budget/reason", "customs_reason", None),
    ({"reason": "0"}, "/budget/reason", "customs_reason", None),
    ({"reason": None}, "/budget/reason", "customs_reason", None),
    ({"tax_period": "0"}, "/budget/tax_period", "customs_office", None),
    ({"tax_period": "МС.02.2026"}, "/budget/tax_period", "customs_office", None),
    ({"basis_number": "5"}, "/budget/basis_number", "no_document", "0"),
    ({"basis_date": "01.02.2026"}, "/budget/basis_date", "no_document", "0"),
    ({**DECLARED, "basis_number": "12345678"}, "/budget/basis_number", "customs_number_too_long", None),
    ({**DECLARED, "reason": "ИЛ", "basis_number": "1234567890123456"}, "/budget/basis_number", "too_long", None),
    ({**DECLARED, "reason": "ИЛ", "basis_number": "0"}, "/budget/basis_number", "required", None),
    ({**DECLARED, "basis_date": "1.2.2026"}, "/budget/basis_date", "date_form", None),
    ({**DECLARED, "basis_date": "0"}, "/budget/basis_date", "customs_date", None),
    ({**DECLARED, "basis_date": "00"}, "/budget/basis_date", "customs_date", None),
    ({**DECLARED, "basis_date": None}, "/budget/basis_date", "customs_date", None),
]


@pytest.mark.parametrize(("changes", "pointer", "code", "right"), BROKEN)
def test_the_budget_fields_are_those_of_the_customs(
    changes: dict[str, Any], pointer: str, code: str, right: str | None
) -> None:
    (error,) = errors_of(with_budget(CUSTOMS_ORDER, **changes))
    assert (error.pointer, error.code, error.right_value) == (pointer, code, right)


@pytest.mark.parametrize(
    "changes",
    [
        {"basis_number": "00", "basis_date": "00"},
        {"basis_number": None, "basis_date": None},
        DECLARED,
        {**DECLARED, "reason": "ПК", "basis_number": None},
        {**DECLARED, "reason": "КЭ", "basis_number": "123456789012345"},
        {"drawer_status": "16"},
    ],
)
def test_what_the_customs_take_passes(changes: dict[str, Any]) -> None:
    assert errors_of(with_budget(CUSTOMS_ORDER, **changes)) == []


@pytest.mark.parametrize(
    ("changes", "pointer", "code", "right"),
    [
        ({"bic": "017003983"}, "/payee/bic", "customs_bic", "024501901"),
        ({"inn": "7707083893"}, "/payee/inn", "customs_inn", "7730176610"),
        ({"kpp": "770701001"}, "/payee/kpp", "customs_kpp", "773001001"),
        (
            {"correspondent_account": "40102810445370000059"},
            "/payee/correspondent_account",
            "unified_treasury_account_differs",
            "40102810045370000002",
        ),
    ],
)
def test_the_customs_are_named_rightly(changes: dict[str, Any], pointer: str, code: str, right: str) -> None:
    (error,) = errors_of(with_payee(CUSTOMS_ORDER, **changes))
    assert (error.pointer, error.code, error.right_value) == (pointer, code, right)


@pytest.mark.parametrize("purpose", ["", "0"])
def test_the_purpose_is_told(purpose: str) -> None:
    assert codes_of(replace(CUSTOMS_ORDER, purpose=purpose)) == [("/purpose", "required")]


def test_what_is_missing_is_told_with_the_value_to_fill_in() -> None:
    (error,) = errors_of(with_budget(CUSTOMS_ORDER, oktmo="0"))
    assert error.message == "Поле 105: не заполнено; укажите 45328000"


def test_persons_have_an_inn_of_twelve_digits() -> None:
    assert codes_of(CUSTOMS_ORDER, payer=COMPANY) == [("/payer/inn", "payer_inn_length")]
    assert codes_of(with_budget(CUSTOMS_ORDER, drawer_status="28"), payer=COMPANY) == []


def test_only_foreigners_have_no_inn() -> None:
    nobody = Party(name="Smith")
    assert codes_of(CUSTOMS_ORDER, payer=nobody) == [("/payer/inn", "payer_inn_required")]
    foreigners = with_budget(CUSTOMS_ORDER, drawer_status="30")
    assert codes_of(foreigners, payer=nobody) == []
    # Paid for by the bank's customer, who has an INN of his own.
    for_nobody = replace(foreigners, purpose="500100732259//0//Smith John//Пошлина", payer=replace(nobody, inn="0"))
    assert codes_of(for_nobody) == []
    assert codes_of(with_budget(for_nobody, drawer_status="28")) == [("/payer/inn", "payer_inn_required")]


def test_status_06_is_for_those_who_pay_for_somebody_else() -> None:
    order = with_budget(CUSTOMS_ORDER, drawer_status="06")
    assert codes_of(order) == [("/budget/drawer_status", "status_of_third_person")]
    for_another = replace(order, purpose='500100732259//ООО "Лира"//Авансовые платежи', payer=COMPANY)
    assert codes_of(for_another) == []
    person = Party(name="Петров", inn="773605950159")
    assert codes_of(replace(for_another, payer=person)) == [("/payer/inn", "payer_inn_length")]


def test_a_charge_has_twenty_or_twenty_five_digits() -> None:
    (error,) = errors_of(replace(CUSTOMS_ORDER, uin="1234"))
    assert (error.pointer, error.code) == ("/uin", "uin_length")
    assert "приложение 3" in (error.reference or "")
    assert codes_of(replace(CUSTOMS_ORDER, uin="18209965144380684245")) == []


def test_customs_payments_are_paid_in_the_fifth_place() -> None:
    assert codes_of(replace(CUSTOMS_ORDER, priority=4)) == [("/priority", "priority_of_tax")]
