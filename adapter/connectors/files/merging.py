"""What a statement file changes in what is known of an account.  Pure rules, no database.

An entry is known by its content and its place among equal ones: two equal fees are two entries, the same two in
another file are the same two.  For each of them it is kept which file told it last, and for each day which file told
it *whole*.  An entry is there as long as nobody later told its day whole without it.  So the order in which files
arrive does not matter: only the moment at which each was made (`Version`) does.

Only a statement whose opening balance and entries give its closing balance tells its days whole; others only add.
"""

from __future__ import annotations

import datetime as dt
import hashlib
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import orjson

from adapter.connectors.records import dump_details
from adapter.domain.statements import Direction, EntryDetails


class Version(NamedTuple):
    """When the bank made a file, and the number of its first arrival, which decides between equal moments."""

    made_at: dt.datetime
    file: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ToldEntry:
    """An entry in a file.  `reference` is the bank's own name of it, where the format has one."""

    details: EntryDetails
    content: str  # digest of all its details
    reference: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class KnownEntry:
    """An entry as it is known now; `told` is the last file that told it by itself."""

    number: int
    core_id: str
    details: EntryDetails
    content: str
    reference: str | None
    told: Version
    in_whole: bool  # the newest telling of its day that is whole has it
    document_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """What one file says of one account."""

    date_from: dt.date
    date_to: dt.date
    is_whole: bool
    version: Version
    entries: Sequence[ToldEntry]

    def tells_whole(self, day: dt.date) -> bool:
        return self.is_whole and self.date_from <= day <= self.date_to


AnyEntry = TypeVar("AnyEntry", ToldEntry, KnownEntry)


@dataclass(slots=True, kw_only=True)
class Changes:
    """What is to be written: `changed` pairs an entry with its new content, `confirmed` are told again as they are.

    `settled` are entries of a day now told whole of which `in_whole` is another than before.
    """

    added: list[ToldEntry]
    changed: list[tuple[KnownEntry, ToldEntry]]
    removed: list[KnownEntry]
    confirmed: list[KnownEntry]
    settled: list[KnownEntry]


def content_of(details: EntryDetails) -> str:
    """Digest of everything that a file says of an entry."""
    return hashlib.sha256(orjson.dumps(dump_details(details), option=orjson.OPT_SORT_KEYS)).hexdigest()


def signed_kopecks(details: EntryDetails) -> int:
    """The amount as it moves the account."""
    return details.amount.kopecks if details.direction is Direction.CREDIT else -details.amount.kopecks


def identity_of(details: EntryDetails) -> str:
    """Digest of what a bank does not correct in an entry; its id in the feed begins with this."""
    fixed = (*_same_entry(details), details.booking_date.isoformat())
    return hashlib.sha256("\n".join(fixed).encode()).hexdigest()[:32]


def compare(known: Sequence[KnownEntry], whole: Mapping[dt.date, Version], telling: Telling) -> Changes:
    """What a telling changes.  `known` holds at least the entries of its days."""
    told = [one for one in telling.entries if _is_news(whole, one.details.booking_date, telling.version)]
    told = _without_outdated(told, known, telling.version)
    changes = Changes(added=[], changed=[], removed=[], confirmed=[], settled=[])
    still_told: list[KnownEntry] = []
    known_by_content = _group(known)
    told_by_content = _group(told)
    for content in dict.fromkeys([*told_by_content, *known_by_content]):
        ours, theirs = _line_up(known_by_content.get(content, []), told_by_content.get(content, []))
        changes.added += theirs[len(ours) :]
        still_told += ours[: len(theirs)]
        changes.confirmed += _confirmed(ours[: len(theirs)], telling)
        for place, one in enumerate(ours):
            if not _is_settled_by(telling, whole, one.details.booking_date):
                continue
            if place >= len(theirs) and one.told < telling.version:
                changes.removed.append(one)
            elif one.in_whole is not (place < len(theirs)):
                changes.settled.append(one)
    _pair(changes, known, still_told, telling)
    return changes


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


def _is_news(whole: Mapping[dt.date, Version], day: dt.date, version: Version) -> bool:
    return day not in whole or version >= whole[day]


def _without_outdated(told: list[ToldEntry], known: Sequence[KnownEntry], version: Version) -> list[ToldEntry]:
    """Leaves out what the bank corrected since, where its reference shows that it is the same entry."""
    newer = {name: one for name, one in _by_name(known).items() if one.told > version}
    names = {id(one): name for name, one in _by_name(told).items()}
    return [one for one in told if (found := newer.get(names.get(id(one), ()))) is None or found.content == one.content]


def _line_up(ours: list[KnownEntry], theirs: list[ToldEntry]) -> tuple[list[KnownEntry], list[ToldEntry]]:
    """Equal entries side by side: those of one reference first, of the others those told last."""
    shared = {one.reference for one in ours} & {one.reference for one in theirs} - {None}
    ours = sorted(ours, key=lambda one: (one.reference in shared, one.told), reverse=True)
    return ours, sorted(theirs, key=lambda one: one.reference not in shared)


def _confirmed(ours: Sequence[KnownEntry], telling: Telling) -> list[KnownEntry]:
    """A day told whole confirms its entries by itself; one told in part confirms each."""
    return [one for one in ours if one.told < telling.version and not telling.tells_whole(one.details.booking_date)]


def _is_settled_by(telling: Telling, whole: Mapping[dt.date, Version], day: dt.date) -> bool:
    return telling.tells_whole(day) and _is_news(whole, day, telling.version)


def _pair(changes: Changes, known: Sequence[KnownEntry], still_told: Sequence[KnownEntry], telling: Telling) -> None:
    """An entry gone and one that came are one change, where it is recognisably the same: first by the reference.

    A reference says it also in a file that tells in part, which by itself takes nothing away.
    """
    came_by_name = _by_name(changes.added)
    told_as_they_were = {id(one) for one in still_told}
    gone_by_name = {
        name: one
        for name, one in _by_name(known).items()
        if one.told < telling.version and id(one) not in told_as_they_were
    }
    shared = sorted(gone_by_name.keys() & came_by_name.keys())
    _move_pairs(changes, [(gone_by_name[name], came_by_name[name]) for name in shared])
    _move_pairs(changes, _list_moved(changes, known, telling))
    came = defaultdict(list)
    for new in sorted(changes.added, key=lambda entry: entry.content):
        came[_same_entry(new.details)].append(new)
    gone = defaultdict(list)
    for old in sorted(changes.removed, key=lambda entry: entry.core_id):
        gone[_same_entry(old.details)].append(old)
    _move_pairs(changes, [pair for same, old in gone.items() for pair in zip(old, came[same], strict=False)])


def _list_moved(changes: Changes, known: Sequence[KnownEntry], telling: Telling) -> list[tuple[KnownEntry, ToldEntry]]:
    """An entry that whole days no longer have stands there with another amount or day, under its own reference."""
    came, had = _by_reference(telling.entries), _by_reference(known)
    added = {id(one) for one in changes.added}
    pairs = [
        (old, came[old.reference])
        for old in changes.removed
        if old.reference and old.reference in came and had.get(old.reference) is old
    ]
    return [(old, new) for old, new in pairs if id(new) in added and old.details.direction is new.details.direction]


def _by_reference(entries: Sequence[AnyEntry]) -> dict[str, AnyEntry]:
    """One that stands at two entries, as at a payment and its fee, names neither."""
    counts = Counter(one.reference for one in entries)
    return {one.reference: one for one in entries if one.reference and counts[one.reference] == 1}


def _move_pairs(changes: Changes, pairs: Sequence[tuple[KnownEntry, ToldEntry]]) -> None:
    gone, came = {id(old) for old, _ in pairs}, {id(new) for _, new in pairs}
    changes.removed = [one for one in changes.removed if id(one) not in gone]
    changes.added = [one for one in changes.added if id(one) not in came]
    changes.changed += pairs


def _same_entry(details: EntryDetails) -> tuple[str, ...]:
    return (
        details.direction.value,
        str(details.amount),
        details.amount.currency,
        details.number,
        details.date.isoformat(),
        details.counterparty.account or "",
    )


def _group(entries: Iterable[AnyEntry]) -> dict[str, list[AnyEntry]]:
    groups: dict[str, list[AnyEntry]] = defaultdict(list)
    for one in entries:
        groups[one.content].append(one)
    return groups
