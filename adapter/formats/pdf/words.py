"""How a printed statement spells sums, dates and moments."""

from __future__ import annotations

import datetime as dt

from adapter.domain.money import Money
from adapter.formats.printed import in_moscow

THIN_SPACE = "\u202f"
_SIGNS = {"RUB": "₽", "USD": "$", "EUR": "€", "CNY": "¥"}


def sum_of(money: Money) -> str:
    """`-1234567.5` as «−1 234 567,50», with thin spaces that do not break."""
    text = f"{money.amount:,.2f}".replace(",", THIN_SPACE).replace(".", ",")
    return text.replace("-", "−")


def sum_with_sign(money: Money) -> str:
    """With the sign of the currency, or its code."""
    return f"{sum_of(money)}{THIN_SPACE}{_SIGNS.get(money.currency, money.currency)}"


def day_of(date: dt.date) -> str:
    return f"{date:%d.%m.%Y}"


def moment_of(moment: dt.datetime) -> str:
    return f"{in_moscow(moment):%d.%m.%Y %H:%M}"


def pdf_moment_of(moment: dt.datetime) -> str:
    """As PDF writes it (ISO 32000-1, 7.9.4)."""
    return f"D:{in_moscow(moment):%Y%m%d%H%M%S}+03'00'"


def counted(number: int, one: str, few: str, many: str) -> str:
    """«1 операция», «3 операции», «11 операций»."""
    if number % 10 == 1 and number % 100 != 11:
        word = one
    elif number % 10 in {2, 3, 4} and number % 100 not in {12, 13, 14}:
        word = few
    else:
        word = many
    return f"{number:,} {word}".replace(",", THIN_SPACE)


def operations(number: int) -> str:
    return counted(number, "операция", "операции", "операций")
