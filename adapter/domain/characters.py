"""Characters that a payment order may hold, and the repair of those that word processors put in their place.

Source: Bank of Russia UFEBS: 0x20-0x7E, Russian letters, №.  What was changed is always told, before and after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

# What Unicode holds for a space, and what parts lines.
_SPACE_CHARACTERS = (
    "\t\n\v\f\r\x85\u00a0\u1680\u2028\u2029\u202f\u205f\u3000"
    "\u2000\u2001\u2002\u2003\u2004\u2005\u2006\u2007\u2008\u2009\u200a"
)
_REPLACEMENTS = str.maketrans(
    dict.fromkeys("«»“”„‟", '"')
    | dict.fromkeys("‘’‚‛", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | {"…": "..."}
    | dict.fromkeys(_SPACE_CHARACTERS, " ")
)
_NO_SPACES = str.maketrans(dict.fromkeys(_SPACE_CHARACTERS + " "))
_SHOWN_MAX = 10
_SPACES = re.compile(" {2,}")
_FORBIDDEN = re.compile("[^ -~А-Яа-яЁё№]")


@dataclass(frozen=True, slots=True, kw_only=True)
class Normalisation:
    """A text that was repaired: which field of the order, and how it read before and after."""

    field: str
    before: str
    after: str


def normalise_text(text: str) -> str:
    """Plain quotes and hyphens, single spaces, none at the ends; the same object when there is nothing to do."""
    if not _FORBIDDEN.search(text) and "  " not in text and text[:1] != " " and text[-1:] != " ":
        return text  # every character that is replaced is a forbidden one
    return _SPACES.sub(" ", text.translate(_REPLACEMENTS)).strip(" ")


def normalise_code(text: str) -> str:
    """A number or code without spaces, as «407 028 10…» is pasted; the same object when there are none."""
    return text if text.isalnum() else text.translate(_NO_SPACES)


def find_forbidden(text: str) -> list[str]:
    """Characters that a payment order cannot hold, each once, in order of appearance."""
    return list(dict.fromkeys(_FORBIDDEN.findall(text)))


def describe(characters: list[str]) -> str:
    """The first characters for a message: as they look, or as U+0000 where they do not show."""
    shown = [char if char.isprintable() else f"U+{ord(char):04X}" for char in characters[:_SHOWN_MAX]]
    return ", ".join(shown) + (" …" if len(characters) > _SHOWN_MAX else "")
