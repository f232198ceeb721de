"""Text → bytes, with a stated substitute for every character that windows-1251 or cp866 cannot hold.

In this order: the tables below, the letter without its accents (é → e), «?».  Nothing is dropped.
"""

from __future__ import annotations

import codecs
import unicodedata
from collections.abc import Mapping
from encodings import cp866
from functools import partial
from typing import Literal

from adapter.formats.onec_exchange import tags

Encoding = Literal["windows-1251", "utf-8", "cp866"]

# What windows-1251 cannot hold and how it is written; `api_specs/formats.md` states the same tables.
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
# What cp866 lacks besides; № it has.
CP866_SUBSTITUTES = CP1251_SUBSTITUTES | {
    "«": '"',
    "»": '"',
    "“": '"',
    "”": '"',
    "„": '"',
    "‘": "'",
    "’": "'",
    "‚": "'",
    "‹": "<",
    "›": ">",
    "–": "-",
    "—": "-",
    "…": "...",
    "§": "п.",
    "€": "EUR",
    "©": "(c)",
    "®": "(R)",
    "™": "(TM)",
    "•": "·",
    "±": "+/-",
    "µ": "мк",
    "¦": "|",
    "¬": "-",
    "†": "+",
    "‡": "+",
    "‰": "o/oo",
    "Ґ": "Г",
    "ґ": "г",
    "І": "I",
    "і": "i",
    "Ј": "J",
    "ј": "j",
    "Ѕ": "S",
    "ѕ": "s",
}
UNKNOWN_SUBSTITUTE = "?"
_TABLES: Mapping[Encoding, Mapping[str, str]] = {tags.CP1251: CP1251_SUBSTITUTES, tags.CP866: CP866_SUBSTITUTES}


# Python's own codec of cp866 looks letters up in a dictionary and takes five times as long.
_CP866_BYTES = codecs.charmap_build(cp866.decoding_table)


def encode(text: str, encoding: Encoding) -> bytes:
    """The text in an encoding; never fails and never drops a character."""
    try:
        return _encode(text, encoding, "strict")
    except UnicodeEncodeError:
        # A letter and its accent as two characters (й from some systems) become one first.
        return _encode(unicodedata.normalize("NFC", text), encoding, f"1c-{encoding}")


def _encode(text: str, encoding: Encoding, errors: str) -> bytes:
    if encoding == tags.CP866:
        return codecs.charmap_encode(text, errors, _CP866_BYTES)[0]
    return text.encode(encoding, errors)


def _substitute(encoding: Encoding, error: UnicodeError) -> tuple[str, int]:
    """What stands in for characters that the encoding does not have; called by Python while it encodes."""
    assert isinstance(error, UnicodeEncodeError)
    lost = error.object[error.start : error.end]
    return "".join(_substitute_of(char, encoding) for char in lost), error.end


def _substitute_of(char: str, encoding: Encoding) -> str:
    known = _TABLES[encoding].get(char)
    if known:
        return known
    basic = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return basic if basic and _fits(basic, encoding) else UNKNOWN_SUBSTITUTE


def _fits(text: str, encoding: Encoding) -> bool:
    try:
        text.encode(encoding)
    except UnicodeEncodeError:
        return False
    return True


for _encoding in _TABLES:
    codecs.register_error(f"1c-{_encoding}", partial(_substitute, _encoding))
