"""Text → bytes, with a stated substitute for every character that windows-1251 cannot hold.

In this order: the table below, the letter without its accents (é → e), «?».  Nothing is dropped.
"""

from __future__ import annotations

import unicodedata
from typing import Literal

from adapter.formats.onec_exchange import tags

Encoding = Literal["windows-1251", "utf-8"]

# What windows-1251 cannot hold and how it is written; `api_specs/formats.md` states the same table.
CP1251_SUBSTITUTES = {
    "₽": "руб.",
    "−": "-",
    "‑": "-",
    "‒": "-",
    "―": "-",
    "≈": "~",
    "≠": "<>",
    "≤": "<=",
    "≥": ">=",
    "×": "x",
    "÷": "/",
    "′": "'",
    "″": '"',
    "‟": '"',
    "‛": "'",
    "→": "->",
    "←": "<-",
    "½": "1/2",
    "¼": "1/4",
    "¾": "3/4",
    "²": "2",
    "³": "3",
}
UNKNOWN_SUBSTITUTE = "?"


def encode(text: str, encoding: Encoding) -> bytes:
    """The text in an encoding; never fails and never drops a character."""
    try:
        return text.encode(encoding)
    except UnicodeEncodeError:
        # A letter and its accent as two characters (й from some systems) become one first.
        return "".join(map(_substitute, unicodedata.normalize("NFC", text))).encode(encoding)


def _substitute(char: str) -> str:
    """A character as windows-1251 can hold it."""
    if _fits(char):
        return char
    if char in CP1251_SUBSTITUTES:
        return CP1251_SUBSTITUTES[char]
    basic = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return basic if basic and _fits(basic) else UNKNOWN_SUBSTITUTE


def _fits(text: str) -> bool:
    try:
        text.encode(tags.CP1251)
    except UnicodeEncodeError:
        return False
    return True
