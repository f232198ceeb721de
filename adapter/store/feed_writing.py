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
from adapter.domain.feeds import RefreshLease
from adapter.store.account_days import check_days, lower_complete_through, store_days
from adapter.store.database import Database
from adapter.store.feed_rebuild import begin_rebuild_under, store_page_anew
from adapter.store.feed_versions import (
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
from adapter.store.lists import is_one_of
from adapter.store.tables import account_days, accounts, days_anew, feeds

_LEASE = (
    sa.update(feeds)
    .where(
        feeds.c.account_id == sa.bindparam("id"),
        sa.or_(feeds.c.refresh_lease_until.is_(None), feeds.c.refresh_lease_until <= sa.bindparam("now")),
        # What the core tells of it now may be another customer's.
        feeds.c.account_id.in_(sa.select(accounts.c.id).where(accounts.c.gone_at.is_(None))),
    )
    .values(refresh_lease_until=sa.bindparam("until"), is_wanted=False)  # a hint from now on wants another reading
    .returning(feeds.c.core_mark, feeds.c.generation, feeds.c.rebuilding_after, feeds.c.marks_lost)
)
_RELEASE = (
    sa.update(feeds)
    .where(feeds.c.account_id == sa.bindparam("id"), feeds.c.refresh_lease_until == sa.bindparam("until"))
    .values(refresh_lease_until=sa.bindparam("again_at"), is_wanted=True)
)
_WANT = (
    sa.update(feeds)
    .where(
        feeds.c.account_id.in_(
            sa.select(accounts.c.id).where(is_one_of(accounts.c.core_id, "core_ids"), accounts.c.gone_at.is_(None))
        ),
        sa.not_(feeds.c.is_wanted),
    )
    .values(is_wanted=True)
)
_CORE_ACCOUNT = sa.select(
    accounts.c.core_id,
    accounts.c.currency,
    accounts.c.owned_from,
    sa.exists().where(account_days.c.account_id == accounts.c.id).label("has_closed_days"),
    sa.exists().where(days_anew.c.account_id == accounts.c.id).label("has_closed_days_anew"),
).where(accounts.c.id == sa.bindparam("id"))


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
        is_rebuilding = row.rebuilding_after is not None
        return RefreshLease(
            account_id=account_id,
            core_account_id=account.core_id,
            currency=account.currency,
            mark=Mark(row.core_mark) if row.core_mark else None,
            until=until,
            has_closed_days=account.has_closed_days_anew if is_rebuilding else account.has_closed_days,
            generation=row.generation,
            is_rebuilding=is_rebuilding,
            marks_lost=row.marks_lost,
            owned_from=account.owned_from,
        )

    def release(self, lease: RefreshLease, again_at: dt.datetime | None) -> None:
        with self.database.transaction() as connection:
            connection.execute(_RELEASE, {"id": lease.account_id, "until": lease.until, "again_at": again_at})

    def want(self, core_account_ids: Sequence[str]) -> int:
        with self.database.transaction() as connection:
            return connection.execute(_WANT, {"core_ids": list(core_account_ids)}).rowcount

    def list_entry_ids(self, account_id: str, core_ids: Sequence[str]) -> Mapping[str, str]:
        with self.database.reading() as connection:
            return {core_id: found[0] for core_id, found in read_present(connection, account_id, core_ids).items()}

    def begin_rebuild(self, lease: RefreshLease, after: Mark | None, why: str, now: dt.datetime) -> RefreshLease | None:
        with self.database.transaction() as connection:
            return begin_rebuild_under(connection, lease, after, why, now)

    def store_page(
        self, lease: RefreshLease, after: Mark | None, page: EntryPage, balance: CoreBalance | None, now: dt.datetime
    ) -> bool:
        if lease.is_rebuilding:
            return store_page_anew(self.database, lease, after, page, balance, now)
        account_id = lease.account_id
        with self.database.transaction() as connection:
            feed = lock_feed(connection, lease, after)
            if feed is None:
                return False
            number, touched = _store_changes(connection, account_id, feed.number, page.entries)
            store_days(connection, account_id, page.closed_days, touched)
            columns: dict[str, Any] = {"number": number, "core_mark": page.mark.text}
            if page.has_more:
                columns["complete_through"] = lower_complete_through(connection, account_id, feed.complete_through)
            else:  # only now is every entry of the closed days here
                if page.entries or page.closed_days or after != lease.mark:
                    columns["complete_through"] = check_days(connection, account_id, now)
                columns |= columns_of_end(lease, page, now)
            if balance is not None:
                columns |= columns_of_balance(balance)
            elif number != feed.number and not (lease.has_closed_days or page.closed_days):
                columns |= NO_BALANCE
            write_feed(connection, account_id, columns)
        return True


def _store_changes(
    connection: Connection, account_id: str, number: int, told: Sequence[CoreEntry]
) -> tuple[int, set[dt.date]]:
    """Write new versions; gives the feed's new number and the banking days whose sums changed."""
    last: dict[str, CoreEntry] = {}
    for entry in told:  # the last word on each counts, at its own place: the feed keeps the core's order of changes
        last.pop(entry.core_id, None)
        last[entry.core_id] = entry
    versions: list[tuple[Version, Stored | None]] = []
    touched: set[dt.date] = set()
    for core_id, (our_id, old) in read_present(connection, account_id, list(last)).items():
        row = _next_version(account_id, our_id, old, last[core_id], number + 1)
        if row is None:
            continue
        number += 1
        versions.append((row, old))
        touched.add(row["booking_date"])
        if old is not None:
            touched.add(old.booking_date)
    write_versions(connection, account_id, versions)
    return number, touched


def _next_version(account_id: str, our_id: str, old: Stored | None, told: CoreEntry, number: int) -> Version | None:
    """The row that says what the core told; None where nothing visible changes."""
    columns = dump_told(told)
    if columns is None:
        return make_tombstone(account_id, old, number) if old is not None else None
    if old is not None and (old.details, old.payment_id) == (columns["details"], columns["payment_id"]):
        return None
    return make_version(account_id, our_id, old, columns, number)
