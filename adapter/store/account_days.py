"""Closed banking days: opening + entries = closing, and each day opens with what the one before closed with.

A day's `holds` is False until it was proven, after the core was read to its end.  `complete_through` is the last day
up to which every closed day holds; a day that does not hold stops it there and raises an alarm.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Sequence
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind, dump_facts
from adapter.domain.statements import DayTotals, Direction
from adapter.store.alarms import raise_all
from adapter.store.database import insert_into
from adapter.store.tables import account_days, alarms, entries

_MARK = (
    sa.update(account_days)
    .where(account_days.c.account_id == sa.bindparam("id"), account_days.c.day == sa.bindparam("on"))
    .values(holds=sa.bindparam("proven"))
)
_FIRST_UNPROVEN = sa.select(sa.func.min(account_days.c.day)).where(
    account_days.c.account_id == sa.bindparam("id"), sa.not_(account_days.c.holds)
)
_LAST_BEFORE = (
    sa.select(account_days.c.day, account_days.c.closing_kopecks)
    .where(account_days.c.account_id == sa.bindparam("id"), account_days.c.day < sa.bindparam("on"))
    .order_by(account_days.c.day.desc())
    .limit(1)
)
_LAST = sa.select(sa.func.max(account_days.c.day)).where(account_days.c.account_id == sa.bindparam("id"))
_DAYS_FROM = (
    sa.select(account_days.c.day, account_days.c.opening_kopecks, account_days.c.closing_kopecks, account_days.c.holds)
    .where(account_days.c.account_id == sa.bindparam("id"), account_days.c.day >= sa.bindparam("on"))
    .order_by(account_days.c.day)
)
SIGNED_KOPECKS = sa.case((entries.c.direction == Direction.CREDIT.value, entries.c.kopecks), else_=-entries.c.kopecks)
_SUMS_FROM = (
    sa.select(entries.c.booking_date, sa.cast(sa.func.sum(SIGNED_KOPECKS), sa.BigInteger))
    .where(
        entries.c.account_id == sa.bindparam("id"),
        entries.c.booking_date >= sa.bindparam("on"),
        entries.c.superseded.is_(None),
        sa.not_(entries.c.removed),
    )
    .group_by(entries.c.booking_date)
)
_KNOWN_ALARM = sa.select(alarms.c.detail).where(
    alarms.c.kind == AlarmKind.DAY_MISMATCH, alarms.c.subject == sa.bindparam("subject")
)


def store_days(
    connection: Connection, account_id: str, told: Sequence[DayTotals], touched: Collection[dt.date]
) -> None:
    """Remember days as the core closed them; these, and closed days whose entries changed, are to be proven again."""
    if touched:
        connection.execute(_MARK, [{"id": account_id, "on": day, "proven": False} for day in touched])
    rows = [_row(account_id, totals) for totals in told]
    statement = insert_into(connection, account_days)
    names = ("opening_kopecks", "closing_kopecks", "holds")
    if rows:
        connection.execute(
            statement.on_conflict_do_update(
                index_elements=["account_id", "day"], set_={name: statement.excluded[name] for name in names}
            ),
            rows,
        )


def check_days(connection: Connection, account_id: str, now: dt.datetime) -> dt.date | None:
    """Prove the days that are not proven, raise an alarm for each that does not hold; gives `complete_through`."""
    first = connection.scalar(_FIRST_UNPROVEN, {"id": account_id})
    if first is None:
        last: dt.date | None = connection.scalar(_LAST, {"id": account_id})
        return last
    at = {"id": account_id, "on": first}
    before = connection.execute(_LAST_BEFORE, at).one_or_none()
    complete, expected = (before.day, before.closing_kopecks) if before else (None, None)
    moved: dict[dt.date, int] = {row[0]: row[1] for row in connection.execute(_SUMS_FROM, at)}
    marks, broken = [], []
    for day, opening, closing, was_proven in connection.execute(_DAYS_FROM, at).all():
        holds = opening + moved.get(day, 0) == closing and expected in (None, opening)
        if holds != was_proven:
            marks.append({"id": account_id, "on": day, "proven": holds})
        if not holds:
            broken.append((day, opening, closing, moved.get(day, 0)))
        elif not broken:
            complete = day
        expected = closing
    if marks:
        connection.execute(_MARK, marks)
    for row in broken:
        _raise_alarm(connection, account_id, row, now)
    return complete


def lower_complete_through(connection: Connection, account_id: str, known: dt.date | None) -> dt.date | None:
    """`complete_through` in the middle of a change of many pages: before the first day that awaits its proof."""
    first = connection.scalar(_FIRST_UNPROVEN, {"id": account_id})
    if known is None or first is None or first > known:
        return known
    before: dt.date | None = connection.scalar(_LAST_BEFORE, {"id": account_id, "on": first})
    return before


def _row(account_id: str, totals: DayTotals) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "day": totals.day,
        "opening_kopecks": totals.opening.kopecks,
        "closing_kopecks": totals.closing.kopecks,
        "holds": False,
    }


def _raise_alarm(connection: Connection, account_id: str, row: tuple[dt.date, int, int, int], now: dt.datetime) -> None:
    """Once for each state of a day: a refresh that finds the same again says nothing new."""
    day, opening, closing, moved = row
    subject = f"{account_id} {day}"
    told = {"opening": opening, "moved": moved, "closing": closing}
    detail = dump_facts(
        day=day.isoformat(), **{name: f"{Decimal(kopecks) / 100:.2f}" for name, kopecks in told.items()}
    )
    if detail not in connection.scalars(_KNOWN_ALARM, {"subject": subject}).all():
        raise_all(connection, AlarmKind.DAY_MISMATCH, [(subject, detail)], now)
