from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.order_kinds import AccountHolder, OrderKind, tell_holder, tell_kind
from tests.domain.orders import (
    CUSTOMS_ORDER,
    ENTREPRENEUR_ORDER,
    FUND_ORDER,
    PERSON_ORDER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    TODAY,
    VALUES,
    codes_of,
    errors_of,
    order_to,
    with_payee,
)

DAY = VALUES.at(TODAY)


@pytest.mark.parametrize(
    ("order", "kind"),
    [
        (TAX_ORDER, OrderKind.TAX_SERVICE),
        (CUSTOMS_ORDER, OrderKind.CUSTOMS),
        (FUND_ORDER, OrderKind.OTHER_BUDGET),
        (replace(FUND_ORDER, budget=None), OrderKind.OTHER_BUDGET),
        (SUPPLIER_ORDER, OrderKind.NOT_BUDGET),
        (replace(SUPPLIER_ORDER, budget=FUND_ORDER.budget), OrderKind.NOT_BUDGET),
        (with_payee(TAX_ORDER, account="03100643000000018501"), OrderKind.TAX_SERVICE),
        (with_payee(TAX_ORDER, account=None), OrderKind.TAX_SERVICE),
        (with_payee(FUND_ORDER, account=None), OrderKind.NOT_BUDGET),
        (replace(with_payee(SUPPLIER_ORDER, account="40503810000004000001"), budget=None), OrderKind.NOT_BUDGET),
        (
            replace(with_payee(SUPPLIER_ORDER, account="40503810000004000001"), budget=FUND_ORDER.budget),
            OrderKind.OTHER_BUDGET,
        ),
    ],
)
def test_the_kind_is_told_from_the_order(order: Any, kind: OrderKind) -> None:
    assert tell_kind(order, DAY) is kind


@pytest.mark.parametrize(
    ("prefix", "holder"),
    [
        ("40802", AccountHolder.ENTREPRENEUR),
        ("42108", AccountHolder.ENTREPRENEUR),
        ("40817", AccountHolder.PERSON),
        ("42301", AccountHolder.PERSON),
        ("40911", AccountHolder.PERSON_OR_COMPANY),
        ("45401", AccountHolder.PERSON_OR_COMPANY),
        ("40702", AccountHolder.COMPANY),
        ("47422", AccountHolder.COMPANY),
    ],
)
def test_the_account_tells_whose_it_is(prefix: str, holder: AccountHolder) -> None:
    assert tell_holder(prefix + "810000000000012"[:15], DAY) is holder


PERSON_INN, COMPANY_INN = "773605950159", "7830002293"


@pytest.mark.parametrize(
    ("prefix", "inn", "code"),
    [
        ("40702", COMPANY_INN, None),
        ("40702", "12345", None),
        ("40702", None, "required"),
        ("40702", "0", "required"),
        ("40702", PERSON_INN, "inn_of_other_kind"),
        ("40802", PERSON_INN, None),
        ("40802", None, "required"),
        ("40802", COMPANY_INN, "inn_of_other_kind"),
        ("40817", PERSON_INN, None),
        ("40817", None, None),
        ("40817", COMPANY_INN, "inn_of_other_kind"),
        ("40911", PERSON_INN, None),
        ("40911", COMPANY_INN, None),
        ("40911", None, None),
    ],
)
def test_the_inn_is_one_of_the_holder(prefix: str, inn: str | None, code: str | None) -> None:
    found = codes_of(order_to(prefix, inn=inn, kpp=None))
    assert found == ([("/payee/inn", code)] if code else [])


@pytest.mark.parametrize("order", [PERSON_ORDER, ENTREPRENEUR_ORDER])
def test_persons_have_no_kpp(order: Any) -> None:
    (error,) = errors_of(with_payee(order, kpp="783001001"))
    assert (error.pointer, error.code, error.right_value) == ("/payee/kpp", "kpp_of_person", "")


def test_a_code_of_income_is_for_accounts_of_persons() -> None:
    assert codes_of(replace(PERSON_ORDER, income_type_code="1")) == []
    assert codes_of(replace(order_to("40911"), income_type_code="5")) == []
    for order in (SUPPLIER_ORDER, ENTREPRENEUR_ORDER, TAX_ORDER):
        (error,) = errors_of(replace(order, income_type_code="1"))
        assert (error.pointer, error.code, error.right_value) == ("/income_type_code", "income_type_of_person", "")
    assert codes_of(replace(PERSON_ORDER, income_type_code="6")) == [("/income_type_code", "income_type_code")]
