"""Reads the table of dated values (TOML 1.0): every key of `DayValues`, one `[[key]]` per ruling.

A wrong file is refused whole, by an error that names the key and the value.
"""

from __future__ import annotations

import datetime as dt
import itertools
import re
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from adapter.domain import identifiers, order_values
from adapter.domain.identifiers import InvalidIdentifier
from adapter.domain.order_values import DayValues, OrderValues, Ruling

SHIPPED_FILE = Path(order_values.__file__).with_suffix(".toml")
RULING_KEYS = {"from", "value", "source", "note"}


class BadOrderValues(ValueError):
    """The file of dated values cannot be used; the text names the key and the value."""


def read_order_values(file: str = "") -> OrderValues:
    """The dated values of a file, of the one that ships where none is named; raises BadOrderValues."""
    try:
        data = Path(file or SHIPPED_FILE).read_bytes()
    except OSError as error:
        raise BadOrderValues(f"{file}: {error.strerror}") from error
    return parse_order_values(data)


def parse_order_values(data: bytes) -> OrderValues:
    """The dated values of a file's content; raises BadOrderValues."""
    try:
        table = tomllib.loads(data.decode("utf-8-sig"))
    except (UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadOrderValues(f"not TOML in UTF-8: {error}") from error
    wanted = {field.name for field in fields(DayValues)}
    if unknown := sorted(table.keys() - wanted):
        raise BadOrderValues(f"{unknown[0]}: no such key")
    if missing := sorted(wanted - table.keys()):
        raise BadOrderValues(f"{missing[0]}: the key is missing")
    return OrderValues({key: _parse_rulings(key, rulings) for key, rulings in table.items()})


def _parse_rulings(key: str, rulings: Any) -> Sequence[Ruling[object]]:
    if not isinstance(rulings, list) or not rulings or not all(isinstance(one, dict) for one in rulings):
        raise BadOrderValues(f"{key}: write [[{key}]] with from, value, source and note")
    parsed = [_parse_ruling(f"{key}[{place}]", _FORMS[key], one) for place, one in enumerate(rulings)]
    for earlier, later in itertools.pairwise(parsed):
        if earlier.since >= later.since:
            raise BadOrderValues(f"{key}: from = {later.since} stands after {earlier.since}; dates go up")
    return parsed


def _parse_ruling(place: str, form: Callable[[Any], object], told: Mapping[str, Any]) -> Ruling[object]:
    if odd := sorted(told.keys() ^ RULING_KEYS):
        raise BadOrderValues(f"{place}.{odd[0]}: {'is missing' if odd[0] in RULING_KEYS else 'no such key'}")
    since = told["from"]
    if type(since) is not dt.date:
        raise BadOrderValues(f"{place}.from = {since!r}: not a date such as 2026-01-01")
    for key in ("source", "note"):
        if not isinstance(told[key], str) or not told[key].strip():
            raise BadOrderValues(f"{place}.{key} = {told[key]!r}: not a text")
    try:
        value = form(told["value"])
    except (ValueError, TypeError) as error:
        raise BadOrderValues(f"{place}.value = {told['value']!r}: {error}") from error
    return Ruling(value=value, since=since, source=told["source"], note=told["note"])


def _text(check: Callable[[str], None]) -> Callable[[Any], str]:
    def parse(value: Any) -> str:
        if not isinstance(value, str):
            raise TypeError("not a text")
        check(value)
        return value

    return parse


def _pattern(pattern: str, words: str) -> Callable[[str], None]:
    matches = re.compile(pattern).fullmatch

    def check(value: str) -> None:
        if not matches(value):
            raise ValueError(f"{value!r} is not {words}")

    return check


def _list(check: Callable[[str], None]) -> Callable[[Any], frozenset[str]]:
    parse_one = _text(check)

    def parse(value: Any) -> frozenset[str]:
        if not isinstance(value, list) or not value:
            raise TypeError("not a list of texts")
        return frozenset(map(parse_one, value))

    return parse


def _table(check: Callable[[str], None], parse_value: Callable[[Any], object]) -> Callable[[Any], Mapping[str, object]]:
    parse_key = _text(check)

    def parse(value: Any) -> Mapping[str, object]:
        if not isinstance(value, dict) or not value:
            raise TypeError("not a table")
        return {parse_key(key): parse_value(one) for key, one in value.items()}

    return parse


def _width(value: Any) -> int:
    if type(value) is not int or not 0 <= value <= 15:
        raise ValueError(f"{value!r} is not a number of characters from 0 to 15")
    return value


def _treasury_account(account: str) -> None:
    if not identifiers.is_treasury_account(account):
        raise InvalidIdentifier("treasury_account_form", "not a treasury account such as 03100643000000018500")


_status = _pattern("[0-9]{2}", "two digits")
_prefix = _pattern("[0-9]{5}", "five digits of an account")
_short_prefix = _pattern("[0-9]{3}|[0-9]{5}", "three or five digits of an account")
_reason = _pattern("[0-9А-Я]{2}", "two digits or Russian capitals")

# How the value of each key is read.
_FORMS: Mapping[str, Callable[[Any], object]] = {
    "drawer_statuses": _list(_status),
    "account_statuses": _table(_status, _text(_prefix)),
    "tax_service_statuses": _list(_status),
    "tax_service_account": _text(_treasury_account),
    "tax_service_unified_account": _text(identifiers.check_correspondent_account),
    "tax_service_bic": _text(identifiers.check_bic),
    "tax_service_inn": _text(identifiers.check_inn),
    "tax_service_kpp": _text(identifiers.check_kpp),
    "single_tax_kbk": _text(identifiers.check_kbk),
    "customs_statuses": _list(_status),
    "customs_account": _text(_treasury_account),
    "customs_unified_account": _text(identifiers.check_correspondent_account),
    "customs_bic": _text(identifiers.check_bic),
    "customs_inn": _text(identifiers.check_inn),
    "customs_kpp": _text(identifiers.check_kpp),
    "customs_oktmo": _text(identifiers.check_oktmo),
    "customs_reasons": _table(_reason, _width),
    "customs_numbered_reasons": _list(_reason),
    "oktmo_free_accounts": _list(_prefix),
    "uin_accounts": _list(_prefix),
    "institution_accounts": _list(_prefix),
    "identity_documents": _list(_status),
    "tax_priorities": _list(_pattern("[1-5]", "a priority from 1 to 5")),
    "entrepreneur_accounts": _list(_short_prefix),
    "person_accounts": _list(_short_prefix),
    "person_or_company_accounts": _list(_short_prefix),
    "non_resident_accounts": _list(_short_prefix),
    "income_type_codes": _list(_pattern("[0-9]", "one digit")),
    "vat_rates": _list(_pattern("[0-9]{1,2}", "a whole per cent")),
}
