"""Whole orders of every kind, judged by us and by vitya; where the two differ, a table says how, why and who is right.

Of the tax service's and the customs' requisites vitya reads account and KPP only; it reads no field 15, no directory of
banks, no code of a currency operation, and no date but today's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder
from tests.domain.orders import (
    COMPANY,
    CUSTOMS_ORDER,
    FUND_ORDER,
    GOOD_ORDERS,
    PAYER,
    PERSON_ORDER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    account_of,
    codes_of,
    order_to,
    with_budget,
    with_payee,
)
from tests.domain.vitya_oracle import vitya_errors

UIN = "18209965144380684245"
NOBODY = Party(name="Smith")


@dataclass(frozen=True, kw_only=True)
class Difference:
    """An order in which one side finds this error and the other finds nothing."""

    order: PaymentOrder
    error: str
    why: str
    payer: Party = PAYER


# We refuse, vitya takes: we are right, by the source named.
WE_ARE_STRICTER = [
    Difference(
        order=with_payee(TAX_ORDER, bic="004525988"),
        error="tax_service_bic",
        why="requisites of the single tax payment: one office holds the account",
    ),
    Difference(
        order=with_payee(TAX_ORDER, inn="7707083893"),
        error="tax_service_inn",
        why="requisites of the single tax payment: one payee",
    ),
    Difference(
        order=with_payee(CUSTOMS_ORDER, bic="004525988"),
        error="customs_bic",
        why="requisites of customs payments: one office holds the account",
    ),
    Difference(
        order=with_payee(CUSTOMS_ORDER, inn="7707083893"),
        error="customs_inn",
        why="requisites of customs payments: one payee",
    ),
    Difference(
        order=with_payee(TAX_ORDER, correspondent_account="40102810545370000003"),
        error="unified_treasury_account_differs",
        why="vitya reads no field 15",
    ),
    Difference(
        order=with_payee(FUND_ORDER, correspondent_account=None),
        error="unified_treasury_account_required",
        why="vitya reads no field 15; a treasury account is reached through the unified one",
    ),
    Difference(
        order=with_payee(replace(FUND_ORDER, budget=None), account=account_of("40702", bic="004525988")),
        error="treasury_account_required",
        why="vitya reads no field 15; the unified account leads to treasury accounts only",
    ),
    Difference(
        order=with_payee(SUPPLIER_ORDER, correspondent_account="30101810500000000650"),
        error="correspondent_account_key",
        why="vitya reads no field 15; order 515 gives it a key",
    ),
    Difference(
        order=with_payee(FUND_ORDER, account="03100643900000017300"),
        error="treasury_account_form",
        why="the 9th digit of a treasury account is a zero",
    ),
    Difference(
        order=replace(TAX_ORDER, priority=1),
        error="priority_of_tax",
        why="Civil Code, article 855: taxes are paid in the fifth place, on demand in the third",
    ),
    Difference(
        order=replace(TAX_ORDER, operation_code="06"),
        error="operation_code",
        why="vitya judges collection orders too; here only payment orders are taken",
    ),
    Difference(
        order=with_budget(CUSTOMS_ORDER, tax_period="МС022026"),
        error="customs_office",
        why="vitya counts eight characters; the code of a customs office is eight digits",
    ),
    Difference(
        order=with_budget(FUND_ORDER, tax_period="МС.13.2026"),
        error="no_such_period",
        why="vitya counts characters; there is no thirteenth month",
    ),
    Difference(
        order=with_budget(FUND_ORDER, basis_date="30.02.2026"),
        error="date_form",
        why="vitya counts characters; order 107n wants a date",
    ),
    Difference(
        order=with_budget(CUSTOMS_ORDER, reason="0"),
        error="customs_reason",
        why="order 107n, annex 3: a reason of the list, 00 where no other fits; vitya takes none",
    ),
    Difference(
        order=with_budget(CUSTOMS_ORDER, reason="ТД", basis_number="1234567"),
        error="customs_date",
        why="order 107n, annex 3: the date of the document of every reason but 00; vitya takes none",
    ),
    Difference(
        order=with_budget(FUND_ORDER, drawer_status="24", basis_number="01;"),
        payer=NOBODY,
        error="identity_document",
        why="order 107n, annex 4: kind;number; vitya looks no further than the semicolon",
    ),
    Difference(
        order=replace(SUPPLIER_ORDER, purpose='500100732259//0//ООО "Лира"//Оплата, НДС не облагается'),
        error="third_person_not_allowed",
        why="vitya forbids it too, but must be told that the payment is for a third person",
    ),
    Difference(
        order=with_budget(FUND_ORDER, reason="тп"),
        error="reason_form",
        why="vitya counts characters; the values of order 107n are capitals and digits",
    ),
    Difference(
        order=replace(order_to("40820", inn=None, kpp=None), purpose="Заработная плата"),
        error="operation_code_required",
        why="instruction 181-I: {VO…} in payments with non-residents",
    ),
    Difference(
        order=replace(SUPPLIER_ORDER, purpose="{ВО20100} Оплата"),
        error="operation_code_form",
        why="instruction 181-I: Latin letters in braces",
    ),
    Difference(
        order=replace(SUPPLIER_ORDER, purpose="Оплата €"),
        error="forbidden_characters",
        why="vitya drops such a character in silence; a text of a payment is not ours to change unseen",
    ),
    Difference(
        order=replace(SUPPLIER_ORDER, number="А-1"),
        error="number_form",
        why="UFEBS: 1-6 digits; vitya counts characters",
    ),
    Difference(
        order=replace(SUPPLIER_ORDER, budget=FUND_ORDER.budget),
        error="budget_receiver",
        why="order 107n: budget fields in payments to the budget only; vitya leaves them unread elsewhere",
    ),
    Difference(
        order=with_payee(order_to("40911", inn="500100732259"), kpp="783001001"),
        error="kpp_of_person",
        why="who has an INN of 12 digits has no KPP, whatever the account",
    ),
    Difference(
        order=replace(TAX_ORDER, payer=COMPANY, purpose='7830002293//ООО "Лира"//ЕНП'),
        error="third_person_payer",
        why="vitya is not told who pays; the first INN is the payer's, or the tax goes to a stranger",
    ),
    Difference(
        order=replace(TAX_ORDER, payer=PAYER, purpose='500100732259//ООО "Лира"//ЕНП'),
        error="third_person_is_payer",
        why="order 107n: field 60 is of the one for whom is paid; vitya does not compare",
    ),
]

# vitya refuses, we take.
WE_ARE_MILDER = [
    Difference(
        order=with_payee(SUPPLIER_ORDER, bic="046015001", account="40101810400000010002", correspondent_account=None),
        error="ReceiverAccountValidationBICValueError",
        why="We are right: order 515 has another prefix for accounts in offices of the Bank of Russia",
    ),
    Difference(
        order=with_payee(SUPPLIER_ORDER, kpp="7830AB001"),
        error="ReceiverKPPValidationValueDigitsOnlyError",
        why="We are right: the 5th and 6th place of a KPP may hold letters, vitya's own validate_kpp says so",
    ),
    Difference(
        order=with_payee(SUPPLIER_ORDER, inn="0012345673"),
        error="INNValidationStartsWithZerosError",
        why="A choice: order 107n forbids it, old registers hold it; a warning of a payee outside the budget",
    ),
    Difference(
        order=with_payee(SUPPLIER_ORDER, inn="12345"),
        error="ReceiverINNValidationLELenError",
        why="We are right: a foreign organisation is told by a code of 5 digits (КИО)",
    ),
    Difference(
        order=replace(order_to("40807", inn=None, kpp=None), purpose="{VO20100} Оплата, без НДС"),
        error="ReceiverINNValidationNonEmptyError",
        why="We are right: a foreign organisation need not have an INN",
    ),
    Difference(
        order=with_budget(CUSTOMS_ORDER, basis_date="00"),
        error="DocumentDateValidationCustomsLenError",
        why="We are right: vitya's own rule for reason 00 allows 0 and 00, its rule of length forgets that",
    ),
    Difference(
        order=with_budget(FUND_ORDER, kbk="7971021200006АА00160"),
        error="CBCValidationValueDigitsOnlyError",
        why="Milder: budget law allows letters in places 14-17 of a KBK",
    ),
    Difference(
        order=with_budget(FUND_ORDER, drawer_status="24", basis_number="15;1"),
        error="DocumentNumberValidationBOValueError",
        why="We are right: a document tells who pays where neither INN nor UIN does; others may name any document",
    ),
    Difference(
        order=with_payee(FUND_ORDER, kpp="7703AB001"),
        error="ReceiverKPPValidationValueDigitsOnlyError",
        why="as with a supplier",
    ),
    Difference(
        order=replace(TAX_ORDER, payer=COMPANY, purpose='500100732259//0//ООО "Лира"//ЕНП'),
        error="PurposeValidationForThirdPersonError",
        why="We are right: order 107n puts a KPP between INN and name; vitya allows no digits there",
    ),
]


def _id(difference: Difference) -> str:
    return difference.error


@pytest.mark.parametrize("difference", WE_ARE_STRICTER, ids=_id)
def test_we_refuse_what_vitya_takes(difference: Difference) -> None:
    order = difference.order
    assert {code for _, code in codes_of(order, payer=difference.payer)} == {difference.error}
    assert vitya_errors(order, order.payer or difference.payer) == set()


@pytest.mark.parametrize("difference", WE_ARE_MILDER, ids=_id)
def test_we_take_what_vitya_refuses(difference: Difference) -> None:
    order = difference.order
    assert codes_of(order, payer=difference.payer) == []
    assert vitya_errors(order, order.payer or difference.payer) == {difference.error}


@pytest.mark.parametrize("payer", [PAYER, COMPANY])
@pytest.mark.parametrize("order", GOOD_ORDERS)
def test_both_take_good_orders(order: PaymentOrder, payer: Party) -> None:
    if order.payee.account != CUSTOMS_ORDER.payee.account or payer is PAYER:
        known = {difference.error for difference in WE_ARE_MILDER}
        assert codes_of(order, payer=payer) == []
        assert vitya_errors(order, payer) <= known


OURS = {difference.error for difference in WE_ARE_STRICTER}
THEIRS = {difference.error for difference in WE_ARE_MILDER}
numbers = ["0", "5", "1234567", "12345678", "1" * 15, "1" * 16, "01;0201251245", "15;1", "01", "01;"]
BUDGET_POOLS: dict[str, list[Any]] = {
    "drawer_status": ["01", "06", "08", "13", "16", "17", "24", "28", "30", "31", "33", "34", "02", "99"],
    "kbk": ["0", None, "18201061201010000510", "15311009000010000110", "182", "0" * 20],
    "oktmo": ["0", None, "45328000", "45382000", "45382000001", "4538"],
    "reason": ["0", None, "ТП", "00", "ПК", "УВ", "ИЛ", "КЭ", "ТПП"],
    "tax_period": ["0", None, "10000010", "МС.02.2026", "20.11.2026", "00", "МС.02.20261"],
    "basis_number": [None, *numbers],
    "basis_date": ["0", None, "01.02.2026", "1.2.26"],
}
PAYEE_POOLS: dict[str, list[Any]] = {
    "inn": [None, "0", "7830002293", "773605950159", "7830002290", "7727406020", "7730176610", "7703363868"],
    "kpp": [None, "0", "783001001", "770701001", "770801001", "773001001", "003001001"],
    "account": [
        "03100643000000018500",
        "03100643000000019502",
        "03100643000000017300",
        "03212643000000017300",
        "03224643000000017300",
        SUPPLIER_ORDER.payee.account,
        PERSON_ORDER.payee.account,
        "40702810955230165460",
    ],
}
ORDER_POOLS: dict[str, list[Any]] = {
    "uin": ["0", None, UIN, UIN[:-1] + "6", "1234", "0000", "УИП-12"],
    "purpose": ["", "Оплата, без НДС", '500100732259//ООО "Лира"//ЕНП', "500100732259//", "x" * 211],
    "priority": [3, 5, 6],
    "income_type_code": [None, "1"],
    "number": ["1", "1234567"],
}
PAYERS = [PAYER, COMPANY, replace(COMPANY, kpp=None), replace(PAYER, inn=None), replace(COMPANY, inn="12345")]


@st.composite
def orders(draw: st.DrawFn) -> PaymentOrder:
    """A good order of some kind with up to four fields of others, or broken ones."""
    order = draw(st.sampled_from(GOOD_ORDERS))
    for _ in range(draw(st.integers(0, 4))):
        pools, change = draw(
            st.sampled_from([(BUDGET_POOLS, with_budget), (PAYEE_POOLS, with_payee), (ORDER_POOLS, replace)])
        )
        if pools is BUDGET_POOLS and order.budget is None:
            continue
        field = draw(st.sampled_from(sorted(pools)))
        order = change(order, **{field: draw(st.sampled_from(pools[field]))})
    return order


@settings(max_examples=400)
@given(orders(), st.sampled_from(PAYERS))
def test_the_two_agree_but_for_the_table(order: PaymentOrder, payer: Party) -> None:
    ours = {code for _, code in codes_of(order, payer=payer)}
    theirs = vitya_errors(order, order.payer or payer)
    if bool(ours) != bool(theirs):
        assert ours <= OURS
        assert theirs <= THEIRS
