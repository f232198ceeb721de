"""Fields 8, 60 and 102: what the order tells counts in payments to the budget, else the bank's own record does."""

from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.domain.parties import Party
from adapter.domain.payer_rules import list_payer_warnings, payer_of_form
from adapter.domain.payments import PaymentOrder
from tests.domain.orders import COMPANY, FUND_ORDER, SUPPLIER_ORDER, TAX_ORDER, codes_of, with_budget

SUBDIVISION = Party(name='Филиал ООО "Лира"', inn="7707083893", kpp="774301001")
PERSON = Party(name="Петров Пётр Петрович", inn="0", kpp="0")


def replaced(order: PaymentOrder, own: Party = COMPANY) -> list[tuple[str | None, str | None, str | None]]:
    return [(one.field, one.before, one.after) for one in list_payer_warnings(order, own)]


def test_a_payment_to_the_budget_names_the_subdivision_that_the_order_tells() -> None:
    order = replace(TAX_ORDER, payer=SUBDIVISION)
    assert codes_of(order, payer=COMPANY) == []
    assert payer_of_form(order, COMPANY) == SUBDIVISION
    assert replaced(order) == []


def test_what_the_order_leaves_out_is_filled_from_the_record_of_the_bank() -> None:
    order = replace(TAX_ORDER, payer=Party(name="", kpp="774301001"))
    assert payer_of_form(order, COMPANY) == replace(COMPANY, kpp="774301001")
    assert payer_of_form(replace(TAX_ORDER, payer=None), COMPANY) is None


def test_a_kpp_that_the_bank_does_not_know_leaves_with_the_order_that_needs_it() -> None:
    own = replace(COMPANY, kpp=None)
    order = replace(with_budget(FUND_ORDER, drawer_status="08"), payer=SUBDIVISION)
    assert codes_of(order, payer=own) == []
    kept = payer_of_form(order, own)
    assert kept is not None
    assert codes_of(replace(order, payer=None), payer=kept) == []
    assert codes_of(replace(order, payer=None), payer=own) == [("/payer/kpp", "payer_kpp_required")]


def test_a_zero_in_ones_own_name_is_replaced_and_told() -> None:
    order = replace(TAX_ORDER, payer=replace(COMPANY, inn="0", kpp="0"))
    assert payer_of_form(order, COMPANY) == COMPANY
    assert replaced(order) == [("payer.inn", "0", "7707083893"), ("payer.kpp", "0", "770701001")]


def test_for_a_third_person_a_zero_is_none_and_stays() -> None:
    order = replace(TAX_ORDER, payer=PERSON, purpose="7707083893//770701001//Петров Пётр Петрович//Налог")
    assert payer_of_form(order, COMPANY) == PERSON
    assert replaced(order) == []


@pytest.mark.parametrize(
    ("payer", "own", "told"),
    [
        (SUBDIVISION, COMPANY, [("payer.kpp", "774301001", "770701001")]),
        (SUBDIVISION, replace(COMPANY, kpp=None), [("payer.kpp", "774301001", "")]),
        (SUBDIVISION, Party(name="?"), [("payer.inn", "7707083893", ""), ("payer.kpp", "774301001", "")]),
        (COMPANY, COMPANY, []),
        (replace(COMPANY, kpp="0"), COMPANY, []),
        (Party(name="Лира"), COMPANY, []),
        (None, COMPANY, []),
    ],
)
def test_outside_the_budget_the_bank_fills_in_its_own_record_and_says_so(
    payer: Party | None, own: Party, told: list[tuple[str, str, str]]
) -> None:
    order = replace(SUPPLIER_ORDER, payer=payer)
    assert payer_of_form(order, own) is None
    assert replaced(order, own) == told
