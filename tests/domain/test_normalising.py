from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.normalising import normalise
from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder
from tests.domain.orders import (
    COMPANY,
    GOOD_ORDERS,
    SUPPLIER_ORDER,
    TAX_ORDER,
    errors_of,
    with_budget,
    with_payee,
)


def changes_of(order: PaymentOrder) -> dict[str, tuple[str, str]]:
    return {change.field: (change.before, change.after) for change in normalise(order)[1]}


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("Оплата «по счёту» — 5", 'Оплата "по счёту" - 5'),
        ("Оплата “по счёту” – 5", 'Оплата "по счёту" - 5'),
        ("Оплата\u00a0по\tсчёту\r\n5", "Оплата по счёту 5"),
        ("Оплата…", "Оплата..."),
    ],
)
def test_signs_of_word_processors_become_those_of_the_form(before: str, after: str) -> None:
    assert changes_of(replace(SUPPLIER_ORDER, purpose=before)) == {"purpose": (before, after)}


def test_spaces_leave_numbers_and_codes() -> None:
    order = with_payee(SUPPLIER_ORDER, account="40702 810 9 5523 0165464", inn=" 7830002293", kpp="783001001\u00a0")
    order = replace(with_payee(order, bic="044030653 "), uin="1820 9965")
    assert changes_of(order) == {
        "payee.account": ("40702 810 9 5523 0165464", "40702810955230165464"),
        "payee.inn": (" 7830002293", "7830002293"),
        "payee.kpp": ("783001001\u00a0", "783001001"),
        "payee.bic": ("044030653 ", "044030653"),
        "uin": ("1820 9965", "18209965"),
    }
    assert errors_of(order) == []


def test_the_budget_part_is_normalised_too() -> None:
    order = with_budget(TAX_ORDER, kbk="182 01061201010000510", oktmo="45 328 000", basis_number=" 0")
    assert changes_of(order).keys() == {"budget.kbk", "budget.oktmo", "budget.basis_number"}
    assert errors_of(order) == []


def test_the_payer_is_normalised_too() -> None:
    order = replace(SUPPLIER_ORDER, payer=Party(name="ООО «Лира»", inn="7707 083893", kpp="770701001"))
    assert changes_of(order) == {
        "payer.name": ("ООО «Лира»", 'ООО "Лира"'),
        "payer.inn": ("7707 083893", "7707083893"),
    }
    assert normalise(order)[0].payer == COMPANY


spoils = st.sampled_from(["\u00a0", " ", "\t", "—", "«", "…"])


@given(st.sampled_from(GOOD_ORDERS), spoils, st.integers(0, 30))
def test_what_is_changed_is_told_and_changes_no_verdict(order: PaymentOrder, sign: str, place: int) -> None:
    spoilt = replace(order, purpose=order.purpose[:place] + sign + order.purpose[place:])
    normal, changes = normalise(spoilt)
    assert errors_of(normal) == errors_of(spoilt)
    assert [change.field for change in changes] == (["purpose"] if normal != spoilt else [])
    assert normalise(normal) == (normal, [])
