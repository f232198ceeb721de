"""How a case says that a promise is broken: what was seen, down to the one value that differs."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, is_dataclass

TOLD_MAX = 400  # characters of a value in a report
DIFFERENCES_MAX = 5


class Broken(Exception):
    """The core did not keep a promise; the text tells what was seen."""


def check(is_kept: bool, what: str) -> None:
    """Raises Broken."""
    if not is_kept:
        raise Broken(what)


def check_equal(told: object, wanted: object, what: str) -> None:
    """Raises Broken with what differs."""
    if told != wanted:
        differences = list(_find_differences(told, wanted, ""))[:DIFFERENCES_MAX]
        raise Broken(f"{what}: " + "; ".join(differences))


def _find_differences(told: object, wanted: object, place: str) -> Iterator[str]:
    """Go down where both sides have one shape, so that one wrong field is told and not the whole object."""
    if told == wanted:
        return
    if is_dataclass(told) and type(told) is type(wanted):
        for field in fields(told):
            yield from _find_differences(
                getattr(told, field.name), getattr(wanted, field.name), f"{place}.{field.name}"
            )
    elif isinstance(told, list | tuple) and isinstance(wanted, list | tuple) and len(told) == len(wanted):
        for number, (one, other) in enumerate(zip(told, wanted, strict=True)):
            yield from _find_differences(one, other, f"{place}[{number}]")
    else:
        told_at = f"{place.lstrip('.')}: " if place else ""
        yield f"{told_at}the core told {_short(told)}, right is {_short(wanted)}"


def _short(value: object) -> str:
    text = repr(value)
    return text if len(text) <= TOLD_MAX else text[:TOLD_MAX] + "…"
