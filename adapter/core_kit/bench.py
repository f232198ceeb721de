"""The core under test and a hand inside it.

A bench has `core`, who to test with, and as many of the acts as its bank can do: an act that it lacks is simply not a
method of it (or not in its `acts`), and the cases that need it are told as not tried.  An act returns once what it did
can be read.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol

from adapter.domain.statements import EntryDetails
from adapter.ports import CoreBanking


class Act(StrEnum):
    """What a bench may be able to do, by the name of its method; `set` is the clock's."""

    BOOK = "book"
    CHANGE = "change"
    REMOVE = "remove"
    REVERSE = "reverse"
    SIGN = "sign"
    EXECUTE = "execute"
    REJECT = "reject"
    EDIT = "edit"
    EXPIRE = "expire"
    RESTORE = "restore"
    SET_CLOCK = "clock.set"


@dataclass(frozen=True, slots=True, kw_only=True)
class Effort:
    """How much the large cases do."""

    lines: int = 10_000  # of the large batch
    races: int = 20  # withdrawal against signature
    writes: int = 50  # of each of four writers


class BenchClock(Protocol):
    """The bank's clock; without `set` it is a clock that nobody moves."""

    def now(self) -> dt.datetime: ...
    def set(self, moment: dt.datetime) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Subjects:
    """With whom and what is tested.  Nobody else may use the accounts while the cases run."""

    user: str  # acts for `customer`
    customer: str
    account: str  # core id; in rubles, open, with some money on it
    second_account: str  # also the customer's
    foreign_account: str  # somebody else's


class Bench(Protocol):
    """The core need not be empty.  Beside these a bench may have `acts`, a set of Act: what it can do of them."""

    @property
    def core(self) -> CoreBanking: ...
    @property
    def clock(self) -> BenchClock: ...

    # as in Subjects
    @property
    def user(self) -> str: ...
    @property
    def customer(self) -> str: ...
    @property
    def account(self) -> str: ...
    @property
    def second_account(self) -> str: ...
    @property
    def foreign_account(self) -> str: ...

    def book(self, account: str, details: EntryDetails) -> str:
        """A new entry; answers its core id."""

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        """The bank corrects an entry."""

    def remove(self, account: str, core_id: str) -> None:
        """The bank takes an entry away."""

    def reverse(self, account: str, core_id: str) -> str:
        """Undo an entry by another in the other direction; answers the core id of that."""

    def sign(self, document_id: str) -> None:
        """The customer signs; raises where the document awaits no signature."""

    def execute(self, document_id: str) -> None:
        """The signed document is executed and booked."""

    def reject(self, document_id: str) -> None:
        """The signed document fails: it asks for more than there is on the account."""

    def edit(self, document_id: str, **changes: str) -> None:
        """A person changes fields of a draft in the bank, by our names of them."""

    def expire(self, document_id: str) -> None:
        """Nobody signed in time."""

    def restore(self) -> None:
        """The core is as after a restore from a backup: it knows no mark that it gave before."""


def list_acts(bench: Bench) -> frozenset[Act]:
    """What this bench can do."""
    told = getattr(bench, "acts", None)
    return frozenset(Act) & frozenset(told) if told is not None else frozenset(act for act in Act if _has(bench, act))


def _has(bench: Bench, act: Act) -> bool:
    if act is Act.SET_CLOCK:
        return callable(getattr(bench.clock, "set", None))
    return callable(getattr(bench, act.value, None))
