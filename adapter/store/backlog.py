"""What waits for the core, counted."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.link import Backlog
from adapter.store.lists import is_one_of
from adapter.store.tables import feeds, outbox

_WAITING = sa.select(sa.func.count(), sa.func.min(outbox.c.due_at)).where(sa.not_(outbox.c.needs_person))
_PERSON = sa.select(sa.func.count()).where(outbox.c.needs_person)
_OLDEST_FEED = sa.select(sa.func.min(feeds.c.read_at)).where(is_one_of(feeds.c.account_id, "connected"))
_NEVER_READ = sa.select(sa.func.count()).where(is_one_of(feeds.c.account_id, "connected"), feeds.c.read_at.is_(None))


def read_backlog(connection: Connection, connected: Collection[str], now: dt.datetime) -> Backlog:
    """`connected` are the accounts that some partner may read: the others' feeds rest, and may be old."""
    known = {"connected": connected}
    waiting, oldest = connection.execute(_WAITING).one()
    return Backlog(
        errands_waiting=waiting,
        errands_overdue_s=age(now, oldest),
        for_a_person=connection.execute(_PERSON).scalar_one(),
        feed_oldest_s=age(now, connection.execute(_OLDEST_FEED, known).scalar_one()),
        feeds_never_read=connection.execute(_NEVER_READ, known).scalar_one(),
    )


def age(now: dt.datetime, moment: dt.datetime | None) -> float:
    """Seconds since a moment; 0 for none, and for one that is still to come."""
    return max(0.0, (now - moment).total_seconds()) if moment else 0.0
