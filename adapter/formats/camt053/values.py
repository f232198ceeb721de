"""Values of a message, read tolerantly: what is repaired is noted, what cannot be read is an error with its line."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.moscow import MOSCOW
from adapter.domain.statements import Direction
from adapter.formats.amounts import (
    AMOUNT_DIGITS_MAX,
    TOTAL_DIGITS_MAX,
    BadValue,
    is_decimal,
    known_currency,
    parse_decimal,
)
from adapter.formats.camt053.parts import Part
from adapter.formats.iso20022.dates import parse_date, parse_moment
from adapter.formats.notes import Notes

ERRORS_MAX = 1_000  # nobody reads more, and noise must not fill the memory
_DIRECTIONS = {"CRDT": Direction.CREDIT, "DBIT": Direction.DEBIT}


class Values:
    """Reads values of elements; every unreadable one is kept in `errors`."""

    def __init__(self, notes: Notes) -> None:
        self.notes = notes
        self.errors: list[FieldError] = []

    def amount(self, part: Part, path: str, digits_max: int = AMOUNT_DIGITS_MAX) -> Decimal | None:
        """An amount that must be there and not below zero; None after keeping the error."""
        text = part.text(path)
        try:
            amount = parse_decimal(text, digits_max)
        except BadValue as bad:
            self.refuse(part, path, bad.code, bad.message)
            return None
        if amount < 0:
            self.refuse(part, path, "bad_amount", f"сумма меньше нуля: {text}; знак даёт CdtDbtInd")
            return None
        if not is_decimal(text):
            self.note(part, path, "amount_spelling", f"сумма {text} прочитана как {amount}")
        return amount

    def optional_total(self, part: Part, path: str) -> Decimal | None:
        """The sum of many amounts, or None where there is none."""
        return self.amount(part, path, TOTAL_DIGITS_MAX) if part.text(path) else None

    def currency(self, part: Part, path: str) -> str | None:
        """The currency of an amount; None where it names none."""
        code = part.text(f"{path}/@Ccy")
        return known_currency(code) if code else None

    def direction(self, part: Part) -> Direction | None:
        """The side of the account; None after keeping the error."""
        text = part.text("CdtDbtInd")
        direction = _DIRECTIONS.get(text.upper())
        if direction is None:
            told = f"направление не понято: {text}" if text else "направление не указано"
            self.refuse(part, "CdtDbtInd", "direction", f"{told}; нужно CRDT или DBIT")
        return direction

    def date(self, part: Part, path: str) -> dt.date | None:
        """The date below an element that holds `Dt` or `DtTm`, in Moscow; None where there is none."""
        return self.date_of(part, f"{path}/Dt") or self.date_of(part, f"{path}/DtTm")

    def date_of(self, part: Part, path: str) -> dt.date | None:
        """The date of one element, of a date or of a moment; None where it is missing or after keeping the error."""
        text = part.text(path)
        if not text:
            return None
        date, is_plain = parse_date(text)
        if date is None:
            self.refuse(part, path, "bad_date", f"дата не читается, нужно гггг-мм-дд: {text}")
        elif not is_plain:
            self.note(part, path, "date_repaired", f"дата {text} прочитана как {date:%d.%m.%Y}")
        return date

    def moment(self, part: Part, path: str) -> dt.datetime | None:
        """A moment in UTC; one without an offset is of Moscow, which is noted."""
        text = part.text(path)
        if not text:
            return None
        moment = parse_moment(text)
        if moment is None:
            self.note(part, path, "moment_unclear", f"время не читается: {text}")
            return None
        if moment.tzinfo is None:
            self.note(part, path, "local_time", f"время {text} указано без пояса; прочитано как московское")
            moment = moment.replace(tzinfo=MOSCOW)
        return moment.astimezone(dt.UTC)

    def note(self, part: Part, path: str, code: str, message: str) -> None:
        """Note a repair of an element, or of the one in which it is missing."""
        self.notes.add(part.line(path), code, message, part.name_of(path))

    def refuse(self, part: Part, path: str, code: str, message: str) -> None:
        """Keep an error.  Raises UnreadableFile when there are too many."""
        field, line = part.name_of(path), part.line(path)
        error = FieldError(pointer="", code=code, message=message, field=field, line=line)
        self.errors.append(error)
        if len(self.errors) >= ERRORS_MAX:
            raise UnreadableFile(self.errors)
