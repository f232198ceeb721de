"""A feed read anew from the core's beginning, after the core was restored or staff asked for it.

Pages are gathered beside the feed (`entries_anew`, `days_anew`), each with the core's mark in one transaction, so that
a crash goes on where it was.  Readers meanwhile see the state before, whole and with its age.  When the core was read
to its end, one transaction puts what was gathered into the place of the present state: what differs gets a new
version, what did not come again is removed, all else stays untouched under its id, version and number.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind
from adapter.domain.core import CoreBalance, EntryPage, Mark
from adapter.domain.feeds import RefreshLease
from adapter.domain.statements import DayTotals
from adapter.store.account_days import check_days
from adapter.store.alarms import raise_while_open
from adapter.store.database import Database, insert_into
from adapter.store.feed_versions import (
    COLUMNS,
    NO_BALANCE,
    Stored,
    Version,
    columns_of_balance,
    columns_of_end,
    dump_told,
    lock_feed,
    make_tombstone,
    make_version,
    read_present,
    write_feed,
    write_versions,
)
from adapter.store.tables import account_days, days_anew, entries, entries_anew, feeds

log = structlog.get_logger("adapter.feeds")

_BEGIN = (
    sa.update(feeds)
    .where(feeds.c.account_id == sa.bindparam("id"))
    .values(
        generation=feeds.c.generation + 1,
        core_mark=None,
        rebuilding_after=feeds.c.number,
        complete_through=None,  # no day is vouched for until the core has told it again
    )
    .returning(feeds.c.generation)
)
# The core loses its marks again and again: readers need not be told anew that their numbers count differently.
_BEGIN_AGAIN = (
    sa.update(feeds)
    .where(feeds.c.account_id == sa.bindparam("id"))
    .values(core_mark=None, rebuilding_after=feeds.c.number, complete_through=None)
)
_NOTE_LOST_MARK = (
    sa.update(feeds)
    .where(feeds.c.account_id == sa.bindparam("id"))
    .values(marks_lost=feeds.c.marks_lost + 1)
    .returning(feeds.c.generation, feeds.c.marks_lost)
)
_FORGET_ENTRIES = sa.delete(entries_anew).where(entries_anew.c.account_id == sa.bindparam("id"))
_FORGET_DAYS = sa.delete(days_anew).where(days_anew.c.account_id == sa.bindparam("id"))
_TAKE_OUT = sa.delete(entries_anew).where(
    entries_anew.c.account_id == sa.bindparam("id"), entries_anew.c.entry_id == sa.bindparam("gone")
)
_TOLD = ("booking_date", "direction", "kopecks", "details", "payment_id")
_is_present = sa.and_(entries.c.entry_id == entries_anew.c.entry_id, entries.c.superseded.is_(None))
_DIFFERENT = (
    sa.select(
        entries_anew.c.entry_id.label("our_id"),
        *(entries_anew.c[name].label(f"told_{name}") for name in _TOLD),
        *COLUMNS,
    )
    .select_from(entries_anew.outerjoin(entries, _is_present))
    .where(
        entries_anew.c.account_id == sa.bindparam("id"),
        sa.or_(
            entries.c.entry_id.is_(None),
            entries.c.details != entries_anew.c.details,
            entries.c.payment_id.is_distinct_from(entries_anew.c.payment_id),
        ),
    )
    .order_by(entries_anew.c.booking_date, entries_anew.c.entry_id)
)
_GONE = (
    sa.select(*COLUMNS)
    .where(
        entries.c.account_id == sa.bindparam("id"),
        entries.c.superseded.is_(None),
        sa.not_(entries.c.removed),
        ~sa.exists().where(
            entries_anew.c.account_id == sa.bindparam("id"), entries_anew.c.entry_id == entries.c.entry_id
        ),
    )
    .order_by(entries.c.number)
)
_DROP_DAYS = sa.delete(account_days).where(account_days.c.account_id == sa.bindparam("id"))
_TAKE_DAYS = sa.insert(account_days).from_select(
    ["account_id", "day", "opening_kopecks", "closing_kopecks", "holds"],
    sa.select(
        days_anew.c.account_id,
        days_anew.c.day,
        days_anew.c.opening_kopecks,
        days_anew.c.closing_kopecks,
        sa.false(),
    ).where(days_anew.c.account_id == sa.bindparam("id")),
)
_HAS_DAYS = sa.select(sa.exists().where(account_days.c.account_id == sa.bindparam("id")))


@dataclass(frozen=True, slots=True, kw_only=True)
class _Difference:
    """What the end of a rebuilding changes: entries as told beside their present version, and those that are gone."""

    told: Sequence[tuple[str, Version, Stored | None]]
    gone: Sequence[Stored]


def begin_rebuild(tx: Connection, account_id: str, why: str, now: dt.datetime) -> int:
    """Let the feed be read anew from the beginning, with an alarm; answers its new generation."""
    generation: int = tx.execute(_BEGIN, {"id": account_id}).scalar_one()
    _forget(tx, account_id)
    raise_while_open(tx, AlarmKind.FEED_REBUILT, {account_id: why}, now)
    log.warning("feed is read anew", account=account_id, generation=generation, why=why)
    return generation


def begin_rebuild_under(
    tx: Connection, lease: RefreshLease, after: Mark | None, why: str, now: dt.datetime
) -> RefreshLease | None:
    """The same for who reads the account now; None, and nothing done, where the feed went on without that reader.

    A core that lost its marks before, and knew none since, gets no other generation and no other alarm.
    """
    if lock_feed(tx, lease, after) is None:
        return None
    if lease.marks_lost:
        tx.execute(_BEGIN_AGAIN, {"id": lease.account_id})
        _forget(tx, lease.account_id)
    else:
        begin_rebuild(tx, lease.account_id, why, now)
    feed = tx.execute(_NOTE_LOST_MARK, {"id": lease.account_id}).one()
    return replace(
        lease,
        mark=None,
        generation=feed.generation,
        marks_lost=feed.marks_lost,
        is_rebuilding=True,
        has_closed_days=False,
    )


def store_page_anew(
    database: Database,
    lease: RefreshLease,
    after: Mark | None,
    page: EntryPage,
    balance: CoreBalance | None,
    now: dt.datetime,
) -> bool:
    """As `FeedWriter.store_page`, for a feed that is read anew."""
    with database.transaction() as tx:
        if lock_feed(tx, lease, after) is None:
            return False
        _gather(tx, lease.account_id, page)
        if page.has_more:
            write_feed(tx, lease.account_id, {"core_mark": page.mark.text})
            return True
    # Compared before the lock is taken: a long account holds up nobody.  What is gathered twice is gathered once.
    with database.reading() as connection:
        difference = _find_difference(connection, lease.account_id)
    with database.transaction() as tx:
        feed = lock_feed(tx, lease, after)
        if feed is None:
            return False
        number = _write(tx, lease.account_id, feed.number, difference)
        columns = {"number": number, "core_mark": page.mark.text, "rebuilding_after": None}
        columns |= _take_days(tx, lease.account_id, now) | columns_of_end(lease, page, now)
        if balance is not None:
            columns |= columns_of_balance(balance)
        elif not tx.scalar(_HAS_DAYS, {"id": lease.account_id}):
            columns |= NO_BALANCE
        write_feed(tx, lease.account_id, columns)
        _forget(tx, lease.account_id)
    log.info("feed rebuilt", account=lease.account_id, told=len(difference.told), gone=len(difference.gone))
    return True


def _forget(tx: Connection, account_id: str) -> None:
    tx.execute(_FORGET_ENTRIES, {"id": account_id})
    tx.execute(_FORGET_DAYS, {"id": account_id})


def _gather(tx: Connection, account_id: str, page: EntryPage) -> None:
    """Keep the last word on each entry.  A core that tells its whole history again passes through old states here."""
    last = {entry.core_id: entry for entry in page.entries}
    rows, gone = [], []
    for core_id, (our_id, _) in read_present(tx, account_id, list(last)).items():
        told = dump_told(last[core_id])
        if told is None:
            gone.append({"id": account_id, "gone": our_id})
        else:
            rows.append({**told, "account_id": account_id, "entry_id": our_id})
    _upsert(tx, entries_anew, ["account_id", "entry_id"], rows)
    if gone:
        tx.execute(_TAKE_OUT, gone)
    _upsert(tx, days_anew, ["account_id", "day"], [_day_row(account_id, day) for day in page.closed_days])


def _day_row(account_id: str, totals: DayTotals) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "day": totals.day,
        "opening_kopecks": totals.opening.kopecks,
        "closing_kopecks": totals.closing.kopecks,
    }


def _upsert(tx: Connection, table: sa.Table, key: Sequence[str], rows: Sequence[Version]) -> None:
    if not rows:
        return
    statement = insert_into(tx, table)
    told = {column.name: statement.excluded[column.name] for column in table.c if column.name not in key}
    tx.execute(statement.on_conflict_do_update(index_elements=key, set_=told), rows)


def _find_difference(connection: Connection, account_id: str) -> _Difference:
    told = [
        (row.our_id, {name: row._mapping[f"told_{name}"] for name in _TOLD}, row if row.version is not None else None)
        for row in connection.execute(_DIFFERENT, {"id": account_id})
    ]
    return _Difference(told=told, gone=connection.execute(_GONE, {"id": account_id}).all())


def _write(tx: Connection, account_id: str, number: int, difference: _Difference) -> int:
    """Answers the feed's new number."""
    versions: list[tuple[Version, Stored | None]] = []
    for our_id, told, old in difference.told:
        number += 1
        versions.append((make_version(account_id, our_id, old, told, number), old))
    for old in difference.gone:
        number += 1
        versions.append((make_tombstone(account_id, old, number), old))
    write_versions(tx, account_id, versions)
    return number


def _take_days(tx: Connection, account_id: str, now: dt.datetime) -> dict[str, Any]:
    """Only the days that the core told again are closed; each is proven anew."""
    tx.execute(_DROP_DAYS, {"id": account_id})
    tx.execute(_TAKE_DAYS, {"id": account_id})
    return {"complete_through": check_days(tx, account_id, now)}
