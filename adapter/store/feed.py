"""The feed of entries for readers.

`entries` holds every version of every entry, each with its number in the feed; `superseded` is the number of the next
version.  A run of pages looks at one frozen state, that of the number `until`: a version is present in it when its own
number is not above and `superseded` is.  So an entry that changes while somebody pages is told once in this run and
again in the next, and added / changed / removed are exact against what the reader knew at `base`.

Statements are built once, at import; a page of changes is one range of the primary key per account.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Engine

from adapter.domain.cursors import finish_at, move_to
from adapter.domain.feeds import Changes, FeedHead, Span, Viewer
from adapter.store.database import Database
from adapter.store.entry_json import render_entry, render_removal
from adapter.store.lists import is_one_of
from adapter.store.prepared import Prepared
from adapter.store.tables import accounts, entries, feeds, payments

_HEAD_COLUMNS = (
    feeds.c.account_id,
    feeds.c.key,
    feeds.c.generation,
    feeds.c.numbers_since,
    feeds.c.number,
    feeds.c.as_of,
    feeds.c.read_at,
    feeds.c.complete_through,
)
_HEAD = Prepared(sa.select(*_HEAD_COLUMNS).where(feeds.c.account_id == sa.bindparam("id")))
_HEADS = (
    sa.select(*_HEAD_COLUMNS).where(feeds.c.account_id.in_(sa.bindparam("ids", expanding=True))).order_by(feeds.c.key)
)
# The end of a lease is when the last attempt ended, or may be repeated; one that read to the end leaves no lease.
_TRIED_AT = sa.func.coalesce(feeds.c.refresh_lease_until, feeds.c.read_at)
_DUE = (
    sa.select(feeds.c.account_id)
    .where(
        is_one_of(feeds.c.account_id, "ids"),
        sa.or_(feeds.c.read_at.is_(None), feeds.c.read_at < sa.bindparam("before"), feeds.c.is_wanted),
        sa.or_(feeds.c.refresh_lease_until.is_(None), feeds.c.refresh_lease_until <= sa.bindparam("now")),
        feeds.c.account_id.in_(sa.select(accounts.c.id).where(accounts.c.gone_at.is_(None))),
    )
    .order_by(_TRIED_AT.is_not(None), _TRIED_AT)
)

# A payment is named only to the partner that sent it, and only on its own account; others see the entry without it.
WITH_OWN_PAYMENT = entries.outerjoin(
    payments,
    sa.and_(
        payments.c.id == entries.c.payment_id,
        payments.c.partner_id == sa.bindparam("partner_id"),
        payments.c.account_id == entries.c.account_id,
    ),
)
_CHANGES = Prepared(
    sa.select(
        entries.c.number,
        entries.c.entry_id,
        entries.c.version,
        entries.c.added_number,
        sa.type_coerce(entries.c.removed, sa.Integer),  # true or false as the driver gives it: nothing to do per row
        entries.c.details,
        payments.c.id,
        payments.c.external_id,
    )
    .select_from(WITH_OWN_PAYMENT)
    .where(
        entries.c.account_id == sa.bindparam("account_id"),
        entries.c.number > sa.bindparam("position"),
        entries.c.number <= sa.bindparam("until"),
        sa.or_(entries.c.superseded.is_(None), entries.c.superseded > sa.bindparam("until")),
        entries.c.first_booking_date >= sa.bindparam("history_from"),
        # Came and went inside this run: the reader never knew it.
        sa.or_(sa.not_(entries.c.removed), entries.c.added_number <= sa.bindparam("base")),
    )
    .order_by(entries.c.number)
    .limit(sa.bindparam("limit", type_=sa.Integer))
)


@dataclass(frozen=True, slots=True)
class StoredFeed:
    """Meets the port EntryFeed."""

    database: Database

    def list_heads(self, account_ids: Sequence[str]) -> Sequence[FeedHead]:
        if len(account_ids) == 1:
            return [_load_head(row) for row in _HEAD.read(self.database.reader, {"id": account_ids[0]})]
        with self.database.reading() as connection:
            return [_load_head(row) for row in connection.execute(_HEADS, {"ids": list(account_ids)})]

    def read_changes(self, heads: Sequence[FeedHead], spans: Sequence[Span], viewer: Viewer, limit: int) -> Changes:
        page = _Page(limit)
        if all(span.is_over for span in spans):
            return page.close(spans)
        reader = self.database.reader
        after = [
            _read_span(reader, page, head.account_id, span, viewer) for head, span in zip(heads, spans, strict=True)
        ]
        return page.close(after)

    def list_due(self, account_ids: Sequence[str], before: datetime, now: datetime) -> Sequence[str]:
        with self.database.reading() as connection:
            return connection.scalars(_DUE, {"ids": account_ids, "before": before, "now": now}).all()


class _Page:
    """Texts of one page while it fills."""

    def __init__(self, limit: int) -> None:
        self.room = limit
        self.added: list[str] = []
        self.changed: list[str] = []
        self.removed: list[str] = []

    def put(self, account_id: str, base: int, rows: Sequence[Any]) -> None:
        self.room -= len(rows)
        for _, entry_id, version, added_number, removed, details, payment_id, external_id in rows:
            if removed:
                self.removed.append(render_removal(account_id, entry_id, version))
                continue
            told = self.added if added_number > base else self.changed
            told.append(render_entry(account_id, entry_id, version, details, payment_id, external_id))

    def close(self, spans: Sequence[Span]) -> Changes:
        return Changes(added=self.added, changed=self.changed, removed=self.removed, spans=spans)


def _read_span(reader: Engine, page: _Page, account_id: str, span: Span, viewer: Viewer) -> Span:
    """Fill the page from one feed; the span is where that feed goes on."""
    if span.is_over or page.room == 0:
        return span
    bound = {
        "account_id": account_id,
        "base": span.base,
        "position": span.position,
        "until": span.until,
        "history_from": viewer.history_from,
        "partner_id": viewer.partner_id,
        "limit": page.room + 1,  # one more tells whether this page is the last
    }
    rows = _CHANGES.read(reader, bound)
    if len(rows) <= page.room:
        page.put(account_id, span.base, rows)
        return finish_at(span)
    rows = rows[: page.room]
    page.put(account_id, span.base, rows)
    return move_to(span, rows[-1][0])


def _load_head(row: Any) -> FeedHead:
    account_id, key, generation, numbers_since, number, as_of, read_at, complete_through = row
    return FeedHead(
        account_id=account_id,
        key=key,
        generation=generation,
        numbers_since=numbers_since,
        number=number,
        as_of=as_of,
        read_at=read_at,
        complete_through=complete_through,
    )
