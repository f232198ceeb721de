"""Values of a statement's section, read tolerantly: what is repaired is noted, what cannot be read is an error."""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from adapter.domain.errors import FieldError
from adapter.domain.parties import Counterparty
from adapter.domain.statements import TYPE_BY_OPERATION_CODE, DocumentType
from adapter.formats.amounts import AMOUNT_DIGITS_MAX, TOTAL_DIGITS_MAX
from adapter.formats.notes import Notes
from adapter.formats.onec_exchange import tags, values
from adapter.formats.onec_exchange.reader import Section

_KPP_PLACEHOLDER = re.compile(r"[0-9]|0+").fullmatch
_PRIORITIES = {text: int(text) for digit in range(6) for text in (str(digit), f"0{digit}")}


class BookedValues:
    """Reads values of one section after the other; every unreadable one is kept in `errors` with its line."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.errors: list[FieldError] = []

    def amount(self, section: Section, key: str, digits_max: int = AMOUNT_DIGITS_MAX) -> Decimal | None:
        """An amount that must be there; None after noting the error."""
        text = section.text(key)
        try:
            amount = values.parse_amount(text, digits_max)
        except values.BadValue as bad:
            self.refuse(section, key, bad.code, bad.message)
            return None
        if not values.is_plain_amount(text):
            self.notes.add(section.line_of(key), "amount_spelling", f"сумма {text} прочитана как {amount}", key)
        return amount

    def optional_total(self, section: Section, key: str) -> Decimal | None:
        """A balance or the sum of many amounts, or None where the key is missing or empty."""
        return self.amount(section, key, TOTAL_DIGITS_MAX) if section.text(key) else None

    def date(self, section: Section, key: str) -> dt.date | None:
        """A date, or None where the key is missing or empty; characters glued to its end are cut off."""
        text = section.text(key)
        if not text:
            return None
        try:
            date, is_repaired = values.repair_date(text)
        except values.BadValue as bad:
            self.refuse(section, key, bad.code, bad.message)
            return None
        if is_repaired:
            self.notes.add(section.line_of(key), "date_repaired", f"дата {text} прочитана как {date:%d.%m.%Y}", key)
        return date

    def side(self, section: Section, side: str) -> Counterparty:
        """One side of a document with its account and bank."""
        return Counterparty(
            name=values.read_name(section, side, self.notes),
            inn=values.none_if_zeros(section.text(f"{side}ИНН")) or values.find_inn_in_name(section, side),
            kpp=self._kpp(section, f"{side}КПП"),
            account=section.text(f"{side}РасчСчет", f"{side}Счет") or None,
            bic=values.none_if_zeros(section.text(f"{side}БИК")),
            bank_name=values.read_bank_name(section, side),
            correspondent_account=values.none_if_zeros(section.text(f"{side}Корсчет")),
        )

    def document_type(self, section: Section) -> DocumentType:
        """By the code of field 18, which banks fill more carefully than the name of the section."""
        code = section.text("ВидОплаты")
        known = TYPE_BY_OPERATION_CODE.get(code) or tags.type_by_name(section.kind)
        if known is None:
            message = f"вид документа не понят: {section.kind or 'не указан'}, вид операции: {code or 'не указан'}"
            self.notes.add(section.line, "kind_unknown", message, section.name)
        return known or DocumentType.OTHER

    def priority(self, section: Section) -> int | None:
        text = section.text("Очередность")
        if text and text not in _PRIORITIES:
            line = section.line_of("Очередность")
            self.notes.add(line, "priority_unclear", f"очерёдность не понята: {text}", "Очередность")
        return _PRIORITIES.get(text)

    def uin(self, section: Section) -> str | None:
        """The code of field 22 where it is digits; some banks write words of their own into it."""
        text = values.none_if_zeros(section.text("Код"))
        if text and not (text.isascii() and text.isdigit()):
            self.notes.add(section.line_of("Код"), "code_unclear", f"в поле Код не УИН: {text}", "Код")
            return None
        return text

    def _kpp(self, section: Section, key: str) -> str | None:
        """KPP, or None for `0` and for the placeholders `2` and `000000000` that programs put there."""
        text = section.text(key)
        if text in ("", "0"):
            return None
        if _KPP_PLACEHOLDER(text):
            message = f"вместо КПП стоит {text}; прочитано как «нет»"
            self.notes.add(section.line_of(key), "kpp_placeholder", message, key)
            return None
        return text

    def refuse(self, section: Section, key: str, code: str, message: str) -> None:
        """Note a value that cannot be read."""
        self.errors.append(FieldError(pointer="", code=code, message=message, field=key, line=section.line_of(key)))
