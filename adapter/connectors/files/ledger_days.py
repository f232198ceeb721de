"""Days that a statement tells whole: their balances, rolled from its opening one, and whether they are over."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy.engine import Connection

from adapter.connectors.files.incoming import AccountStatement
from adapter.connectors.files.tables import files_days, insert_into
from adapter.connectors.files.tellings import Changes, Version, signed_kopecks
from adapter.domain.moscow import MOSCOW

_DAY = dt.timedelta(days=1)
_TOLD_OF_DAY = ("opening_kopecks", "closing_kopecks", "currency", "is_closed")


def write_days(
    tx: Connection,
    statement: AccountStatement,
    number: int,
    known: Mapping[dt.date, Any],
    version: Version,
    touched_from: dt.date,
) -> int:
    """A day is numbered anew, so that it is told again, where it follows a change or its balances are others."""
    rows = []
    for row in _day_rows(statement, version):
        old = known.get(row["day"])
        if old is not None and Version(old.told_at, old.told_file) > version:
            continue
        row["is_closed"] = row["is_closed"] or (old is not None and old.is_closed)
        is_touched = row["day"] >= touched_from
        if old is not None and not is_touched and all(getattr(old, name) == row[name] for name in _TOLD_OF_DAY):
            row["number"] = old.number
        else:
            number += 1
            row["number"] = number
        rows.append(row)
    if rows:
        insert = insert_into(tx, files_days)
        names = (*_TOLD_OF_DAY, "number", "told_at", "told_file")
        new = {name: insert.excluded[name] for name in names}
        tx.execute(insert.on_conflict_do_update(index_elements=["account_id", "day"], set_=new), rows)
    return number


def touched_from(changes: Changes) -> dt.date:
    """The first day in which something changed; the last day of the calendar where nothing did."""
    entries = [*changes.added, *changes.removed, *(one for pair in changes.changed for one in pair)]
    return min((one.details.booking_date for one in entries), default=dt.date.max)


def _day_rows(statement: AccountStatement, version: Version) -> Iterator[dict[str, Any]]:
    moved: dict[dt.date, int] = defaultdict(int)
    for one in statement.entries:
        moved[one.details.booking_date] += signed_kopecks(one.details)
    opening, day = statement.opening.kopecks, statement.date_from
    while day <= statement.date_to:
        closing = opening + moved[day]
        yield {
            "account_id": statement.account,
            "day": day,
            "opening_kopecks": opening,
            "closing_kopecks": closing,
            "currency": statement.opening.currency,
            "is_closed": version.made_at >= dt.datetime.combine(day, dt.time.max, MOSCOW),
            "told_at": version.made_at,
            "told_file": version.file,
        }
        opening, day = closing, day + _DAY
