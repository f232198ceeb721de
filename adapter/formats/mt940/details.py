"""The text of :86:, read: subfields by their codes, or free text."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import DocumentType
from adapter.formats.amounts import BadValue
from adapter.formats.mt940 import words
from adapter.formats.mt940.reader import Field
from adapter.formats.mt940.transliteration import restore
from adapter.formats.mt940.values import parse_full_day
from adapter.formats.notes import Notes

_IS_STRUCTURED = re.compile(r"(?:[0-9]{3})?\?[0-9]{2}").match
_SUBFIELD = re.compile(r"\?([0-9]{2})")
_FACT = re.compile(f"/({'|'.join(words.STATEMENT_WORDS)})/")
_PRIORITIES = {str(number): number for number in range(6)}
_NOBODY = Counterparty(name="")
_OTHER_NAME_CODES = ("35", "36")
_FIELD_BY_CODE = {code: field for field, code in words.ENTRY_CODES.items()}
_KNOWN_CODES = {
    *(words.POSTING_TEXT, *words.PURPOSE_CODES, *words.MORE_PURPOSE_CODES, *words.NAME_CODES, *_OTHER_NAME_CODES),
    *_FIELD_BY_CODE,
    "34",  # a key of German banks
}


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryText:
    """What :86: tells of an entry; None where it does not tell."""

    document_type: DocumentType | None
    number: str | None
    purpose: str
    counterparty: Counterparty
    priority: int | None
    uin: str | None
    date: dt.date | None
    booking_date: dt.date | None
    budget: BudgetDetails | None


def join_lines(lines: Sequence[str]) -> str:
    """The lines of a field as one text: what fills a line goes on in the next, a shorter line ends a word."""
    if _IS_STRUCTURED(lines[0]):
        return "".join(lines)
    parts: list[str] = []
    before = words.LINE_MAX
    for line in lines:
        parts.append(line if before >= words.LINE_MAX else f" {line}")
        before = len(line)
    return "".join(parts).strip()


def read_entry_text(fields: Sequence[Field], is_transliterated: bool, notes: Notes) -> EntryText:
    """The :86: of an entry; several of them are read as one that goes on."""
    parts = [join_lines(each.lines) for each in fields]
    text = ("" if parts and _IS_STRUCTURED(parts[0]) else " ").join(parts)
    line = fields[0].line if fields else 0
    if not _IS_STRUCTURED(text):
        return _free_text(restore(text) if is_transliterated else text)
    head, *rest = _SUBFIELD.split(text)
    pieces: dict[str, list[str]] = {}
    for code, value in zip(rest[::2], rest[1::2], strict=True):
        pieces.setdefault(code, []).append(value)
    return _Subfields(head, pieces, is_transliterated, line, notes).read()


def _free_text(purpose: str) -> EntryText:
    return EntryText(
        document_type=None,
        number=None,
        purpose=purpose,
        counterparty=_NOBODY,
        priority=None,
        uin=None,
        date=None,
        booking_date=None,
        budget=None,
    )


class _Subfields:
    """Reads the subfields of one :86:."""

    def __init__(
        self, head: str, pieces: Mapping[str, Sequence[str]], is_transliterated: bool, line: int, notes: Notes
    ) -> None:
        self.head = head
        self.pieces = pieces
        self.is_transliterated = is_transliterated
        self.line = line
        self.notes = notes

    def read(self) -> EntryText:
        for code in sorted(self.pieces.keys() - _KNOWN_CODES):
            told = f"подполе ?{code} неизвестно: {self._text(code)}"
            self.notes.add(self.line, "unknown_subfield", told, f"?{code}")
        return EntryText(
            # Without transliteration the file is not of Russia, and these codes mean something else there.
            document_type=words.TYPE_BY_POSTING_CODE.get(self.head) if self.is_transliterated else None,
            number=self._value("number") if self.is_transliterated else None,
            purpose=self._text(*words.PURPOSE_CODES, *words.MORE_PURPOSE_CODES) or self._posting_text(),
            counterparty=self._counterparty(),
            priority=self._priority(),
            uin=self._value("uin"),
            date=self._day("date"),
            booking_date=self._day("booking_date"),
            budget=self._budget(),
        )

    def _text(self, *codes: str) -> str:
        """The pieces of some subfields as one text; a piece that fills its subfield goes on in the next."""
        parts: list[str] = []
        before = words.PIECE_MAX
        for piece in (piece for code in codes for piece in self.pieces.get(code, ())):
            has_space = piece[:1] == " " or (parts and parts[-1][-1:] == " ")
            parts.append(piece if before >= words.PIECE_MAX or has_space else f" {piece}")
            before = len(piece)
        text = "".join(parts).strip(" ")
        return restore(text) if self.is_transliterated else text

    def _value(self, field: str) -> str | None:
        code = words.ENTRY_CODES[field]
        return (self._text(code) or None) if code in self.pieces else None

    def _posting_text(self) -> str:
        """Banks abroad name the kind of operation here, and it may be all that they tell; ours repeats a code."""
        return "" if self.is_transliterated else self._text(words.POSTING_TEXT)

    def _counterparty(self) -> Counterparty:
        return Counterparty(
            name=self._text(*words.NAME_CODES) or self._text(*_OTHER_NAME_CODES),
            inn=self._value("counterparty.inn"),
            kpp=self._value("counterparty.kpp"),
            account=self._value("counterparty.account"),
            bic=self._value("counterparty.bic"),
            bank_name=self._value("counterparty.bank_name"),
            correspondent_account=self._value("counterparty.correspondent_account"),
        )

    def _priority(self) -> int | None:
        text = self._value("priority")
        if text and text not in _PRIORITIES:
            self.notes.add(self.line, "priority_unclear", f"очерёдность не понята: {text}", "?44")
        return _PRIORITIES.get(text or "")

    def _day(self, field: str) -> dt.date | None:
        text = self._value(field)
        if not text:
            return None
        try:
            return parse_full_day(text)
        except BadValue as bad:
            self.notes.add(self.line, bad.code, bad.message, f"?{words.ENTRY_CODES[field]}")
            return None

    def _budget(self) -> BudgetDetails | None:
        names = [name for name in words.ENTRY_CODES if name.startswith("budget.")]
        told = {name.removeprefix("budget."): self._value(name) for name in names}
        if not any(told.values()):
            return None
        status = told.pop("drawer_status") or ""
        return BudgetDetails(drawer_status=status, **told)


def read_facts(fields: Sequence[Field], is_transliterated: bool, notes: Notes) -> dict[str, str]:
    """What the :86: after the closing balance tells of the whole statement, by its words."""
    facts: dict[str, str] = {}
    for each in fields:
        text = "".join(each.lines)
        head, *rest = _FACT.split(text) if is_transliterated else [text]
        if head.strip():
            told = restore(head) if is_transliterated else head
            notes.add(each.line, "statement_details", f"сведения о выписке в целом: {told.strip()}", "86")
        facts |= {word: restore(value).strip() for word, value in zip(rest[::2], rest[1::2], strict=True)}
    return facts
