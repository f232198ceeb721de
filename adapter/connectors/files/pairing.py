"""Which entry of a file is which that is known.  Pure rules, no database.

In this order: equal in all they say; of one name at the bank; told otherwise by another format or after a correction.
Two entries with names of their own are never one by what they say, as long as no whole day says so.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Callable, Collection, Hashable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from adapter.connectors.files.tellings import (
    AnyEntry,
    Changes,
    KnownEntry,
    Telling,
    ToldEntry,
    Version,
    same_entry,
)

_Pair = tuple[KnownEntry, ToldEntry]
_Key = Callable[[Any], Hashable]  # of an entry of either side


@dataclass(frozen=True, slots=True, kw_only=True)
class LinedUp:
    """Entries side by side, and those of either side that stand alone."""

    pairs: Sequence[_Pair]
    untold: Sequence[KnownEntry]
    new: Sequence[ToldEntry]


def without_outdated(told: list[ToldEntry], known: Sequence[KnownEntry], version: Version) -> list[ToldEntry]:
    """Leaves out what the bank corrected since, where its reference shows that it is the same entry."""
    newer = {name: one for name, one in _by_name(known).items() if one.told > version}
    names = {id(one): name for name, one in _by_name(told).items()}
    return [one for one in told if (found := newer.get(names.get(id(one), ()))) is None or found.content == one.content]


def line_up(known: Sequence[KnownEntry], told: Sequence[ToldEntry], telling: Telling) -> LinedUp:
    """Entries of equal content side by side, as many as there are on both sides."""
    return _line_up_by(lambda one: one.content, known, told, _find_own_names(known, telling))


def pair(changes: Changes, known: Sequence[KnownEntry], untold: Sequence[KnownEntry], telling: Telling) -> None:
    """An entry gone and one that came are one change, where it is recognisably the same: first by the reference.

    A reference says it also in a file that tells in part, which by itself takes nothing away.
    """
    _move_pairs(changes, _list_named(changes, known, untold, telling))
    _move_pairs(changes, _list_moved(changes, known, telling))
    for key in (_strict_key, _loose_key, _key_of_any_day):
        _move_pairs(changes, _list_alike(changes, key))
    own_names = _find_own_names(known, telling)
    for key in (_strict_key, _loose_key):
        _pair_spellings(changes, key, untold, own_names, telling)


def _list_named(
    changes: Changes, known: Sequence[KnownEntry], untold: Sequence[KnownEntry], telling: Telling
) -> list[_Pair]:
    came, is_untold = _by_name(changes.added), {id(one) for one in untold}
    gone = {name: one for name, one in _by_name(known).items() if one.told < telling.version and id(one) in is_untold}
    return [(gone[name], came[name]) for name in sorted(gone.keys() & came.keys())]


def _list_moved(changes: Changes, known: Sequence[KnownEntry], telling: Telling) -> list[_Pair]:
    """An entry that whole days no longer have stands there with another amount or day, under its own reference."""
    came, had = _by_reference(telling.entries), _by_reference(known)
    added = {id(one) for one in changes.added}
    pairs = [
        (old, came[old.reference])
        for old in changes.removed
        if old.reference and old.reference in came and had.get(old.reference) is old
    ]
    return [(old, new) for old, new in pairs if id(new) in added and old.details.direction is new.details.direction]


def _list_alike(changes: Changes, key: _Key) -> list[_Pair]:
    came = _group(sorted(changes.added, key=lambda one: one.content), key)
    gone = _group(sorted(changes.removed, key=lambda one: one.core_id), key)
    return [each for same, old in gone.items() for each in zip(old, came.get(same, ()), strict=False)]


def _pair_spellings(
    changes: Changes, key: _Key, untold: Sequence[KnownEntry], own_names: Collection[int], telling: Telling
) -> None:
    """What nobody took away and a file tells otherwise is one entry.

    The newer spelling counts, and that of a whole day before all others.  An entry without a number is not recognised.
    """
    taken = {id(old) for old in [*(old for old, _ in changes.changed), *changes.removed, *changes.confirmed]}
    left = [one for one in untold if id(one) not in taken]
    numbered = [one for one in changes.added if one.details.number]
    pairs = _line_up_by(key, left, sorted(numbered, key=lambda one: one.content), own_names).pairs
    recognised = {id(new) for _, new in pairs}
    changes.added = [one for one in changes.added if id(one) not in recognised]
    for old, new in pairs:
        if telling.tells_whole(new.details.booking_date):
            changes.settled = [one for one in changes.settled if one is not old]
            changes.changed.append((old, new))
        elif old.told < telling.version:
            (changes.confirmed.append(old) if old.in_whole else changes.changed.append((old, new)))


def _line_up_by(
    key: _Key, known: Iterable[KnownEntry], told: Iterable[ToldEntry], own_names: Collection[int]
) -> LinedUp:
    ours = _group(sorted(known, key=lambda one: one.told, reverse=True), key)
    theirs = _group(told, key)
    pairs: list[_Pair] = []
    for same, group in theirs.items():
        pairs += _match(ours.get(same, []), group, own_names)
    paired = {id(one) for each in pairs for one in each}
    return LinedUp(
        pairs=pairs,
        untold=[one for group in ours.values() for one in group if id(one) not in paired],
        new=[one for group in theirs.values() for one in group if id(one) not in paired],
    )


def _match(ours: Sequence[KnownEntry], theirs: Sequence[ToldEntry], own_names: Collection[int]) -> list[_Pair]:
    """As many as can be: those of one reference first; one with a name of its own only with one that has none."""
    of_reference = {name: deque(group) for name, group in _group(ours, lambda one: one.reference).items() if name}
    pairs = [(of_reference[new.reference].popleft(), new) for new in theirs if of_reference.get(new.reference)]
    paired = {id(one) for each in pairs for one in each}
    left = [one for one in ours if id(one) not in paired]
    free, bound = [one for one in left if id(one) not in own_names], [one for one in left if id(one) in own_names]
    waiting = [one for one in theirs if id(one) not in paired]
    named, plain = (
        [one for one in waiting if id(one) in own_names],
        [one for one in waiting if id(one) not in own_names],
    )
    pairs += zip(free, named, strict=False)
    return [*pairs, *zip([*bound, *free[len(named) :]], plain, strict=False)]


def _find_own_names(known: Sequence[KnownEntry], telling: Telling) -> set[int]:
    """Entries that their references tell from others.  What a whole day told later holds is what it says it is."""
    ours = {
        id(one)
        for one in _by_name(known).values()
        if one.told > telling.version or not telling.tells_whole(one.details.booking_date)
    }
    return ours | {id(one) for one in _by_name(telling.entries).values()}


def _by_name(entries: Iterable[AnyEntry]) -> dict[tuple[str, ...], AnyEntry]:
    """By the bank's name of an entry; one that stands at two entries names neither.

    A payment, its fee and its reversal may share a reference: direction, amount and day belong to the name.
    """
    named = [(_name_of(one), one) for one in entries if one.reference]
    counts = Counter(name for name, _ in named)
    return {name: one for name, one in named if counts[name] == 1}


def _name_of(entry: ToldEntry | KnownEntry) -> tuple[str, ...]:
    details = entry.details
    moved = (details.direction.value, str(details.amount), details.amount.currency)
    return (entry.reference or "", *moved, details.booking_date.isoformat())


def _by_reference(entries: Sequence[AnyEntry]) -> dict[str, AnyEntry]:
    """One that stands at two entries, as at a payment and its fee, names neither."""
    counts = Counter(one.reference for one in entries)
    return {one.reference: one for one in entries if one.reference and counts[one.reference] == 1}


def _move_pairs(changes: Changes, pairs: Sequence[_Pair]) -> None:
    gone, came = {id(old) for old, _ in pairs}, {id(new) for _, new in pairs}
    changes.removed = [one for one in changes.removed if id(one) not in gone]
    changes.added = [one for one in changes.added if id(one) not in came]
    changes.changed += pairs


def _strict_key(entry: KnownEntry | ToldEntry) -> Hashable:
    return same_entry(entry.details), entry.details.booking_date


def _loose_key(entry: KnownEntry | ToldEntry) -> Hashable:
    """Without the document's date, which some formats do not carry; an entry without a number is like no other."""
    direction, amount, currency, number, _, account = same_entry(entry.details)
    return direction, amount, currency, number or id(entry), account, entry.details.booking_date


def _key_of_any_day(entry: KnownEntry | ToldEntry) -> Hashable:
    """For an entry that whole days moved to another day."""
    return same_entry(entry.details)


def _group(entries: Iterable[AnyEntry], key: Callable[[Any], Hashable]) -> dict[Hashable, list[AnyEntry]]:
    groups: dict[Hashable, list[AnyEntry]] = defaultdict(list)
    for one in entries:
        groups[key(one)].append(one)
    return groups
