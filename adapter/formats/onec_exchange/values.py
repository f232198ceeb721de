"""Values of the format: amounts, dates, names, and the ways in which «none» is written."""

from __future__ import annotations

import datetime as dt
import re

from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.formats.amounts import BadValue as BadValue
from adapter.formats.amounts import is_plain_amount as is_plain_amount
from adapter.formats.amounts import parse_amount as parse_amount
from adapter.formats.notes import Notes
from adapter.formats.onec_exchange.reader import Section
from adapter.formats.onec_exchange.tags import BUDGET_KEYS, PURPOSE_PARTS

MOSCOW = dt.timezone(dt.timedelta(hours=3))  # no daylight saving since 2014

_FIRST_YEAR = 1900
_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})").match
_NAME_WITH_INN = re.compile(r"ИНН\s*([0-9]{5,12})(?:[\s/\\]*(?:КПП\s*)?[0-9]{9})?\s+(\S.*)", re.DOTALL).fullmatch
_KPP_PLACEHOLDER = re.compile(r"[0-9]|0+").fullmatch


def parse_date(text: str) -> dt.date:
    """`дд.мм.гггг`.  Raises BadValue."""
    date, is_repaired = repair_date(text)
    if is_repaired:
        raise BadValue("bad_date", f"дата не читается, нужно дд.мм.гггг: {text}")
    return date


def repair_date(text: str) -> tuple[dt.date, bool]:
    """The date at the beginning of a text, and whether more is glued to it.  Raises BadValue where there is none."""
    match = _DATE(text)
    if not match:
        raise BadValue("bad_date", f"дата не читается, нужно дд.мм.гггг: {text}" if text else "дата не указана")
    day, month, year = map(int, match.groups())
    try:
        date = dt.date(year, month, day)
    except ValueError as error:
        raise BadValue("bad_date", f"такой даты нет: {text}") from error
    if year < _FIRST_YEAR:
        raise BadValue("bad_date", f"дата слишком давняя: {text}")
    return date, match.end() != len(text)


def none_if_zero(text: str) -> str | None:
    """«0» and an empty text are both how the form says «none»."""
    return text if text.strip("0") else None


def read_kpp(section: Section, key: str, notes: Notes) -> str | None:
    """KPP, or None for `0` and for the placeholders `2` and `000000000` that programs put there."""
    text = section.text(key)
    if text in ("", "0"):
        return None
    if _KPP_PLACEHOLDER(text):
        notes.add(section.line_of(key), "kpp_placeholder", f"вместо КПП стоит {text}; прочитано как «нет»", key)
        return None
    return text


def read_name(section: Section, side: str, notes: Notes) -> str:
    """The name of a side: `…1` holds the bare name, the key without a digit may begin with the INN."""
    name = section.text(f"{side}1", side)
    match = _NAME_WITH_INN(name)
    if not match:
        return name
    notes.add(section.line_of(f"{side}1", side), "inn_in_name", "перед наименованием стоит ИНН; отделён", side)
    return match[2]


def read_inn(section: Section, side: str) -> str | None:
    """The INN of a side; where its own key is empty, the one that stands before the name."""
    if inn := none_if_zero(section.text(f"{side}ИНН")):
        return inn
    match = _NAME_WITH_INN(section.text(side))
    return match[1] if match else None


def read_purpose(section: Section, notes: Notes) -> str:
    """The full purpose, or the numbered parts of it where the full one is missing."""
    full = section.text("НазначениеПлатежа")
    parts = " ".join(part for key in PURPOSE_PARTS if (part := section.text(key)))
    if not full and parts:
        line = section.line_of(*PURPOSE_PARTS)
        notes.add(line, "purpose_from_parts", "назначение платежа собрано из частей", "НазначениеПлатежа")
        return parts
    if parts and _letters(parts) != _letters(full):
        line = section.line_of(*PURPOSE_PARTS)
        notes.add(
            line, "purpose_parts_differ", f"части назначения отличаются от полного: {parts}", "НазначениеПлатежа1"
        )
    return full


def _letters(text: str) -> str:
    return "".join(text.split())


def read_side(section: Section, side: str, notes: Notes) -> Counterparty:
    """One side of a document with its account and bank."""
    town = section.text(f"{side}Банк2")
    bank = section.text(f"{side}Банк1")
    return Counterparty(
        name=read_name(section, side, notes),
        inn=read_inn(section, side),
        kpp=read_kpp(section, f"{side}КПП", notes),
        account=section.text(f"{side}РасчСчет", f"{side}Счет") or None,
        bic=none_if_zero(section.text(f"{side}БИК")),
        bank_name=f"{bank} {town}".strip() or None,
        correspondent_account=none_if_zero(section.text(f"{side}Корсчет")),
    )


def read_budget(section: Section) -> BudgetDetails | None:
    """Fields 101 and 104-110; None where neither the status nor any other of them says something."""
    status = section.text("СтатусСоставителя")
    values = [section.text(key) for key in BUDGET_KEYS]
    if not none_if_zero(status) and not any(map(none_if_zero, values)):
        return None
    kbk, oktmo, reason, tax_period, basis_number, basis_date, payment_type = (value or None for value in values)
    return BudgetDetails(
        drawer_status=status,
        kbk=kbk,
        oktmo=oktmo,
        reason=reason,
        tax_period=tax_period,
        basis_number=basis_number,
        basis_date=basis_date,
        payment_type=payment_type,
    )
