"""The bank's days: business dates are Moscow dates, whatever the moment's zone."""

from __future__ import annotations

import datetime as dt

DAY = dt.timedelta(days=1)
HOLIDAYS = frozenset({(2, 23), (3, 8), (5, 1), (5, 9), (6, 12), (11, 4)}) | {(1, day) for day in range(1, 9)}


def is_working_day(day: dt.date) -> bool:
    return day.weekday() < 5 and (day.month, day.day) not in HOLIDAYS
