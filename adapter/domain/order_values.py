"""Values that law changes: what holds for a payment order of a given date, since when, and by what source.

The values themselves stand in `order_values.toml` beside this module (`adapter/formats/order_values.py` reads it), so
that a bank amends them without touching code.  An order is judged by its own date.
"""

from __future__ import annotations

import datetime as dt
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Generic, TypeVar

T = TypeVar("T")


@dataclass(frozen=True, slots=True, kw_only=True)
class Ruling(Generic[T]):
    """A value, the first day of orders for which it holds, where it is written, and a Russian sentence about it."""

    value: T
    since: dt.date
    source: str
    note: str

    def reference(self, right_value: str | None = None) -> str:
        """What to tell an accountant: «ФНС сменила КПП 05.12.2025; укажите 770701001»."""
        return f"{self.note}; укажите {right_value}" if right_value else self.note


@dataclass(frozen=True, slots=True, kw_only=True)
class DayValues:
    """Everything that holds on one day.  The names are the keys of `order_values.toml`."""

    drawer_statuses: Ruling[frozenset[str]]  # 101
    account_statuses: Ruling[Mapping[str, str]]  # status → prefix of the only accounts that it may pay to
    tax_service_statuses: Ruling[frozenset[str]]
    tax_service_account: Ruling[str]
    tax_service_unified_account: Ruling[str]  # ЕКС, field 15
    tax_service_bic: Ruling[str]
    tax_service_inn: Ruling[str]
    tax_service_kpp: Ruling[str]
    single_tax_kbk: Ruling[str]  # ЕНП
    customs_statuses: Ruling[frozenset[str]]
    customs_account: Ruling[str]
    customs_unified_account: Ruling[str]
    customs_bic: Ruling[str]
    customs_inn: Ruling[str]
    customs_kpp: Ruling[str]
    customs_oktmo: Ruling[str]
    customs_reasons: Ruling[Mapping[str, int]]  # 106 → how long 108 may be; 0: not filled in
    customs_numbered_reasons: Ruling[frozenset[str]]  # those that need 108
    oktmo_free_accounts: Ruling[frozenset[str]]  # prefixes of treasury accounts that take 105 empty
    uin_accounts: Ruling[frozenset[str]]  # prefixes of treasury accounts that need 22
    institution_accounts: Ruling[frozenset[str]]  # in banks, budget fields when the 14th digit is 4
    identity_documents: Ruling[frozenset[str]]  # 108 of status 24: kinds of documents
    tax_priorities: Ruling[frozenset[str]]  # 21 of payments to the tax service and the customs
    entrepreneur_accounts: Ruling[frozenset[str]]  # prefixes of 3 or 5 digits
    person_accounts: Ruling[frozenset[str]]
    person_or_company_accounts: Ruling[frozenset[str]]
    non_resident_accounts: Ruling[frozenset[str]]
    income_type_codes: Ruling[frozenset[str]]  # 20
    vat_rates: Ruling[frozenset[str]]  # whole per cent


class OrderValues:
    """The values of every day.  For days before the first ruling of a key its first ruling is used."""

    def __init__(self, rulings: Mapping[str, Sequence[Ruling[object]]]) -> None:
        """Each field of DayValues needs its rulings, by date, at least one."""
        self._starts = sorted({ruling.since for of_key in rulings.values() for ruling in of_key})
        self._days = [_values_at(start, rulings) for start in self._starts]

    def at(self, date: dt.date) -> DayValues:
        """What holds for an order of this date."""
        return self._days[max(bisect_right(self._starts, date) - 1, 0)]

    @cached_property
    def changes(self) -> Sequence[dt.date]:
        """The days on which something changes."""
        return tuple(self._starts)


def _values_at(date: dt.date, rulings: Mapping[str, Sequence[Ruling[object]]]) -> DayValues:
    return DayValues(**{key: _ruling_at(date, of_key) for key, of_key in rulings.items()})  # type: ignore[arg-type]


def _ruling_at(date: dt.date, rulings: Sequence[Ruling[object]]) -> Ruling[object]:
    return rulings[max(bisect_right(rulings, date, key=lambda ruling: ruling.since) - 1, 0)]
