"""What the core told, put into the feed.

One page is one transaction: the feed's row is locked, each change takes the next number, the old version is marked as
superseded, the core's mark moves on.  So numbers never become visible out of order, a crash repeats at most one page,
and a page that changes nothing visible leaves the numbers alone.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.core import CoreBalance, CoreEntry, EntryPage, Mark
from adapter.domain.feeds import RefreshLease, entry_id
from adapter.store.account_days import check_days, lower_complete_through, store_days
from adapter.store.database import Database
from adapter.store.entry_json import dump_details
from adapter.store.tables import account_days, accounts, entries, feeds

_LEASE = (
    sa.update(feeds)
    .where(
        feeds.c.account_id == sa.bindparam("id"),
        sa.or_(feeds.c.refresh_lease_until.is_(None), feeds.c.refresh_lease_until <= sa.bindparam("now")),
    )
    .values(refresh_lease_until=sa.bindparam("until"))
    .returning(feeds.c.core_mark)
)
_RELEASE = (
    sa.update(feeds)
    .where(feeds.c.account_id == sa.bindparam("id"), feeds.c.refresh_lease_until == sa.bindparam("until"))
    .values(refresh_lease_until=sa.bindparam("again_at"))
)
_CORE_ACCOUNT = sa.select(
    accounts.c.core_id,
    accounts.c.currency,
    sa.exists().where(account_days.c.account_id == accounts.c.id).label("has_closed_days"),
).where(accounts.c.id == sa.bindparam("id"))
_LOCK = (
    sa.select(feeds.c.number, feeds.c.core_mark, feeds.c.complete_through)
    .where(feeds.c.account_id == sa.bindparam("id"))
    .with_for_update()  # on SQLite the transaction itself holds the only write lock
)
_PRESENT = sa.select(
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
).where(entries.c.entry_id.in_(sa.bindparam("ids", expanding=True)), entries.c.superseded.is_(None))
_SUPERSEDE = (
    sa.update(entries)
    .where(entries.c.account_id == sa.bindparam("id"), entries.c.number == sa.bindparam("old"))
    .values(superseded=sa.bindparam("new"))
)

# Without a closed day statements count back from the balance: an old one beside new entries would make them wrong.
_NO_BALANCE = {"booked_kopecks": None, "available_kopecks": None, "balance_as_of": None}

Version = Mapping[str, Any]  # the columns of one row of `entries`
Stored = Any  # a row that `_PRESENT` found


@dataclass(frozen=True, slots=True)
class StoredFeedWriter:
    """Meets the port FeedWriter."""

    database: Database

    def lease(self, account_id: str, now: dt.datetime, until: dt.datetime) -> RefreshLease | None:
        with self.database.transaction() as connection:
            row = connection.execute(_LEASE, {"id": account_id, "now": now, "until": until}).one_or_none()
            if row is None:
                return None
            account = connection.execute(_CORE_ACCOUNT, {"id": account_id}).one()
        return RefreshLease(
            account_id=account_id,
            core_account_id=account.core_id,
            currency=account.currency,
            mark=Mark(row.core_mark) if row.core_mark else None,
            until=until,
            has_closed_days=account.has_closed_days,
        )

    def release(self, lease: RefreshLease, again_at: dt.datetime | None) -> None:
        with self.database.transaction() as connection:
            connection.execute(_RELEASE, {"id": lease.account_id, "until": lease.until, "again_at": again_at})

    def list_entry_ids(self, account_id: str, core_ids: Sequence[str]) -> Mapping[str, str]:
        with self.database.reading() as connection:
            return {core_id: found[0] for core_id, found in _present(connection, account_id, core_ids).items()}

    def store_page(
        self, lease: RefreshLease, after: Mark | None, page: EntryPage, balance: CoreBalance | None, now: dt.datetime
    ) -> bool:
        account_id = lease.account_id
        with self.database.transaction() as connection:
            feed = connection.execute(_LOCK, {"id": account_id}).one()
            if feed.core_mark != (after.text if after else None):
                return False
            number, touched = _store_changes(connection, account_id, feed.number, page.entries)
            store_days(connection, account_id, page.closed_days, touched)
            columns: dict[str, Any] = {"number": number, "core_mark": page.mark.text}
            if page.has_more:
                columns["complete_through"] = lower_complete_through(connection, account_id, feed.complete_through)
            else:  # only now is every entry of the closed days here
                if page.entries or page.closed_days or after != lease.mark:
                    columns["complete_through"] = check_days(connection, account_id, now)
                columns |= {"as_of": page.as_of, "read_at": now, "refresh_lease_until": _lease_after(lease)}
            if balance is not None:
                columns |= _balance_columns(balance)
            elif number != feed.number and not (lease.has_closed_days or page.closed_days):
                columns |= _NO_BALANCE
            connection.execute(sa.update(feeds).where(feeds.c.account_id == account_id).values(columns))
        return True


def _store_changes(
    connection: Connection, account_id: str, number: int, told: Sequence[CoreEntry]
) -> tuple[int, set[dt.date]]:
    """Write new versions; gives the feed's new number and the banking days whose sums changed."""
    last = {entry.core_id: entry for entry in told}  # the last word on each counts
    new: list[Version] = []
    superseded: list[dict[str, Any]] = []
    touched: set[dt.date] = set()
    for core_id, (our_id, old) in _present(connection, account_id, list(last)).items():
        row = _next_version(account_id, our_id, old, last[core_id], number + 1)
        if row is None:
            continue
        number += 1
        new.append(row)
        touched.add(row["booking_date"])
        if old is not None:
            superseded.append({"id": account_id, "old": old.number, "new": number})
            touched.add(old.booking_date)
    if new:
        connection.execute(sa.insert(entries), new)
    if superseded:
        connection.execute(_SUPERSEDE, superseded)
    return number, touched


def _present(connection: Connection, account_id: str, core_ids: Sequence[str]) -> dict[str, tuple[str, Stored | None]]:
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


def _next_version(account_id: str, our_id: str, old: Stored | None, told: CoreEntry, number: int) -> Version | None:
    """The row that says what the core told; None where nothing visible changes."""
    if told.details is None:
        return _tombstone(account_id, old, number) if old is not None else None
    details = dump_details(told.details)
    if old is not None and (old.details, old.payment_id) == (details, told.document_id):
        return None
    return {
        "account_id": account_id,
        "number": number,
        "entry_id": our_id,
        "version": old.version + 1 if old is not None else 1,
        "added_number": old.added_number if old is not None else number,
        "removed": False,
        "booking_date": told.details.booking_date,
        "first_booking_date": old.first_booking_date if old is not None else told.details.booking_date,
        "direction": told.details.direction.value,
        "kopecks": told.details.amount.kopecks,
        "details": details,
        "payment_id": told.document_id,
    }


def _tombstone(account_id: str, old: Stored, number: int) -> Version:
    return {**old._mapping, "account_id": account_id, "number": number, "version": old.version + 1, "removed": True}


def _lease_after(lease: RefreshLease) -> Any:
    """Given back, unless another process holds it by now."""
    return sa.case((feeds.c.refresh_lease_until == lease.until, sa.null()), else_=feeds.c.refresh_lease_until)


def _balance_columns(balance: CoreBalance) -> dict[str, Any]:
    return {
        "booked_kopecks": balance.booked.kopecks,
        "available_kopecks": balance.available.kopecks,
        "balance_as_of": balance.as_of,
    }
