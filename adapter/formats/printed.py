"""What XLSX and PDF, which people read, have in common: one-line texts, Moscow time, the limit."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from adapter.domain.errors import TooManyEntries
from adapter.domain.moscow import MOSCOW
from adapter.domain.statements import Entry, Statement

_NO_BREAK_SPACE = "\u00a0"


def at_most(limit: int, statement: Statement) -> Iterator[Entry]:
    """The entries of a statement.  Raises TooManyEntries, at once by their told number or later by the real one."""
    told = statement.credit_entries + statement.debit_entries
    if told > limit:
        raise TooManyEntries(limit, told)
    for count, entry in enumerate(statement.entries, 1):
        if count > limit:
            raise TooManyEntries(limit, count)
        yield entry


def one_line(text: str) -> str:
    """The text with a space for every character that has no look: line breaks, control characters, lone surrogates."""
    if text.replace(_NO_BREAK_SPACE, "").isprintable():
        return text
    return "".join(char if char.isprintable() or char == _NO_BREAK_SPACE else " " for char in text)


def in_moscow(moment: dt.datetime) -> dt.datetime:
    """The time on a clock in Moscow, without its offset."""
    return moment.astimezone(MOSCOW).replace(tzinfo=None)
