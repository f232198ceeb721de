"""Values of the format: amounts, dates, names, and the ways in which «none» is written."""

from __future__ import annotations

import datetime as dt
import re
from collections import Counter
from collections.abc import Callable, Sequence

from adapter.domain.payments import BudgetDetails
from adapter.formats.amounts import BadValue as BadValue
from adapter.formats.amounts import is_plain_amount as is_plain_amount
from adapter.formats.amounts import parse_amount as parse_amount
from adapter.formats.notes import Notes
from adapter.formats.onec_exchange.reader import Section
from adapter.formats.onec_exchange.tags import BUDGET_KEYS, PURPOSE_PARTS

_FIRST_YEAR = 1900
_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})").match
_NAME_WITH_INN = re.compile(r"ИНН\s*([0-9]{5,12})(?:[\s/\\]*(?:КПП\s*)?[0-9]{9})?\s+(\S.*)", re.DOTALL).fullmatch


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
    """The form says «none» by a zero."""
    return None if text in ("", "0") else text


def none_if_zeros(text: str) -> str | None:
    """Statements of banks also say «none» by as many zeros as the code has digits."""
    return text if text.strip("0") else None


def read_name(section: Section, side: str, notes: Notes) -> str:
    """The name of a side without the INN that may stand before it: `…1` first, then the key without a digit."""
    name = section.text(f"{side}1", side)
    match = _NAME_WITH_INN(name)
    if not match:
        return name
    own = section.text(f"{side}ИНН")
    differs = f", а {side}ИНН - {own}" if none_if_zeros(own) and own != match[1] else ""
    message = f"перед наименованием стоит ИНН {match[1]}{differs}; отделён"
    notes.add(section.line_of(f"{side}1", side), "inn_in_name", message, side)
    return match[2]


def find_inn_in_name(section: Section, side: str) -> str | None:
    """The INN that stands before the name of a side."""
    for key in (f"{side}1", side):
        if match := _NAME_WITH_INN(section.text(key)):
            return match[1]
    return None


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


def read_bank_name(section: Section, side: str) -> str | None:
    """The name of the bank of a side with its town."""
    town = section.text(f"{side}Банк2")
    return f"{section.text(f'{side}Банк1')} {town}".strip() or None


def read_budget(section: Section, none_if: Callable[[str], str | None]) -> BudgetDetails | None:
    """Fields 101 and 104-110; None where neither the status nor any other of them says something."""
    status = section.text("СтатусСоставителя")
    values = [section.text(key) for key in BUDGET_KEYS]
    if not none_if(status) and not any(map(none_if, values)):
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


def note_not_kept(documents: Sequence[Section], keys: Sequence[str], notes: Notes) -> None:
    """Tell once for the file which keys of the standard are passed over, and in how many documents each is filled."""
    counts = Counter(key for section in documents for key in keys if section.values.get(key))
    if counts:
        told = ", ".join(f"{key} ({count})" for key, count in counts.items())
        first = next(section for section in documents if any(map(section.values.get, keys)))
        notes.add(first.line, "not_kept", f"не сохраняются (в скобках - в скольких документах): {told}")
