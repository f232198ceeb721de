"""A period as the core's statement tells it, compared with what we hold."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from enum import StrEnum

from adapter.domain.accounts import Account
from adapter.domain.money import Money
from adapter.domain.statements import EntryDetails


class DifferenceKind(StrEnum):
    MISSING = "missing"  # the statement has the entry, we do not
    EXTRA = "extra"  # we have it, the statement does not
    DIFFERENT = "different"  # both have it, and tell it differently
    OPENING = "opening"
    CLOSING = "closing"


@dataclass(frozen=True, slots=True, kw_only=True)
class Difference:
    """`entry_id` is ours; `fields` names what differs; of balances `told` is the core's and `held` ours."""

    kind: DifferenceKind
    entry_id: str | None = None
    details: EntryDetails | None = None
    fields: tuple[str, ...] = ()
    told: Money | None = None
    held: Money | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """One side's word about a period."""

    opening: Money
    closing: Money
    entries: Mapping[str, EntryDetails]  # by our id


@dataclass(frozen=True, slots=True, kw_only=True)
class FeedCheckReport:
    """`refusal` is the core's reason why there is no statement; then nothing was compared."""

    account: Account
    date_from: dt.date
    date_to: dt.date
    entries: int = 0  # in the core's statement
    differences: tuple[Difference, ...] = ()
    refusal: str | None = None

    @property
    def holds(self) -> bool:
        return not self.differences and self.refusal is None


def compare(told: Side, held: Side) -> Sequence[Difference]:
    """Where the core's statement and ours differ: balances first, then entries by booking date."""
    found = [
        _difference(entry_id, told.entries.get(entry_id), held.entries.get(entry_id))
        for entry_id in {**told.entries, **held.entries}
        if told.entries.get(entry_id) != held.entries.get(entry_id)
    ]
    found.sort(key=lambda one: one.details.booking_date if one.details else dt.date.min)
    return [*_compare_balances(told, held), *found]


def _compare_balances(told: Side, held: Side) -> list[Difference]:
    pairs = (
        (DifferenceKind.OPENING, told.opening, held.opening),
        (DifferenceKind.CLOSING, told.closing, held.closing),
    )
    return [Difference(kind=kind, told=theirs, held=ours) for kind, theirs, ours in pairs if theirs != ours]


def _difference(entry_id: str, told: EntryDetails | None, held: EntryDetails | None) -> Difference:
    if told is None:
        return Difference(kind=DifferenceKind.EXTRA, entry_id=entry_id, details=held)
    if held is None:
        return Difference(kind=DifferenceKind.MISSING, entry_id=entry_id, details=told)
    differing = tuple(one.name for one in fields(EntryDetails) if getattr(told, one.name) != getattr(held, one.name))
    return Difference(kind=DifferenceKind.DIFFERENT, entry_id=entry_id, details=told, fields=differing)
