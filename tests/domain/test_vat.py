from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.vat import list_vat_warnings
from tests.domain.orders import VALUES

AMOUNT = Decimal("1220.00")


def codes(purpose: str, *, date: dt.date = dt.date(2026, 11, 21), amount: Decimal = AMOUNT) -> list[str]:
    return [warning.code for warning in list_vat_warnings(purpose, amount, VALUES.at(date))]


@pytest.mark.parametrize(
    "purpose",
    [
        "Оплата, в том числе НДС 22% - 220-00",
        "Оплата, в т.ч. НДС 22% 220.00 руб.",
        "Оплата, в т.ч. НДС (22%) 220,00",
        "Оплата, в том числе НДС 22 % = 220",
        "Оплата, в том числе НДС 22% - 220-60 (счёт 5)",
        "Оплата, в том числе 22% НДС",
        "Оплата по ставке НДС 10%",
        "Оплата, НДС 22/122",
        "Оплата, НДС 5%",
        "Оплата, НДС не облагается",
        "Оплата, без НДС",
        "Оплата без налога на добавленную стоимость",
        "Оплата самозанятому, НПД",
        "НДС 22% 100-00, НДС 10% 50-00",
        "Аванс 50% НДС 22% 220.00",
        "Оплата 30 % НДС не облагается",
        "Оплата 20% НДС нет",
        "НДС не облагается, аванс 50%",
        "НДС не облагается 50%",
        "Без НДС 50% предоплата",
        "Предоплата 50% НДС включён",
        "Оплата, НДС 22% по счёту 100500",
    ],
)
def test_a_purpose_that_names_vat_rightly_passes(purpose: str) -> None:
    assert codes(purpose) == []


def test_a_purpose_that_does_not_name_vat_is_told() -> None:
    assert codes("Оплата по счёту") == ["vat_not_named"]


@pytest.mark.parametrize("purpose", ["Оплата, НДС 20% 200-00", "Оплата, в т.ч. НДС (18%)", "18% НДС", "НДС 20/120"])
def test_a_rate_that_does_not_hold_is_told(purpose: str) -> None:
    assert codes(purpose) == ["vat_rate"]


def test_a_former_rate_is_told_when_it_still_serves() -> None:
    (warning,) = list_vat_warnings("Оплата, НДС 20% 200-00", AMOUNT, VALUES.at(dt.date(2026, 11, 21)))
    assert warning.message.startswith("Поле 24: ставка НДС 20% для этой даты не действует; прежние ставки годятся")


@pytest.mark.parametrize(
    ("rate", "last", "first"),
    [("20", dt.date(2025, 12, 31), dt.date(2026, 1, 1)), ("18", dt.date(2018, 12, 31), dt.date(2019, 1, 1))],
)
def test_a_rate_holds_by_the_date_of_the_order(rate: str, last: dt.date, first: dt.date) -> None:
    assert codes(f"Оплата, НДС {rate}%", date=last) == []
    assert codes(f"Оплата, НДС {rate}%", date=first) == ["vat_rate"]


def test_a_sum_that_does_not_fit_the_rate_is_told_the_right_one() -> None:
    (warning,) = list_vat_warnings("Оплата, НДС 22% - 268-40", AMOUNT, VALUES.at(dt.date(2026, 11, 21)))
    assert (warning.code, warning.right_value) == ("vat_sum", "220.00")
    assert codes("Оплата, НДС 22% - 1 803-28", amount=Decimal("10000.00")) == []
    assert codes("Оплата, НДС 22% - 1 903-28", amount=Decimal("10000.00")) == ["vat_sum"]


@given(st.text("НДСндс 0123456789%-.,/()руб", max_size=210))
def test_any_purpose_gets_an_answer(purpose: str) -> None:
    assert len(codes(purpose)) <= 1
