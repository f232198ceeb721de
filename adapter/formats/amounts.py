"""Amounts and currencies as files spell them, the same for every reader."""

from __future__ import annotations

import re
from decimal import Decimal

from adapter.formats.notes import shorten

_AMOUNT = re.compile(r"(-?)([0-9]+|[0-9]{1,3}(?:[ \u00a0\u202f][0-9]{3})+)(?:[.,]([0-9]*))?").fullmatch
_DECIMAL = re.compile(r"\+?([0-9]*)(?:\.([0-9]*))?").fullmatch
_PLAIN_AMOUNT = re.compile(r"-?[0-9]+(?:\.[0-9]{2})?").fullmatch
_THOUSAND_DIGITS = 3
AMOUNT_DIGITS_MAX = 18
TOTAL_DIGITS_MAX = 20  # of balances and sums of many amounts
_LENGTH_MAX = 40  # of a text; trying patterns on pages of zeros takes long

_CURRENCY_BY_CODE = {"810": "RUB", "643": "RUB", "840": "USD", "978": "EUR", "156": "CNY", "398": "KZT", "933": "BYN"}
_CURRENCY_BY_COUNTRY = {"KZ": "KZT", "BY": "BYN"}
_ROUBLES = ("RUR", "810", "643")  # how some banks still name them


class BadValue(ValueError):
    """A value that cannot be read; `code` is stable, the text is Russian."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = shorten(message)


def parse_amount(text: str, digits_max: int = AMOUNT_DIGITS_MAX) -> Decimal:
    """`1500`, `1500.5`, `1500,00`, `1 500.00`, with a minus for balances.  Raises BadValue; never rounds.

    `1.500` may be meant as one and a half or as fifteen hundred, so three digits at the end are an error.
    """
    _check_length(text)
    match = _AMOUNT(text)
    if not match:
        raise BadValue("bad_amount", f"сумма не читается: {text}" if text else "сумма не указана")
    sign, roubles, kopecks = match.groups(default="")
    amount = _make_amount(sign, re.sub(r"[^0-9]", "", roubles), kopecks, text, digits_max)
    if len(kopecks) == _THOUSAND_DIGITS:
        raise BadValue("bad_amount", f"не ясно, тысячи или доли рубля стоят после разделителя: {text}")
    return amount


def parse_decimal(text: str, digits_max: int = AMOUNT_DIGITS_MAX) -> Decimal:
    """An amount of XML, where a point has one meaning: `1500`, `+5`, `.5`, `1500.000`; or one as people write it.

    Raises BadValue.
    """
    _check_length(text)
    match = _DECIMAL(text)
    if match and (match[1] or match[2]):
        return _make_amount("", match[1], match[2] or "", text, digits_max)
    return parse_amount(text, digits_max)


def is_decimal(text: str) -> bool:
    """Whether an amount is written as XML writes decimals."""
    return _DECIMAL(text) is not None


def _check_length(text: str) -> None:
    if len(text) > _LENGTH_MAX:
        raise BadValue("amount_too_long", f"сумма длиннее {_LENGTH_MAX} знаков: {text}")


def _make_amount(sign: str, roubles: str, kopecks: str, text: str, digits_max: int) -> Decimal:
    if kopecks.rstrip("0")[2:]:
        raise BadValue("amount_precision", f"в сумме больше двух знаков после запятой: {text}")
    roubles = roubles.lstrip("0") or "0"
    if len(roubles) + 2 > digits_max:
        raise BadValue("amount_too_long", f"сумма длиннее {digits_max} цифр: {text}")
    return Decimal(f"{sign}{roubles}.{kopecks[:2]:0<2}")


def is_plain_amount(text: str) -> bool:
    """Whether an amount is written as the standard says: roubles, and perhaps a point and two digits."""
    return _PLAIN_AMOUNT(text) is not None


def currency_of(account_number: str) -> str:
    """By the digits 6-8 of a Russian account or the country of an IBAN; roubles where neither tells."""
    country = _CURRENCY_BY_COUNTRY.get(account_number[:2])
    return country or _CURRENCY_BY_CODE.get(account_number[5:8], "RUB")


def known_currency(code: str) -> str:
    """The letters of a currency; old names of the rouble are read as `RUB`."""
    code = code.upper()
    return "RUB" if code in _ROUBLES else code
