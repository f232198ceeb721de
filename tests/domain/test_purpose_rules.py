from __future__ import annotations

from dataclasses import replace

import pytest

from tests.domain.orders import (
    FUND_ORDER,
    NON_RESIDENT_ORDER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    account_of,
    codes_of,
    errors_of,
    order_to,
)


@pytest.mark.parametrize("prefix", ["40807", "40820", "42601", "40814"])
def test_a_non_resident_is_paid_with_a_code_of_operation(prefix: str) -> None:
    order = replace(order_to(prefix, inn=None, kpp=None), purpose="{VO20100} Оплата, НДС не облагается")
    assert codes_of(order) == []
    assert codes_of(replace(order, purpose="Оплата")) == [("/purpose", "operation_code_required")]


def test_a_non_resident_pays_with_a_code_of_operation() -> None:
    account = account_of("40807")
    assert codes_of(SUPPLIER_ORDER, payer_account=account) == [("/purpose", "operation_code_required")]
    order = replace(SUPPLIER_ORDER, purpose="{VO10100} " + SUPPLIER_ORDER.purpose)
    assert codes_of(order, payer_account=account) == []
    assert codes_of(TAX_ORDER, payer_account=account) == []


@pytest.mark.parametrize(
    "start",
    ["{ВО20100}", "{vo20100}", "{V020100}", "{ VO20100 }", "VO20100", "(VO20100)", "{VO 20100}", "{VO20100PS1}"],
)
def test_a_code_of_operation_that_is_written_otherwise_is_told_the_right_way(start: str) -> None:
    (error,) = errors_of(replace(NON_RESIDENT_ORDER, purpose=f"{start} Оплата"))
    assert (error.pointer, error.code, error.right_value) == ("/purpose", "operation_code_form", "{VO20100}")


@pytest.mark.parametrize("start", ["{ВО20100}", "{ vo 20100}"])
def test_a_code_in_braces_is_meant_for_one_between_residents_too(start: str) -> None:
    (error,) = errors_of(replace(SUPPLIER_ORDER, purpose=f"{start} Оплата"))
    assert (error.code, error.right_value) == ("operation_code_form", "{VO20100}")


@pytest.mark.parametrize("purpose", ["", "0"])
def test_a_purpose_of_nothing_is_told_but_to_the_tax_service(purpose: str) -> None:
    for order in (SUPPLIER_ORDER, FUND_ORDER):
        assert codes_of(replace(order, purpose=purpose)) == [("/purpose", "required")]
    assert codes_of(replace(TAX_ORDER, purpose=purpose)) == []


@pytest.mark.parametrize("start", ["{VO2010}", "{VO201000}", "{VO}", "{ВО-1}"])
def test_a_code_of_operation_has_five_digits(start: str) -> None:
    (error,) = errors_of(replace(SUPPLIER_ORDER, purpose=f"{start} Оплата"))
    assert (error.code, error.right_value) == ("operation_code_form", None)


@pytest.mark.parametrize(
    "start",
    [
        "{VO20100}",
        "Воблер 20100",
        "{пакет 5}",
        "{Вода}",
        "Во 2 квартале",
        "ВО 10203 водоотведение",
        "VO12345 от 01.11",
        "Во 10203-м отделении",
        "(ВО 10203)",
    ],
)
def test_other_purposes_of_residents_pass(start: str) -> None:
    assert codes_of(replace(SUPPLIER_ORDER, purpose=f"{start} оплата")) == []
