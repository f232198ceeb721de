"""Accounts as statements tell them: an append-only log of versions of entries, the days told whole, the balance.

An account's row in `files_ledgers` is the lock under which its changes are numbered.  Here they are written;
`ledger_pages.py` reads them.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.files.incoming import AccountStatement
from adapter.connectors.files.ledger_days import touched_from, write_days
from adapter.connectors.files.merging import compare
from adapter.connectors.files.tables import files_days, files_entries, files_ledgers, insert_into
from adapter.connectors.files.tellings import (
    Changes,
    KnownEntry,
    Telling,
    ToldEntry,
    Version,
    identity_of,
    signed_kopecks,
)
from adapter.connectors.records import dump_details, load_details
from adapter.domain.statements import EntryDetails

_DAY = dt.timedelta(days=1)
_IN_ONE_QUESTION = 5_000  # values in a list of a statement; SQLite takes 32,766
_Value = TypeVar("_Value")

_LOCK = sa.select(files_ledgers).where(files_ledgers.c.account_id == sa.bindparam("account")).with_for_update()
_PRESENT = (
    sa.select(files_entries, files_days.c.told_at.label("whole_at"), files_days.c.told_file.label("whole_file"))
    .outerjoin(
        files_days,
        sa.and_(
            files_days.c.account_id == files_entries.c.account_id, files_days.c.day == files_entries.c.booking_date
        ),
    )
    .where(
        files_entries.c.account_id == sa.bindparam("account"),
        files_entries.c.superseded.is_(None),
        sa.not_(files_entries.c.removed),
    )
)
_OF_DAYS = _PRESENT.where(files_entries.c.booking_date.between(sa.bindparam("first"), sa.bindparam("last")))
_DAYS = sa.select(files_days).where(
    files_days.c.account_id == sa.bindparam("account"),
    files_days.c.day.between(sa.bindparam("first"), sa.bindparam("last")),
)
_USED = (
    sa.select(files_entries.c.identity, sa.func.count(files_entries.c.core_id.distinct()))
    .where(
        files_entries.c.account_id == sa.bindparam("account"),
        files_entries.c.identity.in_(sa.bindparam("identities", expanding=True)),
    )
    .group_by(files_entries.c.identity)
)
_SUPERSEDE = (
    sa.update(files_entries)
    .where(files_entries.c.account_id == sa.bindparam("account"), files_entries.c.number == sa.bindparam("old"))
    .values(superseded=sa.bindparam("new"))
)
_CONFIRM = (
    sa.update(files_entries)
    .where(files_entries.c.account_id == sa.bindparam("account"), files_entries.c.number == sa.bindparam("old"))
    .values(told_at=sa.bindparam("at"), told_file=sa.bindparam("file"))
)
_SETTLE = (
    sa.update(files_entries)
    .where(files_entries.c.account_id == sa.bindparam("account"), files_entries.c.number == sa.bindparam("old"))
    .values(in_whole=sa.bindparam("is_in"))
)
_NAME = (
    sa.update(files_entries)
    .where(files_entries.c.account_id == sa.bindparam("account"), files_entries.c.number == sa.bindparam("old"))
    .values(reference=sa.bindparam("name"))
)
_LINK = (
    sa.update(files_entries)
    .where(files_entries.c.account_id == sa.bindparam("account"), files_entries.c.number == sa.bindparam("own_number"))
    .values(document_id=sa.bindparam("document"))
)

_OF_NUMBERS = sa.select(files_entries).where(
    files_entries.c.account_id == sa.bindparam("account"),
    files_entries.c.number.in_(sa.bindparam("numbers", expanding=True)),
)
_COUNT = (
    sa.update(files_ledgers)
    .where(files_ledgers.c.account_id == sa.bindparam("account"))
    .values(number=sa.bindparam("last"))
)

_Step = tuple[str, KnownEntry | None, ToldEntry | KnownEntry]  # core id, what it was, what it is now
WrittenEntry = tuple[int, str, EntryDetails]  # its number, core id and details


def lock_ledgers(tx: Connection, accounts: Collection[str]) -> None:
    """Take the accounts' locks in one order, so that two files with the same accounts never wait for each other."""
    for account in sorted(accounts):
        tx.execute(insert_into(tx, files_ledgers).on_conflict_do_nothing(), {"account_id": account, "number": 0})
        tx.execute(_LOCK, {"account": account}).one()


def apply_statement(tx: Connection, statement: AccountStatement, file: int, now: dt.datetime) -> list[WrittenEntry]:
    """Write what a statement changes; the entries that are new or other than before and belong to no document yet.

    The account must be locked.  A file from the future was made now: a wrong clock must not outlive all later files.
    """
    ledger = tx.execute(_LOCK, {"account": statement.account}).one()
    version = Version(min(statement.made_at, now), file)
    telling = Telling(
        date_from=statement.date_from,
        date_to=statement.date_to,
        is_whole=statement.is_whole,
        version=version,
        entries=statement.entries,
    )
    first, last = _bounds(telling)
    days = {row.day: row for row in tx.execute(_DAYS, {"account": statement.account, "first": first, "last": last})}
    whole = {day: Version(row.told_at, row.told_file) for day, row in days.items()}
    known = _load_known(tx, statement.account, first, last)
    changes = compare(known, whole, telling)
    number, written = _write_changes(tx, statement.account, ledger.number, changes, telling, now)
    if telling.is_whole:
        number = write_days(tx, statement, number, days, version, touched_from(changes))
    _write_ledger(tx, ledger, statement, number, version)
    return written


def link_documents(tx: Connection, account: str, documents: Mapping[int, str], fresh: Collection[int]) -> None:
    """Tell entries, by number, the documents that they book; those not fresh were told before: a version more.

    The account must be locked.
    """
    rows = [{"own_number": number, "document": one} for number, one in documents.items() if number in fresh]
    _execute_many(tx, _LINK, rows, account)
    known = {number: one for number, one in documents.items() if number not in fresh}
    if not known:
        return
    number = tx.execute(_LOCK, {"account": account}).one().number
    found = tx.execute(_OF_NUMBERS, {"account": account, "numbers": list(known)}).mappings().all()
    numbered = list(enumerate(found, number + 1))
    tx.execute(
        sa.insert(files_entries),
        [{**row, "number": new, "document_id": known[row["number"]]} for new, row in numbered],
    )
    _execute_many(tx, _SUPERSEDE, [{"old": row["number"], "new": new} for new, row in numbered], account)
    tx.execute(_COUNT, {"account": account, "last": number + len(found)})


def in_parts(values: Collection[_Value]) -> Iterator[list[_Value]]:
    """Long lists of values, a question's worth at a time."""
    everything = list(values)
    return (everything[start : start + _IN_ONE_QUESTION] for start in range(0, len(everything), _IN_ONE_QUESTION))


def _bounds(telling: Telling) -> tuple[dt.date, dt.date]:
    days = [one.details.booking_date for one in telling.entries]
    if telling.is_whole or not days:
        days += [telling.date_from, telling.date_to]
    return min(days), max(days)


def _load_known(tx: Connection, account: str, first: dt.date, last: dt.date) -> Sequence[KnownEntry]:
    rows = tx.execute(_OF_DAYS, {"account": account, "first": first, "last": last})
    return [_known(row) for row in rows]


def _known(row: sa.Row[*tuple[Any, ...]]) -> KnownEntry:
    """A day told whole told each of its entries too."""
    told = Version(row.told_at, row.told_file)
    return KnownEntry(
        number=row.number,
        core_id=row.core_id,
        details=load_details(row.details),
        content=row.content,
        reference=row.reference,
        told=told if row.whole_at is None else max(told, Version(row.whole_at, row.whole_file)),
        in_whole=row.in_whole,
        document_id=row.document_id,
        first_at=row.first_at,
    )


def _write_changes(
    tx: Connection, account: str, number: int, changes: Changes, telling: Telling, now: dt.datetime
) -> tuple[int, list[WrittenEntry]]:
    gone: list[_Step] = [(old.core_id, old, old) for old in changes.removed]
    came: list[_Step] = [(old.core_id, old, new) for old, new in changes.changed]
    came += [(core_id, None, new) for core_id, new in _named(tx, account, changes.added)]
    rows = [
        _row(account, number + place, core_id, old, new, telling, now)
        for place, (core_id, old, new) in enumerate([*gone, *came], 1)
    ]
    replaced = [old for _, old, _ in [*gone, *came] if old is not None]  # they come first
    superseded = [{"old": old.number, "new": number + place} for place, old in enumerate(replaced, 1)]
    _execute_many(tx, sa.insert(files_entries), rows)
    _execute_many(tx, _SUPERSEDE, superseded, account)
    told = {"at": telling.version.made_at, "file": telling.version.file}
    _execute_many(tx, _CONFIRM, [{**told, "old": one.number} for one in changes.confirmed], account)
    _execute_many(tx, _SETTLE, [{"is_in": not one.in_whole, "old": one.number} for one in changes.settled], account)
    _execute_many(tx, _NAME, [{"name": name, "old": one.number} for one, name in changes.named], account)
    written = [
        (row["number"], row["core_id"], new.details)
        for row, (_, _, new) in zip(rows[len(gone) :], came, strict=True)
        if row["document_id"] is None
    ]
    return number + len(rows), written


def _execute_many(tx: Connection, statement: Any, rows: list[dict[str, Any]], account: str | None = None) -> None:
    if rows:
        tx.execute(statement, rows if account is None else [{**row, "account": account} for row in rows])


def _row(
    account: str,
    number: int,
    core_id: str,
    old: KnownEntry | None,
    new: ToldEntry | KnownEntry,
    telling: Telling,
    now: dt.datetime,
) -> dict[str, Any]:
    """A version of an entry; the same entry as old and new is its removal."""
    is_whole = telling.tells_whole(new.details.booking_date)
    told = telling.version if old is None else max(old.told, telling.version)
    return {
        "account_id": account,
        "number": number,
        "identity": core_id.rpartition("-")[0],
        "core_id": core_id,
        "removed": old is new,
        "booking_date": new.details.booking_date,
        "kopecks": signed_kopecks(new.details),
        "content": new.content,
        "reference": new.reference,
        "told_at": told.made_at,
        "told_file": told.file,
        "in_whole": is_whole or (old is not None and old.in_whole),
        "document_id": old.document_id if old else None,
        "first_at": old.first_at if old else now,
        "details": dump_details(new.details),
    }


def _named(tx: Connection, account: str, added: Sequence[ToldEntry]) -> Iterator[tuple[str, ToldEntry]]:
    """New entries with their core ids: an identity and the next place in it, which is never used twice."""
    identities = [identity_of(one.details) for one in added]
    used: dict[str, int] = defaultdict(int)
    for asked in in_parts(set(identities)):
        used |= {row[0]: row[1] for row in tx.execute(_USED, {"account": account, "identities": asked})}
    for identity, one in zip(identities, added, strict=True):
        used[identity] = used.get(identity, 0) + 1
        yield f"{identity}-{used[identity]}", one


def _write_ledger(
    tx: Connection, ledger: sa.Row[*tuple[Any, ...]], statement: AccountStatement, number: int, version: Version
) -> None:
    told: dict[str, Any] = {"number": number, "as_of": max(filter(None, (ledger.as_of, version.made_at)))}
    is_newest = ledger.balance_at is None or (ledger.balance_day, ledger.balance_at) <= (
        statement.date_to,
        version.made_at,
    )
    if statement.is_whole and is_newest:
        told |= {
            "balance_kopecks": statement.closing.kopecks,
            "balance_currency": statement.closing.currency,
            "balance_from": statement.date_from,
            "balance_day": statement.date_to,
            "balance_at": version.made_at,
        }
    tx.execute(sa.update(files_ledgers).where(files_ledgers.c.account_id == statement.account).values(told))
