"""How a case says that a promise is broken."""

from __future__ import annotations

TOLD_MAX = 400  # characters of a value in a report


class Broken(Exception):
    """The core did not keep a promise; the text tells what was seen."""


def check(is_kept: bool, what: str) -> None:
    """Raises Broken."""
    if not is_kept:
        raise Broken(what)


def check_equal(told: object, wanted: object, what: str) -> None:
    """Raises Broken with both values."""
    if told != wanted:
        raise Broken(f"{what}: the core told {_short(told)}, right is {_short(wanted)}")


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= TOLD_MAX else text[:TOLD_MAX] + "…"
