"""What payments to the budget of every kind share: forms, widths, status, treasury accounts, the payer."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.identifiers import account_key
from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder
from tests.domain.orders import (
    COMPANY,
    CUSTOMS_ORDER,
    FUND_ORDER,
    SUPPLIER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    codes_of,
    errors_of,
    with_budget,
    with_payee,
)

BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"drawer_status": ""}, "/budget/drawer_status", "drawer_status"),
    ({"drawer_status": "02"}, "/budget/drawer_status", "drawer_status"),  # ended with 2023
    ({"drawer_status": "01"}, "/budget/drawer_status", "status_of_other_receiver"),
    ({"kbk": "1820106120101000051"}, "/budget/kbk", "kbk_form"),
    ({"kbk": "0" * 20}, "/budget/kbk", "kbk_zeros"),
    ({"oktmo": "4532800"}, "/budget/oktmo", "oktmo_form"),
    ({"reason": "ТПП"}, "/budget/reason", "reason_form"),
    ({"tax_period": "МС.02.20261"}, "/budget/tax_period", "too_long"),
    ({"tax_period": "00"}, "/budget/tax_period", "several_zeros"),
    ({"tax_period": "31.02.2026"}, "/budget/tax_period", "date_form"),
    ({"tax_period": "€"}, "/budget/tax_period", "forbidden_characters"),
    ({"basis_number": "1" * 16}, "/budget/basis_number", "too_long"),
    ({"basis_number": "№ €"}, "/budget/basis_number", "forbidden_characters"),
    ({"basis_date": "30.02.2026"}, "/budget/basis_date", "date_form"),
    ({"basis_date": "2026-02-01"}, "/budget/basis_date", "date_form"),
    ({"payment_type": "123"}, "/budget/payment_type", "too_long"),
    ({"payment_type": "€"}, "/budget/payment_type", "forbidden_characters"),
]


@pytest.mark.parametrize(("changes", "pointer", "code"), BROKEN)
def test_a_broken_budget_field_is_named(changes: dict[str, Any], pointer: str, code: str) -> None:
    assert codes_of(with_budget(FUND_ORDER, **changes)) == [(pointer, code)]


@pytest.mark.parametrize(
    "changes",
    [
        {"kbk": None, "reason": None, "tax_period": None, "basis_number": None, "basis_date": None},
        {"oktmo": "45382000001"},
        {"reason": "ТП"},
        {"tax_period": "МС.02.2026"},
        {"tax_period": "10000010"},
        {"basis_number": "1" * 15},
        {"basis_date": "01.02.2026"},
        {"basis_date": "00"},
        {"payment_type": "1"},
    ],
)
def test_a_budget_field_of_the_right_form_passes(changes: dict[str, Any]) -> None:
    assert errors_of(with_budget(FUND_ORDER, **changes)) == []


def test_the_list_of_statuses_follows_the_date_of_the_order() -> None:
    old, new = dt.date(2023, 12, 31), dt.date(2024, 1, 1)
    assert codes_of(with_budget(replace(FUND_ORDER, date=old), drawer_status="02"), today=old) == []
    (error,) = errors_of(with_budget(replace(FUND_ORDER, date=new), drawer_status="02"), today=old)
    assert (error.code, error.reference) == ("drawer_status", "С 01.01.2024 статуса 02 нет, добавлены 33 и 34")
    uin = replace(FUND_ORDER, uin="18209965144380684245")
    assert codes_of(with_budget(replace(uin, date=old), drawer_status="33"), today=old) == [
        ("/budget/drawer_status", "drawer_status")
    ]
    assert codes_of(with_budget(replace(uin, date=new), drawer_status="33"), today=old) == []


def test_the_uin_of_a_budget_payment_is_checked_by_its_digit() -> None:
    assert codes_of(replace(TAX_ORDER, uin="18209965144380684246")) == [("/uin", "uin_check_digit")]
    assert codes_of(replace(TAX_ORDER, uin="18209965144380684245")) == []
    assert codes_of(replace(TAX_ORDER, uin="0")) == []


def test_a_treasury_account_needs_the_budget_fields() -> None:
    assert codes_of(replace(TAX_ORDER, budget=None)) == [("/budget", "budget_required")]


def test_a_treasury_account_needs_the_unified_account() -> None:
    assert codes_of(with_payee(TAX_ORDER, correspondent_account=None)) == [
        ("/payee/correspondent_account", "unified_treasury_account_required")
    ]


def test_the_unified_account_needs_a_treasury_account() -> None:
    order = with_payee(SUPPLIER_ORDER, bic="017003983", correspondent_account="40102810445370000059")
    assert ("/payee/account", "treasury_account_required") in codes_of(order)
    assert codes_of(with_payee(SUPPLIER_ORDER)) == []


def test_budget_fields_do_not_belong_to_a_payment_to_a_company() -> None:
    order = replace(SUPPLIER_ORDER, budget=TAX_ORDER.budget)
    (error,) = errors_of(order)
    assert (error.pointer, error.code, error.form_field) == ("/budget", "budget_receiver", "101")
    assert codes_of(replace(order, budget=None)) == []


def test_where_the_unified_account_tells_a_budget_payment_the_account_is_the_fault() -> None:
    order = with_payee(FUND_ORDER, account="40702810600000000012", kpp="770301001")
    assert ("/payee/account", "treasury_account_required") in codes_of(order)
    assert ("/budget", "budget_receiver") not in codes_of(order)


def institution_order(fourteenth_digit: str) -> PaymentOrder:
    account = f"405038100000{0}{fourteenth_digit}000001"
    account = account[:8] + account_key(account, SUPPLIER.bic or "") + account[9:]
    return with_budget(replace(with_payee(SUPPLIER_ORDER, account=account), budget=FUND_ORDER.budget), oktmo="0")


def test_an_institution_in_a_bank_takes_budget_fields_by_the_fourteenth_digit() -> None:
    assert codes_of(institution_order("4")) == []
    assert codes_of(institution_order("1")) == [("/budget", "budget_receiver")]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"inn": None}, "/payee/inn", "required"),
        ({"inn": "500100732259"}, "/payee/inn", "inn_length"),
        ({"inn": "7830002290"}, "/payee/inn", "inn_check_digit"),
        ({"kpp": "0"}, "/payee/kpp", "required"),
    ],
)
def test_the_receiver_of_a_budget_payment_is_an_organisation(changes: dict[str, Any], pointer: str, code: str) -> None:
    assert codes_of(with_payee(FUND_ORDER, **changes)) == [(pointer, code)]


def test_a_payer_of_a_budget_payment_has_no_inn_that_starts_with_zeros() -> None:
    payer = Party(name="Иванов", inn="0012345673", kpp="770701001")
    assert codes_of(replace(TAX_ORDER, payer=payer), payer=None) == [("/payer/inn", "inn_zeros")]
    assert codes_of(replace(TAX_ORDER, payer=COMPANY), payer=None) == []


def test_a_missing_account_is_told_once() -> None:
    order = with_payee(TAX_ORDER, account=None, correspondent_account=None)
    assert codes_of(order) == [("/payee/account", "required")]


@pytest.mark.parametrize("order", [CUSTOMS_ORDER, FUND_ORDER])
def test_a_company_names_its_kpp_and_a_person_has_none(order: PaymentOrder) -> None:
    order = with_budget(order, drawer_status="08" if order is FUND_ORDER else "28")
    assert codes_of(order, payer=COMPANY) == []
    assert codes_of(order, payer=replace(COMPANY, kpp=None)) == [("/payer/kpp", "payer_kpp_required")]
    assert codes_of(replace(order, payer=COMPANY), payer=replace(COMPANY, kpp=None)) == []
    person = replace(order, payer=Party(name="Иванов", inn="500100732259", kpp="770701001"))
    (error,) = errors_of(person)
    assert (error.pointer, error.code, error.right_value) == ("/payer/kpp", "kpp_of_person", "0")
    assert codes_of(replace(person, payer=Party(name="Иванов", inn="500100732259", kpp="0"))) == []


def test_a_foreign_company_names_its_kpp() -> None:
    foreign = Party(name="Acme Ltd", inn="12345")
    assert codes_of(TAX_ORDER, payer=foreign) == [("/payer/kpp", "payer_kpp_required")]
    assert codes_of(TAX_ORDER, payer=replace(foreign, kpp="770701001")) == []


def test_a_company_that_pays_taxes_with_status_01_needs_no_kpp() -> None:
    assert codes_of(TAX_ORDER, payer=replace(COMPANY, kpp=None)) == []


@pytest.mark.parametrize(
    ("order", "status"),
    [(TAX_ORDER, "06"), (TAX_ORDER, "08"), (CUSTOMS_ORDER, "01"), (FUND_ORDER, "06"), (FUND_ORDER, "34")],
)
def test_a_status_belongs_to_its_receiver(order: PaymentOrder, status: str) -> None:
    assert codes_of(with_budget(order, drawer_status=status)) == [("/budget/drawer_status", "status_of_other_receiver")]
