"""What files say of an account, what is known of it, and what the one changes in the other."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field
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
    first_at: dt.datetime | None  # when it was first read


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

    `settled` are entries of a day now told whole of which `in_whole` is another than before; `named` are entries told
    as they are, whose reference was not known.
    """

    added: list[ToldEntry] = field(default_factory=list)
    changed: list[tuple[KnownEntry, ToldEntry]] = field(default_factory=list)
    removed: list[KnownEntry] = field(default_factory=list)
    confirmed: list[KnownEntry] = field(default_factory=list)
    settled: list[KnownEntry] = field(default_factory=list)
    named: list[tuple[KnownEntry, str]] = field(default_factory=list)


def content_of(details: EntryDetails) -> str:
    """Digest of everything that a file says of an entry."""
    return hashlib.sha256(orjson.dumps(dump_details(details), option=orjson.OPT_SORT_KEYS)).hexdigest()


def signed_kopecks(details: EntryDetails) -> int:
    """The amount as it moves the account."""
    return details.amount.kopecks if details.direction is Direction.CREDIT else -details.amount.kopecks


def identity_of(details: EntryDetails) -> str:
    """Digest of what a bank does not correct in an entry; its id in the feed begins with this."""
    fixed = (*same_entry(details), details.booking_date.isoformat())
    return hashlib.sha256("\n".join(fixed).encode()).hexdigest()[:32]


def same_entry(details: EntryDetails) -> tuple[str, ...]:
    """What a bank does not correct in an entry but its day; zeros before a number are a matter of the format."""
    return (
        details.direction.value,
        str(details.amount),
        details.amount.currency,
        details.number.lstrip("0"),
        details.date.isoformat(),
        details.counterparty.account or "",
    )
