from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.identifiers import account_key
from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder
from tests.domain.orders import SUPPLIER, SUPPLIER_ORDER, TAX_ORDER, codes_of, errors_of, with_budget, with_payee

BROKEN: list[tuple[dict[str, Any], str, str]] = [
    ({"drawer_status": ""}, "/budget/drawer_status", "drawer_status"),
    ({"drawer_status": "02"}, "/budget/drawer_status", "drawer_status"),  # ended with 2023
    ({"kbk": "1820106120101000051"}, "/budget/kbk", "kbk_form"),
    ({"kbk": "0" * 20}, "/budget/kbk", "kbk_zeros"),
    ({"oktmo": "4532800"}, "/budget/oktmo", "oktmo_form"),
    ({"reason": "ТПП"}, "/budget/reason", "reason_form"),
    ({"tax_period": "МС.02.20261"}, "/budget/tax_period", "too_long"),
    ({"tax_period": "00"}, "/budget/tax_period", "several_zeros"),
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
    assert codes_of(with_budget(TAX_ORDER, **changes)) == [(pointer, code)]


@pytest.mark.parametrize(
    "changes",
    [
        {"drawer_status": "13"},
        {"kbk": None, "oktmo": None, "reason": None, "tax_period": None, "basis_number": None, "basis_date": None},
        {"oktmo": "45328000"},
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
    assert errors_of(with_budget(TAX_ORDER, **changes)) == []


def test_the_list_of_statuses_follows_the_date_of_the_order() -> None:
    old = dt.date(2023, 12, 31)
    order = with_budget(replace(TAX_ORDER, date=old), drawer_status="02")
    assert codes_of(order, today=old) == []
    assert codes_of(with_budget(order, drawer_status="34"), today=old) == [("/budget/drawer_status", "drawer_status")]


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
    assert codes_of(order) == [("/payee/account", "budget_receiver")]
    assert codes_of(replace(order, budget=None)) == []


def institution_order(fourteenth_digit: str) -> PaymentOrder:
    account = f"405038100000{0}{fourteenth_digit}000001"
    account = account[:8] + account_key(account, SUPPLIER.bic or "") + account[9:]
    return replace(with_payee(SUPPLIER_ORDER, account=account), budget=TAX_ORDER.budget)


def test_an_institution_in_a_bank_takes_budget_fields_by_the_fourteenth_digit() -> None:
    assert codes_of(institution_order("4")) == []
    assert codes_of(institution_order("1")) == [("/payee/account", "budget_receiver")]


@pytest.mark.parametrize(
    ("changes", "pointer", "code"),
    [
        ({"inn": None}, "/payee/inn", "required"),
        ({"inn": "500100732259"}, "/payee/inn", "inn_length"),
        ({"kpp": "0"}, "/payee/kpp", "required"),
    ],
)
def test_the_receiver_of_a_budget_payment_is_an_organisation(changes: dict[str, Any], pointer: str, code: str) -> None:
    assert (pointer, code) in codes_of(with_payee(TAX_ORDER, **changes))


def test_a_payer_of_a_budget_payment_has_no_inn_that_starts_with_zeros() -> None:
    order = replace(TAX_ORDER, payer=Party(name="Иванов", inn="0012345678"))
    assert ("/payer/inn", "inn_zeros") in codes_of(order)


def test_a_missing_account_is_told_once() -> None:
    order = with_payee(TAX_ORDER, account=None, correspondent_account=None)
    assert codes_of(order) == [("/payee/account", "required")]
