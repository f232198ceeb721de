from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.parties import Party
from tests.domain.orders import FUND_ORDER, codes_of, errors_of, with_budget, with_payee

UIN = "18209965144380684245"
COURT_ORDER = replace(
    with_budget(with_payee(FUND_ORDER, account="03212643000000017300"), drawer_status="31", oktmo="0"), uin=UIN
)
CHARGE_ORDER = replace(with_budget(FUND_ORDER, drawer_status="33"), uin=UIN)
PERSON_ORDER = with_budget(FUND_ORDER, drawer_status="24", basis_number="01;0201251245")
NOBODY = Party(name="Smith")


@pytest.mark.parametrize("order", [FUND_ORDER, COURT_ORDER, CHARGE_ORDER, PERSON_ORDER])
def test_each_status_has_a_good_order(order: Any) -> None:
    assert errors_of(order) == []


def test_a_payer_may_have_no_inn() -> None:
    assert codes_of(FUND_ORDER, payer=NOBODY) == []


def test_debts_by_a_writ_go_to_their_account_with_a_uin_and_no_number() -> None:
    other = with_budget(with_payee(COURT_ORDER, account="03100643000000017300"), oktmo="45382000")
    assert codes_of(other) == [("/payee/account", "account_of_status")]
    assert codes_of(replace(COURT_ORDER, uin="0")) == [("/uin", "uin_required")]
    assert codes_of(with_budget(COURT_ORDER, basis_number="5")) == [("/budget/basis_number", "no_document")]


def test_a_charge_is_told_by_a_long_uin_and_no_number() -> None:
    assert codes_of(replace(CHARGE_ORDER, uin=None)) == [("/uin", "uin_required")]
    assert codes_of(replace(CHARGE_ORDER, uin="1234")) == [("/uin", "uin_required")]
    assert codes_of(with_budget(CHARGE_ORDER, basis_number="5")) == [("/budget/basis_number", "no_document")]


def test_some_accounts_need_a_uin_of_every_status() -> None:
    order = with_budget(with_payee(FUND_ORDER, account="03212643000000017300"), oktmo="0")
    assert codes_of(order) == [("/uin", "uin_required")]
    assert codes_of(replace(order, uin="1234")) == []


@pytest.mark.parametrize("number", ["01;0201251245", "30;1"])
def test_a_person_is_told_by_a_document(number: str) -> None:
    assert codes_of(with_budget(PERSON_ORDER, basis_number=number), payer=NOBODY) == []


@pytest.mark.parametrize("number", ["15;0201251245", "010201251245", "1;02", "01", "01;"])
def test_a_document_of_a_person_has_a_kind_and_a_number(number: str) -> None:
    order = with_budget(PERSON_ORDER, basis_number=number)
    assert codes_of(order, payer=NOBODY) == [("/budget/basis_number", "identity_document")]
    assert codes_of(order) == [], "who has an INN is told by it"
    assert codes_of(replace(order, uin=UIN), payer=NOBODY) == [], "who has a UIN is told by it"


def test_a_person_without_inn_and_uin_names_a_document() -> None:
    order = with_budget(PERSON_ORDER, basis_number="0")
    assert codes_of(order, payer=NOBODY) == [("/budget/basis_number", "required")]
    assert codes_of(order) == []
    assert codes_of(replace(order, uin=UIN), payer=NOBODY) == []


def test_the_municipality_is_told_but_for_some_accounts() -> None:
    (error,) = errors_of(with_budget(FUND_ORDER, oktmo="0"))
    assert (error.pointer, error.code) == ("/budget/oktmo", "required")
    for prefix in ("03214", "03224", "03272"):
        free = with_payee(with_budget(FUND_ORDER, oktmo=None), account=f"{prefix}643000000017300")
        assert codes_of(free) == []


@pytest.mark.parametrize("period", ["МС.12.2026", "КВ.04.2026", "ПЛ.02.2026", "ГД.00.2026", "Д3.01.2026", "20.11.2026"])
def test_a_tax_period_that_exists_passes(period: str) -> None:
    assert codes_of(with_budget(FUND_ORDER, tax_period=period)) == []


@pytest.mark.parametrize("period", ["МС.13.2026", "МС.00.2026", "КВ.05.2026", "ПЛ.03.2026", "ГД.01.2026", "Д1.13.2026"])
def test_a_tax_period_that_does_not_exist_is_told(period: str) -> None:
    assert codes_of(with_budget(FUND_ORDER, tax_period=period)) == [("/budget/tax_period", "no_such_period")]
