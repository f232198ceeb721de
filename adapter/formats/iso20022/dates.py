"""Dates and moments as XML of ISO 20022 and people spell them, the same for every such message."""

from __future__ import annotations

import datetime as dt
import re
from functools import lru_cache

from adapter.domain.moscow import MOSCOW

_FIRST_YEAR = 1900
_LENGTH_MAX = 40
_RUSSIAN_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})").fullmatch
_ISO_DATE = re.compile(r"([0-9]{4}-[0-9]{2}-[0-9]{2})(Z|[+-][0-9]{2}:[0-9]{2})?(.*)", re.DOTALL).fullmatch


def parse_date(text: str) -> tuple[dt.date | None, bool]:
    """A date, and whether it was written as the standard says; None where it cannot be read.

    `2026-11-21`, with a zone or a time or without, or `21.11.2026`; a moment is of its Moscow day.
    """
    return _parse_date(text) if len(text) <= _LENGTH_MAX else (None, False)


def parse_moment(text: str) -> dt.datetime | None:
    """A moment, with the zone that it names or none; None where it cannot be read."""
    try:
        moment = dt.datetime.fromisoformat(text[: _LENGTH_MAX + 1].replace("T24:00:00", "T23:59:59"))
    except ValueError:
        return None
    # The first and the last year cannot be moved to another zone.
    return moment if _FIRST_YEAR < moment.year < dt.MAXYEAR else None


def render_moment(moment: dt.datetime) -> str:
    """A moment in Moscow time, with its offset, to the second."""
    return moment.astimezone(MOSCOW).isoformat(timespec="seconds")


# Messages repeat a few dates thousands of times.
@lru_cache(maxsize=4096)
def _parse_date(text: str) -> tuple[dt.date | None, bool]:
    if match := _RUSSIAN_DATE(text):
        day, month, year = match.groups()
        return _parse_date(f"{year}-{month}-{day}")[0], False
    if "T" in text:
        moment = parse_moment(text)
        if moment is None:
            return None, False
        return (moment.astimezone(MOSCOW) if moment.tzinfo else moment).date(), True
    match = _ISO_DATE(text)
    if not match:
        return None, False
    try:
        date = dt.date.fromisoformat(match[1])
    except ValueError:
        return None, False
    return (date, not match[3]) if date.year >= _FIRST_YEAR else (None, False)
