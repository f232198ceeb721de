"""What both ways of writing a feed share: its locked row, the versions of entries, and the end of a reading.

The feed's row is locked by whoever writes, so numbers never become visible out of order.  A page is stored only where
the feed is as the lease knows it: at the same mark, of the same generation, and still, or not, being rebuilt.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.core import CoreBalance, CoreEntry, EntryPage, Mark
from adapter.domain.feeds import RefreshLease, entry_id, rest_after_lost_marks
from adapter.store.database import UtcDateTime
from adapter.store.entry_json import dump_details
from adapter.store.tables import entries, feeds

_LOCK = (
    sa.select(feeds.c.number, feeds.c.core_mark, feeds.c.generation, feeds.c.rebuilding_after, feeds.c.complete_through)
    .where(feeds.c.account_id == sa.bindparam("id"))
    .with_for_update()  # on SQLite the transaction itself holds the only write lock
)
COLUMNS = (
    entries.c.entry_id,
    entries.c.number,
    entries.c.version,
    entries.c.added_number,
    entries.c.removed,
    entries.c.booking_date,
    entries.c.first_booking_date,
    entries.c.direction,
    entries.c.kopecks,
    entries.c.details,
    entries.c.payment_id,
)
_PRESENT = sa.select(*COLUMNS).where(
    entries.c.entry_id.in_(sa.bindparam("ids", expanding=True)), entries.c.superseded.is_(None)
)
_SUPERSEDE = (
    sa.update(entries)
    .where(entries.c.account_id == sa.bindparam("id"), entries.c.number == sa.bindparam("old"))
    .values(superseded=sa.bindparam("new"))
)

# Without a closed day statements count back from the balance: an old one beside new entries would make them wrong.
NO_BALANCE = {"booked_kopecks": None, "available_kopecks": None, "balance_as_of": None}

Version = Mapping[str, Any]  # the columns of one row of `entries`
Stored = Any  # a row with `COLUMNS`


def lock_feed(tx: Connection, lease: RefreshLease, after: Mark | None) -> Any | None:
    """The feed's row; None where the feed is no longer as the lease and the mark say."""
    feed = tx.execute(_LOCK, {"id": lease.account_id}).one()
    now = (feed.core_mark, feed.generation, feed.rebuilding_after is not None)
    return feed if now == (after.text if after else None, lease.generation, lease.is_rebuilding) else None


def read_present(
    connection: Connection, account_id: str, core_ids: Sequence[str]
) -> dict[str, tuple[str, Stored | None]]:
    """Our id and present version of each entry, in the order asked; None for one that is not here yet.

    A removed entry stays removed: what comes again under its name is the next life, with an id of its own.
    """
    found: dict[str, tuple[str, Stored | None]] = dict.fromkeys(core_ids, ("", None))
    asked, life = list(core_ids), 1
    while asked:
        ids = {entry_id(account_id, core_id, life): core_id for core_id in asked}
        rows = {row.entry_id: row for row in connection.execute(_PRESENT, {"ids": list(ids)})}
        found.update((core_id, (our_id, rows.get(our_id))) for our_id, core_id in ids.items())
        asked = [ids[our_id] for our_id, row in rows.items() if row.removed]
        life += 1
    return found


def dump_told(told: CoreEntry) -> Version | None:
    """The columns that hold what the core told; None for a removal."""
    if told.details is None:
        return None
    return {
        "booking_date": told.details.booking_date,
        "direction": told.details.direction.value,
        "kopecks": told.details.amount.kopecks,
        "details": dump_details(told.details),
        "payment_id": told.document_id,
    }


def make_version(account_id: str, our_id: str, old: Stored | None, told: Version, number: int) -> Version:
    """The row of the next version of an entry, or of its first."""
    return {
        **told,
        "account_id": account_id,
        "number": number,
        "entry_id": our_id,
        "version": old.version + 1 if old is not None else 1,
        "added_number": old.added_number if old is not None else number,
        "removed": False,
        "first_booking_date": old.first_booking_date if old is not None else told["booking_date"],
    }


def make_tombstone(account_id: str, old: Stored, number: int) -> Version:
    return {**old._mapping, "account_id": account_id, "number": number, "version": old.version + 1, "removed": True}


def write_versions(tx: Connection, account_id: str, versions: Sequence[tuple[Version, Stored | None]]) -> None:
    """Store new versions, each beside the one that it supersedes."""
    if versions:
        tx.execute(sa.insert(entries), [new for new, _ in versions])
    if old := [(version["number"], old.number) for version, old in versions if old is not None]:
        tx.execute(_SUPERSEDE, [{"id": account_id, "old": before, "new": number} for number, before in old])


def write_feed(tx: Connection, account_id: str, columns: Mapping[str, Any]) -> None:
    tx.execute(sa.update(feeds).where(feeds.c.account_id == account_id).values(columns))


def columns_of_end(lease: RefreshLease, page: EntryPage, now: dt.datetime) -> dict[str, Any]:
    """What the last page says of the feed.  The lease is given back, unless another process holds it by now.

    A core that loses its marks each time is left alone for a while; one that knew its mark has lost none.
    """
    is_ours = feeds.c.refresh_lease_until == lease.until
    rest = rest_after_lost_marks(lease.marks_lost) if lease.is_rebuilding else dt.timedelta(0)
    again_at = sa.literal(now + rest, UtcDateTime) if rest else sa.null()
    lease_after = sa.case((is_ours, again_at), else_=feeds.c.refresh_lease_until)
    marks_lost = lease.marks_lost if lease.is_rebuilding else 0
    return {"as_of": page.as_of, "read_at": now, "refresh_lease_until": lease_after, "marks_lost": marks_lost}


def columns_of_balance(balance: CoreBalance) -> dict[str, Any]:
    return {
        "booked_kopecks": balance.booked.kopecks,
        "available_kopecks": balance.available.kopecks,
        "balance_as_of": balance.as_of,
    }
