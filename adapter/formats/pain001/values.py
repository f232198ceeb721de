"""Values of a message: amounts, counts and zeros."""

from __future__ import annotations

import re
from decimal import Decimal

from adapter.formats.amounts import AMOUNT_DIGITS_MAX, BadValue, parse_decimal

_COUNT = re.compile(r"[0-9]{1,15}").fullmatch


def parse_sum(text: str, digits_max: int = AMOUNT_DIGITS_MAX) -> Decimal:
    """An amount that is not below zero.  Raises BadValue."""
    amount = parse_decimal(text, digits_max)
    if amount < 0:
        raise BadValue("bad_amount", f"сумма меньше нуля: {text}")
    return amount


def parse_count(text: str) -> int:
    """A number of orders.  Raises BadValue."""
    if not _COUNT(text):
        raise BadValue("bad_count", f"количество поручений не читается: {text}")
    return int(text)


def none_if_zero(text: str) -> str | None:
    """The form says «none» by a zero."""
    return None if text in ("", "0") else text
