from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from tests.domain.orders import COMPANY, SUPPLIER_ORDER, TAX_ORDER, codes_of, errors_of, with_budget, with_payee

BROKEN_PAYEES: list[tuple[dict[str, Any], str, str, str]] = [
    ({"account": "03100643000000018501"}, "/payee/account", "tax_service_account", "03100643000000018500"),
    ({"bic": "004525988"}, "/payee/bic", "tax_service_bic", "017003983"),
    ({"inn": "7707083893"}, "/payee/inn", "tax_service_inn", "7727406020"),
    ({"inn": None}, "/payee/inn", "required", "7727406020"),
    ({"kpp": "770801001"}, "/payee/kpp", "tax_service_kpp", "770701001"),
    ({"kpp": "0"}, "/payee/kpp", "required", "770701001"),
    (
        {"correspondent_account": None},
        "/payee/correspondent_account",
        "unified_treasury_account_required",
        "40102810445370000059",
    ),
    (
        {"correspondent_account": "40102810545370000003"},
        "/payee/correspondent_account",
        "unified_treasury_account_differs",
        "40102810445370000059",
    ),
]


@pytest.mark.parametrize(("changes", "pointer", "code", "right"), BROKEN_PAYEES)
def test_the_tax_service_is_named_rightly_and_the_right_value_is_told(
    changes: dict[str, Any], pointer: str, code: str, right: str
) -> None:
    (error,) = errors_of(with_payee(TAX_ORDER, **changes))
    assert (error.pointer, error.code, error.right_value) == (pointer, code, right)
    assert error.reference is not None
    assert right in error.reference
    assert errors_of(TAX_ORDER) == []


def test_what_is_missing_is_told_with_the_value_to_fill_in() -> None:
    (error,) = errors_of(with_payee(TAX_ORDER, kpp="0"))
    assert error.message == "Поле 103: не заполнено; укажите 770701001"


def test_the_rule_is_told_with_the_value_to_use() -> None:
    (error,) = errors_of(with_payee(TAX_ORDER, kpp="770801001"))
    assert error.reference == "ФНС сменила КПП 05.12.2025; укажите 770701001"
    assert error.message == "Поле 103: КПП получателя - ФНС России; верно: 770701001"


@pytest.mark.parametrize(
    ("day", "right", "wrong"),
    [(dt.date(2025, 12, 4), "770801001", "770701001"), (dt.date(2025, 12, 5), "770701001", "770801001")],
)
def test_the_kpp_is_that_of_the_date_of_the_order_and_not_of_today(day: dt.date, right: str, wrong: str) -> None:
    order = replace(TAX_ORDER, date=day)
    for today in (dt.date(2025, 12, 4), dt.date(2025, 12, 5)):
        assert codes_of(with_payee(order, kpp=right), today=today) == []
        assert codes_of(with_payee(order, kpp=wrong), today=today) == [("/payee/kpp", "tax_service_kpp")]


BROKEN_BUDGETS: list[tuple[dict[str, Any], str, str, str | None]] = [
    ({"drawer_status": "08"}, "/budget/drawer_status", "status_of_other_receiver", None),
    ({"kbk": "0"}, "/budget/kbk", "required", "18201061201010000510"),
    ({"reason": "ТП"}, "/budget/reason", "not_for_tax_service", "0"),
    ({"tax_period": "МС.02.2026"}, "/budget/tax_period", "not_for_tax_service", "0"),
    ({"basis_number": "5"}, "/budget/basis_number", "not_for_tax_service", "0"),
    ({"basis_date": "01.02.2026"}, "/budget/basis_date", "not_for_tax_service", "0"),
]


@pytest.mark.parametrize(("changes", "pointer", "code", "right"), BROKEN_BUDGETS)
def test_the_budget_fields_are_those_of_the_tax_service(
    changes: dict[str, Any], pointer: str, code: str, right: str | None
) -> None:
    (error,) = errors_of(with_budget(TAX_ORDER, **changes))
    assert (error.pointer, error.code, error.right_value) == (pointer, code, right)
    assert error.reference


@pytest.mark.parametrize(
    "changes",
    [
        {"drawer_status": "13"},
        {"oktmo": "45328000"},
        {"oktmo": None, "reason": None, "tax_period": None, "basis_number": None, "basis_date": None},
    ],
)
def test_what_the_tax_service_takes_passes(changes: dict[str, Any]) -> None:
    assert errors_of(with_budget(TAX_ORDER, **changes)) == []


def test_only_a_person_who_names_a_charge_needs_no_inn() -> None:
    order = replace(with_budget(TAX_ORDER, drawer_status="13"), uin="18209965144380684245")
    assert codes_of(order, payer=None) == []
    missing = ("/payer/inn", "payer_inn_required")
    assert codes_of(with_budget(order, drawer_status="01"), payer=None) == [missing]
    assert codes_of(replace(order, uin="0"), payer=None) == [missing]


def test_a_charge_has_twenty_or_twenty_five_digits() -> None:
    (error,) = errors_of(replace(TAX_ORDER, uin="1234"))
    assert (error.pointer, error.code) == ("/uin", "uin_length")
    assert "приложение 2" in (error.reference or "")


def test_taxes_are_paid_in_the_fifth_place() -> None:
    (error,) = errors_of(replace(TAX_ORDER, priority=2))
    assert (error.code, error.right_value) == ("priority_of_tax", "5")
    assert errors_of(replace(TAX_ORDER, priority=3)) == []
    assert errors_of(replace(SUPPLIER_ORDER, priority=2)) == []


def test_a_payment_by_a_company_passes() -> None:
    assert errors_of(TAX_ORDER, payer=COMPANY) == []


def test_what_is_meant_for_the_tax_service_is_told_its_right_account() -> None:
    by_kbk = with_payee(TAX_ORDER, account="03100643000000017300", inn="7703363868")
    assert ("/payee/account", "tax_service_account") in codes_of(by_kbk)
    by_inn = with_budget(with_payee(TAX_ORDER, account="03100643000000017300"), kbk="18210803010011060110")
    assert codes_of(by_inn) == [("/payee/account", "tax_service_account")]
