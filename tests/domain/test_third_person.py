from __future__ import annotations

from dataclasses import replace

import pytest

from adapter.domain.parties import Party
from adapter.domain.third_person import find_third_person
from tests.domain.orders import (
    COMPANY,
    FUND_ORDER,
    PAYER,
    SUPPLIER_ORDER,
    TAX_ORDER,
    codes_of,
    errors_of,
    with_budget,
    with_payee,
)

UIN = "18209965144380684245"

# ИП Иванов (the bank's customer, 500100732259) pays the taxes of ООО "Лира" (7707083893).
ORDER = replace(TAX_ORDER, payer=COMPANY, purpose='500100732259//0//ООО "Лира"//Единый налоговый платёж')


@pytest.mark.parametrize(
    "purpose",
    [
        '500100732259//ООО "Лира"//Единый налоговый платёж',
        '500100732259//0//ООО "Лира"//ЕНП',
        "500100732259//Петров Пётр Петрович (ИП), г. Тверь//",
        "500100732259 // ООО 7 континентов //ЕНП",
    ],
)
def test_a_company_is_paid_for_by_somebody_else(purpose: str) -> None:
    assert errors_of(replace(ORDER, purpose=purpose)) == []


def test_a_company_that_pays_tells_its_kpp() -> None:
    person = Party(name="Иванов", inn="500100732259")
    order = replace(TAX_ORDER, payer=person, purpose="7707083893//770701001//Иванов Иван Иванович//ЕНП")
    assert codes_of(order, payer=COMPANY) == []
    told = find_third_person(order.purpose)
    assert told is not None
    assert (told.payer_inn, told.payer_kpp) == ("7707083893", "770701001")


@pytest.mark.parametrize("purpose", ["500100732259//", "500100732259//ООО Лира", "500100732259////ЕНП"])
def test_the_name_stands_between_slashes(purpose: str) -> None:
    assert codes_of(replace(ORDER, purpose=purpose)) == [("/purpose", "third_person_form")]


def test_the_first_inn_is_that_of_the_one_who_pays() -> None:
    (error,) = errors_of(replace(ORDER, purpose='7830002293//ООО "Лира"//ЕНП'))
    assert (error.pointer, error.code, error.right_value) == ("/purpose", "third_person_payer", PAYER.inn)


def test_an_inn_that_nobody_can_compare_has_its_digits_checked() -> None:
    order = replace(ORDER, purpose='500100732250//ООО "Лира"//ЕНП')
    assert codes_of(order, payer=None) == [("/purpose", "inn_check_digit")]


def test_a_person_who_pays_has_no_kpp() -> None:
    order = replace(ORDER, purpose='500100732259//770701001//ООО "Лира"//ЕНП')
    assert codes_of(order) == [("/purpose", "third_person_kpp")]


def test_a_person_without_an_inn_is_paid_for_by_a_uin() -> None:
    person = Party(name="Петров Пётр Петрович", inn="0", kpp="0")
    order = replace(ORDER, payer=person, purpose="500100732259//0//Петров Пётр Петрович//Налог", uin=UIN)
    assert codes_of(with_budget(order, drawer_status="13")) == []
    assert codes_of(order) == [("/payer/inn", "payer_inn_required")]


def test_the_kpp_of_the_one_who_pays_is_not_taken_for_the_other() -> None:
    order = with_budget(replace(FUND_ORDER, payer=replace(COMPANY, inn="7830002293", kpp="0")), drawer_status="28")
    order = with_payee(order, account="03100643000000017300")
    own = replace(COMPANY, kpp="770701001")
    for_another = replace(order, purpose="7707083893//770701001//ООО Заря//Взнос")
    assert ("/payer/kpp", "payer_kpp_required") in codes_of(for_another, payer=own)


def test_field_60_is_that_of_the_one_for_whom_is_paid() -> None:
    assert codes_of(replace(ORDER, payer=None)) == [("/payer/inn", "third_person_is_payer")]


def test_a_payment_in_ones_own_name_still_names_oneself() -> None:
    assert codes_of(replace(ORDER, purpose="ЕНП")) == [("/payer/inn", "payer_inn_differs")]


def test_outside_the_budget_slashes_mean_nothing() -> None:
    order = replace(SUPPLIER_ORDER, purpose="500100732259//за ООО Лира//, НДС не облагается")
    assert codes_of(order) == []
    assert codes_of(replace(order, payer=COMPANY)) == [("/payer/inn", "payer_inn_differs")]


def test_outside_the_budget_nobody_is_paid_for() -> None:
    order = replace(SUPPLIER_ORDER, purpose='500100732259//0//ООО "Лира"//Оплата, НДС не облагается')
    (error,) = errors_of(order)
    assert (error.pointer, error.code, error.form_field) == ("/purpose", "third_person_not_allowed", "24")


@pytest.mark.parametrize(
    "start", ["500100732250//0//Лира//", "12345//0//Лира//", "500100732259//Лира//", "500100732259//0//Лира"]
)
def test_outside_the_budget_only_a_certain_pattern_is_refused(start: str) -> None:
    assert codes_of(replace(SUPPLIER_ORDER, purpose=f"{start} оплата, НДС не облагается")) == []


@pytest.mark.parametrize("purpose", ["", "Оплата // по счёту", "12//x//", "1234567890123//x//y"])
def test_other_purposes_are_not_of_a_third_person(purpose: str) -> None:
    assert find_third_person(purpose) is None
