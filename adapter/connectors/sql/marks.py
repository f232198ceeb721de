"""Places in the bank's sequences: the epoch of its database, the last number told and, of entries, the last closed day.

The bank's view `epoch` gives another value once its database was restored, so that a place of the time before is known.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.sql.views import epoch
from adapter.domain.core import Mark
from adapter.domain.errors import MarkUnknown

NO_DAY = dt.date.min
_EPOCH = sa.select(epoch.c.epoch)


@dataclass(frozen=True, slots=True)
class Place:
    """After `number`, in this epoch; days are told through `day`."""

    epoch: str
    number: int = 0
    day: dt.date = NO_DAY

    def mark(self) -> Mark:
        return Mark(f"{self.epoch} {self.number} {self.day.isoformat()}")


def read_place(connection: Connection, mark: Mark | None) -> Place:
    """The place of a mark; None is the beginning.  Raises MarkUnknown for another epoch's, or nobody's."""
    present = str(connection.execute(_EPOCH).scalar_one())
    if mark is None:
        return Place(present)
    try:
        place = _parse(mark.text)
    except ValueError:
        raise MarkUnknown("the mark is not of this core") from None
    if place.epoch != present:
        raise MarkUnknown("the bank's database was restored since")
    return place


def check_reached(place: Place, last_number: int | None) -> None:
    """Raises MarkUnknown for a place beyond the last number that there is."""
    if place.number > (last_number or 0):
        raise MarkUnknown("the bank's database holds less than was told")


def _parse(text: str) -> Place:
    first, number, day = text.split(" ")
    return Place(first, int(number), dt.date.fromisoformat(day))
