"""Cores that are wrong in one thing each: a case that none of them breaks would prove nothing.

Every class is the bank in memory with one fault, told by its docstring; `@wrong` names the cases that must notice it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from tests.fakes import MemoryBank


class Breaks(NamedTuple):
    """Cases of the kit, by id."""

    surely: frozenset[str]
    by_chance: frozenset[str]


WRONG_BANKS: dict[type[MemoryBank], Breaks] = {}
Bank = type[MemoryBank]


def wrong(*broken: str, by_chance: str = "") -> Callable[[Bank], Bank]:
    """The cases that this bank breaks, and one that it breaks if a race goes so; all others it keeps."""

    def keep(bank: Bank) -> Bank:
        WRONG_BANKS[bank] = Breaks(frozenset(broken), frozenset({by_chance}) - {""})
        return bank

    return keep
