"""Values of the format: :61:, balances, accounts, amounts and dates, read tolerantly."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass
from decimal import Decimal

from adapter.domain.statements import Direction
from adapter.formats.amounts import TOTAL_DIGITS_MAX, BadValue, known_currency, parse_amount

_HALF_YEAR = dt.timedelta(days=183)
_BALANCE = re.compile(r"([CD])([0-9]{6})([A-Z]{3})([0-9][0-9,.]*)", re.IGNORECASE).fullmatch
_LINE = re.compile(
    r"([0-9]{6})([0-9]{4}| {4})?(R?[CD])([A-Z])?\s?([0-9][0-9,.]*)(?:([NSF])([A-Z0-9]{3}))?(.*)", re.IGNORECASE
).fullmatch
_NUMBER_WITH_CURRENCY = re.compile(r"([0-9]{20})[ /]?([A-Z]{3})").fullmatch
_GROUPED_NUMBER = re.compile(r"[0-9](?:[ .-]?[0-9]){19}").fullmatch
_FULL_DAY = re.compile(r"([0-9]{4})([0-9]{2})([0-9]{2})").fullmatch
_BIC = re.compile(r"[0-9]{9}").fullmatch


@dataclass(frozen=True, slots=True, kw_only=True)
class BalanceValue:
    """A balance with its day; the amount carries the sign."""

    day: dt.date
    currency: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class LineValue:
    """What :61: tells of an entry; `repairs` are (code, Russian text)."""

    value_date: dt.date
    booking_date: dt.date
    direction: Direction
    amount: Decimal
    transaction_type: str  # without its first letter; empty where it is missing
    reference: str
    bank_reference: str
    repairs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AccountValue:
    """What :25: tells; `bank_code` is what stands before the slash and is no bic of Russia."""

    number: str
    bic: str
    bank_code: str
    is_repaired: bool


def parse_line(text: str) -> LineValue:
    """The first line of :61:.  Raises BadValue where date, mark or amount cannot be read."""
    match = _LINE(text)
    if not match:
        raise BadValue("bad_entry", f"поле :61: не читается: {text}")
    day, entry_day, mark, _, amount, _, transaction_type, rest = match.groups(default="")
    value_date, is_clamped = _parse_day(day)
    repairs = [("date_repaired", f"такой даты нет: {day}; взят последний день месяца")] if is_clamped else []
    booking_date = value_date
    if entry_day.strip():
        booking_date, is_clamped = _entry_date(entry_day, value_date)
        if is_clamped:
            repairs.append(("date_repaired", f"такой даты нет: {entry_day}; взят последний день месяца"))
    if len(mark) == 2:
        repairs.append(("reversal", f"сторно {mark.upper()}: прочитано как обратная операция"))
    reference, _, bank_reference = rest.partition("//")
    return LineValue(
        value_date=value_date,
        booking_date=booking_date,
        direction=_direction(mark.upper()),
        amount=parse_amount(amount),
        transaction_type=transaction_type.upper(),
        reference=reference.strip(),
        bank_reference=bank_reference.strip(),
        repairs=tuple(repairs),
    )


def _direction(mark: str) -> Direction:
    """RC takes a credit back, so it is a debit; RD the other way round."""
    return Direction.CREDIT if mark in ("C", "RD") else Direction.DEBIT


def parse_balance(text: str) -> BalanceValue:
    """:60F: and its like: mark, day, currency, amount.  Raises BadValue."""
    match = _BALANCE(text.replace(" ", ""))
    if not match:
        raise BadValue("bad_balance", f"остаток не читается: {text}")
    mark, day, currency, amount = match.groups()
    value = parse_amount(amount, TOTAL_DIGITS_MAX)
    return BalanceValue(
        day=_parse_day(day)[0], currency=known_currency(currency), amount=-value if mark.upper() == "D" else value
    )


def parse_account(text: str) -> AccountValue:
    """`bic/account` or `account`, perhaps with a currency after it or with digits in groups.  Raises BadValue."""
    bank_code, slash, number = text.partition("/")
    if not slash:
        bank_code, number = "", text
    number, bank_code = number.strip(), bank_code.strip()
    if not number:
        raise BadValue("required", "в поле :25: не указан счёт")
    plain = number
    if match := _NUMBER_WITH_CURRENCY(number):
        plain = match[1]
    elif _GROUPED_NUMBER(number):
        plain = "".join(char for char in number if char.isdigit())
    bic = bank_code if _BIC(bank_code) else ""
    return AccountValue(number=plain, bic=bic, bank_code="" if bic else bank_code, is_repaired=plain != number)


def parse_full_day(text: str) -> dt.date:
    """`ГГГГММДД`.  Raises BadValue."""
    match = _FULL_DAY(text)
    try:
        if match:
            return dt.date(*map(int, match.groups()))
    except ValueError:
        pass
    raise BadValue("bad_date", f"дата не читается, нужно ГГГГММДД: {text}")


def _parse_day(text: str) -> tuple[dt.date, bool]:
    """`ГГММДД`, and whether the day was moved into its month: some banks count 30 days in February."""
    year, month, day = int(text[:2]), int(text[2:4]), int(text[4:])
    return _make_day(1900 + year if year >= 80 else 2000 + year, month, day, text)


def _make_day(year: int, month: int, day: int, text: str) -> tuple[dt.date, bool]:
    try:
        return dt.date(year, month, day), False
    except ValueError as error:
        if 1 <= month <= 12 and 29 <= day <= 31:
            following = dt.date(year + month // 12, month % 12 + 1, 1)
            return following - dt.timedelta(days=1), True
        raise BadValue("bad_date", f"дата не читается, нужно ГГММДД: {text}") from error


def _entry_date(text: str, value_date: dt.date) -> tuple[dt.date, bool]:
    """`ММДД` of the year in which it lies nearest to the value date."""
    month, day = int(text[:2]), int(text[2:])
    found, is_clamped = _make_day(value_date.year, month, day, text)
    if found - value_date > _HALF_YEAR:
        return _make_day(value_date.year - 1, month, day, text)
    if value_date - found > _HALF_YEAR:
        return _make_day(value_date.year + 1, month, day, text)
    return found, is_clamped
