"""Values of a message: dates, amounts, counts and zeros."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal
from functools import lru_cache

from adapter.formats.amounts import AMOUNT_DIGITS_MAX, BadValue, parse_decimal

MOSCOW = dt.timezone(dt.timedelta(hours=3))  # no daylight saving since 2014
_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(?:Z|[+-][0-9]{2}:[0-9]{2})?").fullmatch
_RUSSIAN_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})").fullmatch
_COUNT = re.compile(r"[0-9]{1,15}").fullmatch


@lru_cache(maxsize=4096)
def parse_date(text: str) -> dt.date:
    """`2026-11-21`, with a zone or a time or without, or `21.11.2026`; a moment is of its Moscow day.

    Raises BadValue.
    """
    if match := _RUSSIAN_DATE(text):
        text = "-".join(reversed(match.groups()))
    try:
        if match := _DATE(text):
            return dt.date.fromisoformat(match[1])
        if "T" in text:
            moment = dt.datetime.fromisoformat(text)
            return (moment.astimezone(MOSCOW) if moment.tzinfo else moment).date()
    except (ValueError, OverflowError):
        pass
    raise BadValue("bad_date", f"дата не читается, нужно гггг-мм-дд: {text}" if text else "дата не указана")


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
