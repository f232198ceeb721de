"""Characters that a payment order may hold, and the repair of those that word processors put in their place.

Source: Bank of Russia UFEBS: 0x20-0x7E, Russian letters, №.  What was changed is always told, before and after.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_REPLACEMENTS = str.maketrans(
    dict.fromkeys("«»“”„‟", '"')
    | dict.fromkeys("‘’‚‛", "'")
    | dict.fromkeys("‐‑‒–—―−", "-")
    | dict.fromkeys("\t\r\n\u00a0\u2002\u2003\u2009\u202f", " ")
)
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


def find_forbidden(text: str) -> list[str]:
    """Characters that a payment order cannot hold, each once, in order of appearance."""
    return list(dict.fromkeys(_FORBIDDEN.findall(text)))


def describe(characters: list[str]) -> str:
    """The first characters for a message: as they look, or as U+0000 where they do not show."""
    shown = [char if char.isprintable() else f"U+{ord(char):04X}" for char in characters[:_SHOWN_MAX]]
    return ", ".join(shown) + (" …" if len(characters) > _SHOWN_MAX else "")
