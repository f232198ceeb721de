"""The bank's days: business dates are Moscow dates, whatever the moment's zone."""

from __future__ import annotations

import datetime as dt

# Moscow has kept UTC+3 without summer time since 2014; a fixed offset needs no zone files on the machine.
MOSCOW = dt.timezone(dt.timedelta(hours=3), "MSK")
DAY = dt.timedelta(days=1)


def business_date(moment: dt.datetime) -> dt.date:
    """The banking day of an aware moment."""
    return moment.astimezone(MOSCOW).date()
