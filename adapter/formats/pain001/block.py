"""What a `PmtInf` says for all its orders: read once and shared, for there may be thousands of them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import NamedTuple

from adapter.domain.parties import Party
from adapter.formats.iso20022.cut_texts import join_name
from adapter.formats.iso20022.dates import parse_date
from adapter.formats.iso20022.references import REFERENCE_LENGTH
from adapter.formats.notes import Notes, shorten
from adapter.formats.pain001 import places
from adapter.formats.pain001.leaves import REPEATS_MAX, TEXT_MAX, Fields, Leaves
from adapter.formats.pain001.values import none_if_zero

_MAY_REPEAT = ("purpose",)


class Wrong(NamedTuple):
    """What is wrong with one of our fields, and its line."""

    field: str
    code: str
    message: str
    line: int | None


class Block:
    """The payer, account and date of a `PmtInf`; `wrong` is wrong with each of its orders."""

    __slots__ = ("execution_date", "execution_line", "id", "leaves", "lines", "payer", "payer_account", "wrong")

    def __init__(self, leaves: Leaves, notes: Notes) -> None:
        fields = Fields(leaves, places.PAYMENT_FIELDS)
        self.leaves = leaves
        self.id = leaves.text("PmtInfId")[:REFERENCE_LENGTH]
        self.wrong: list[Wrong] = [*check_fields(fields), *_check_method(leaves)]
        self.payer_account = fields.text("payer_account") or None
        self.payer = self._read_payer(fields)
        self.execution_line = leaves.find_line(*places.EXECUTION_DATE) if leaves.text(*places.EXECUTION_DATE) else None
        self.execution_date = self._read_execution_date(notes)
        self.lines = tuple(map(fields.line, places.PAYMENT_PLACES))

    def _read_payer(self, fields: Fields) -> Party | None:
        """An INN or KPP of `0` stays: a payer without one is another thing than a payer who is not told."""
        name, inn = read_name(self.leaves, "Dbtr"), fields.text("payer.inn")
        if len(name) > TEXT_MAX:
            self.wrong.append(too_long("payer.name", self.leaves.find_line("Dbtr/Nm")))
            return None
        if not name and not none_if_zero(inn):
            return None
        return Party(name=name, inn=inn or None, kpp=fields.text("payer.kpp") or None)

    def _read_execution_date(self, notes: Notes) -> dt.date | None:
        texts = {text for leaf in self.leaves.all(*places.EXECUTION_DATE) if (text := leaf.text.strip())}
        if not texts:
            return None
        if len(texts) > 1:
            message = "ReqdExctnDt указано несколько раз с разными значениями"
            self.wrong.append(Wrong("date", "repeated_element", message, self.execution_line))
            return None
        (text,) = texts
        date, is_plain = parse_date(text)
        if date is None:
            message = shorten(f"ReqdExctnDt: дата не читается, нужно гггг-мм-дд: {text}")
            self.wrong.append(Wrong("date", "bad_date", message, self.execution_line))
        else:
            line = self.execution_line or self.leaves.line
            note_if_repaired(notes, line, "ReqdExctnDt", text, date, is_plain)
        return date


def check_fields(fields: Fields) -> Iterator[Wrong]:
    """Places of one field that contradict each other, and texts that no field can hold."""
    for field, leaves in fields.items():
        long = [leaf for leaf in leaves if len(leaf.text) > TEXT_MAX]
        if long:
            yield too_long(field, long[0].line)
        elif len(leaves) > 1:
            texts = {text: leaf.line for leaf in leaves if (text := leaf.text.strip())}
            if len(leaves) > REPEATS_MAX or (len(texts) > 1 and field not in _MAY_REPEAT):
                message = f"{places.first_place(field)} указано несколько раз с разными значениями"
                yield Wrong(field, "repeated_element", message, max(texts.values(), default=leaves[-1].line))


def read_name(leaves: Leaves, path: str) -> str:
    """A name with what stands in address lines because the name element was full."""
    names = [leaf.text for leaf in leaves.all(f"{path}/Nm")]
    lines = (leaf.text for leaf in leaves.all(f"{path}/PstlAdr/AdrLine"))
    return join_name(names[0], lines) if names else ""


def note_if_repaired(notes: Notes, line: int, place: str, text: str, date: dt.date, is_plain: bool) -> None:
    """Note a date of an order that is written in another way, or is not the day of Moscow that the text begins with."""
    if not is_plain or not text.startswith(date.isoformat()):
        notes.add(line, "date_repaired", f"дата {text} прочитана как {date:%d.%m.%Y}", place)


def _check_method(leaves: Leaves) -> Iterator[Wrong]:
    method = leaves.text("PmtMtd")
    if method not in ("TRF", ""):
        message = shorten(f"способ оплаты {method} нельзя загрузить: принимаются только переводы (TRF)")
        yield Wrong("", "not_a_payment_order", message, leaves.find_line("PmtMtd"))


def too_long(field: str, line: int | None) -> Wrong:
    """A text that is longer than any field may be."""
    return Wrong(field, "too_long", f"{places.first_place(field)} длиннее {TEXT_MAX} знаков", line)
