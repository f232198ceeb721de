"""Alarms: what a person should know of, told once and not in every round that meets it again.

Only this module writes them, so that every kind is one of AlarmKind, which has words on the staff's pages.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind
from adapter.store.lists import is_one_of
from adapter.store.tables import alarms

SUBJECT_MAX = 80

RAISED = sa.select(alarms.c.subject).where(alarms.c.kind == sa.bindparam("of_kind"), is_one_of(alarms.c.subject, "ids"))
OPEN = RAISED.where(alarms.c.acknowledged_at.is_(None))
TELL_ANEW = (
    alarms.update()
    .where(
        alarms.c.kind == sa.bindparam("of_kind"), is_one_of(alarms.c.subject, "ids"), alarms.c.acknowledged_at.is_(None)
    )
    .values(at=sa.bindparam("now"))
)


def raise_all(tx: Connection, kind: AlarmKind, details: Sequence[tuple[str, str]], now: dt.datetime) -> None:
    """An alarm for each subject and detail, whatever was raised before."""
    rows = [{"kind": kind, "subject": subject, "detail": detail, "at": now} for subject, detail in details]
    if rows:
        tx.execute(alarms.insert(), rows)


def raise_once(tx: Connection, kind: AlarmKind, details: Mapping[str, str], now: dt.datetime) -> None:
    """An alarm for each subject that has none of this kind yet."""
    _raise_new(tx, RAISED, kind, details, now)


def raise_while_open(tx: Connection, kind: AlarmKind, details: Mapping[str, str], now: dt.datetime) -> None:
    """An alarm for each subject; one that nobody has acknowledged yet is told anew, with the time of now."""
    tx.execute(TELL_ANEW, {"of_kind": kind, "ids": sorted(details), "now": now})
    _raise_new(tx, OPEN, kind, details, now)


def _raise_new(
    tx: Connection, known: sa.Select[Any], kind: AlarmKind, details: Mapping[str, str], now: dt.datetime
) -> None:
    raised = set(tx.scalars(known, {"of_kind": kind, "ids": sorted(details)}))
    raise_all(tx, kind, [(one, details[one]) for one in sorted(details) if one not in raised], now)
