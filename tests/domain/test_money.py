from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.money import MAX_KOPECKS, Money


@pytest.mark.parametrize(("text", "written"), [("1500", "1500.00"), ("1500.5", "1500.50"), ("-0.01", "-0.01")])
def test_an_amount_is_always_written_with_two_decimals(text: str, written: str) -> None:
    assert str(Money.of(text)) == written


@pytest.mark.parametrize("text", ["", "abc", "1.005", "NaN", "Infinity", "1,5", "1e30"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        Money.of(text)


@pytest.mark.parametrize("amount", [1.5, 1, "1", None])
def test_money_takes_nothing_but_a_decimal(amount: Any) -> None:
    with pytest.raises(ValueError):
        Money(amount)


@given(st.integers(-MAX_KOPECKS, MAX_KOPECKS))
def test_kopecks_survive_the_way_there_and_back(kopecks: int) -> None:
    money = Money.from_kopecks(kopecks)
    assert money.kopecks == kopecks
    assert Money.of(str(money)) == money


def test_money_of_another_currency_is_other_money() -> None:
    assert Money(Decimal("1.00")) != Money(Decimal("1.00"), "USD")
