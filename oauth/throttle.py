"""Counting failed attempts per subject and minute, in the database, so that all processes count together.

What anybody may do but only so often, an application, is counted in the same way.
"""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from oauth.models import failures

SUBJECT_LENGTH_MAX = 120

_count = sa.select(sa.func.coalesce(sa.func.sum(failures.c.count), 0)).where(
    failures.c.subject == sa.bindparam("subject"), failures.c.window > sa.bindparam("after")
)

failures_so_far = _count.scalar_subquery()  # for a query of its own; bound by `bind_failures`


def bind_failures(subject: str, now: datetime, minutes: int) -> dict[str, object]:
    """What `failures_so_far` and the query of `count_failures` bind."""
    return {"subject": subject[:SUBJECT_LENGTH_MAX], "after": _minute(now) - minutes}


def count_failures(connection: Connection, subject: str, now: datetime, minutes: int) -> int:
    """How often the subject failed within the last `minutes` minutes."""
    return int(connection.execute(_count, bind_failures(subject, now, minutes)).scalar_one())


def note_failure(tx: Connection, subject: str, now: datetime, count: int = 1) -> None:
    """Count one more; -1 takes back what was counted in the same moment."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = insert(failures).values(subject=subject[:SUBJECT_LENGTH_MAX], window=_minute(now), count=count)
    tx.execute(
        row.on_conflict_do_update(index_elements=["subject", "window"], set_={"count": failures.c.count + count})
    )


def _minute(moment: datetime) -> int:
    return int(moment.timestamp()) // 60
