"""What is forgotten after some time, so that nothing grows for ever but what grows with the bank's own books.

Kept for ever: drafts that left with the bank's words about them (as long as payments), digests of files that were read
(a repeat is known by them), days told whole, and the last version of each entry, also of a removed one: by these no id
is given twice.  Forgotten: what entries were before, requests that were answered, files in archive/.
"""

from __future__ import annotations

import datetime as dt
import shutil

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection, Engine

from adapter.connectors.files.folders import Folders
from adapter.connectors.files.tables import (
    files_counters,
    files_documents,
    files_entries,
    files_statement_orders,
    files_withdrawals,
    insert_into,
)
from adapter.domain.moscow import moscow_day
from adapter.domain.payments import FINAL

log = structlog.get_logger("adapter.files")

KEEP_DAYS_MIN = 31  # a reader that was away, a backup that is restored: nobody is back later
_COUNTER = "forgotten on"  # the day of it, counted from the year 1

_DONE_ON = sa.select(files_counters.c.number).where(files_counters.c.name == _COUNTER)
_CLAIM = (
    sa.update(files_counters)
    .where(files_counters.c.name == _COUNTER, files_counters.c.number < sa.bindparam("today"))
    .values(number=sa.bindparam("today"))
)
_later = files_entries.alias("later")
_OLD_VERSIONS = sa.delete(files_entries).where(
    files_entries.c.superseded.is_not(None),
    ~sa.exists(
        sa.select(_later.c.number).where(
            _later.c.account_id == files_entries.c.account_id,
            _later.c.number == files_entries.c.superseded,
            _later.c.told_at >= sa.bindparam("before"),
        )
    ),
)
_OLD_ORDERS = sa.delete(files_statement_orders).where(
    files_statement_orders.c.made_at < sa.bindparam("before"),
    sa.or_(files_statement_orders.c.as_of.is_not(None), files_statement_orders.c.refused_as.is_not(None)),
)
_OLD_WITHDRAWALS = sa.delete(files_withdrawals).where(
    files_withdrawals.c.made_at < sa.bindparam("before"),
    files_withdrawals.c.document_id.in_(
        sa.select(files_documents.c.document_id).where(files_documents.c.status.in_([one.value for one in FINAL]))
    ),
)

_OLD = (_OLD_VERSIONS, _OLD_ORDERS, _OLD_WITHDRAWALS)


def forget_old(writer: Engine, folders: Folders, now: dt.datetime, keep_days: int) -> bool:
    """Once a day, whoever comes first; answers whether it was done now."""
    today, before = moscow_day(now), now - dt.timedelta(days=keep_days)
    with writer.connect() as connection, connection.begin():
        if connection.execute(_DONE_ON).scalar_one_or_none() == today.toordinal():
            return False
    with writer.begin() as tx:
        if not _is_first(tx, today):
            return False
        rows = sum(tx.execute(old, {"before": before}).rowcount for old in _OLD)
    days = folders.list_archived_days(moscow_day(before))
    for day in days:
        shutil.rmtree(day, ignore_errors=True)  # what cannot be removed is tried again tomorrow
    log.info("what is old was forgotten", rows=rows, days=len(days))
    return True


def _is_first(tx: Connection, today: dt.date) -> bool:
    tx.execute(insert_into(tx, files_counters).on_conflict_do_nothing(), {"name": _COUNTER, "number": 0})
    return bool(tx.execute(_CLAIM, {"today": today.toordinal()}).rowcount)
