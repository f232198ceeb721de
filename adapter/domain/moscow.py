"""The bank's business time is Moscow time: no daylight saving since 2014."""

from __future__ import annotations

import datetime as dt

MOSCOW = dt.timezone(dt.timedelta(hours=3))


def moscow_day(moment: dt.datetime) -> dt.date:
    """The business date of a moment."""
    return moment.astimezone(MOSCOW).date()
