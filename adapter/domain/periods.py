"""The period of a statement: business dates of the bank, which are Moscow dates."""

from __future__ import annotations

import datetime as dt

from adapter.domain.errors import FieldError
from adapter.domain.moscow import moscow_day


def find_fault(date_from: dt.date, date_to: dt.date, history_from: dt.date, now: dt.datetime) -> FieldError | None:
    """What keeps these days from being told, with a pointer relative to the period; None for a good one.

    A day to come is refused and not cut off: its balances would stand there as if they were known.
    """
    if date_from > date_to:
        return _fault("to", "period_is_backwards", "Конец периода раньше его начала")
    if date_from < history_from:
        return _fault("from", "before_history", f"Согласие даёт выписку только с {_say(history_from)}")
    today = moscow_day(now)
    if date_to > today:
        return _fault("to", "period_in_future", f"Последний день не позже сегодняшнего по Москве: {_say(today)}")
    return None


def _say(day: dt.date) -> str:
    return f"{day:%d.%m.%Y}"


def _fault(field: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=f"/{field}", field=field, code=code, message=message)
