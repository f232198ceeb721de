"""Places in the sandbox's logs: the life of the bank, the number of the last row told and a digest of that row.

The life is made when the bank is filled, so a mark of a bank that was emptied since is noticed.  The digest notices a
copy restored from an earlier day, also when its log has grown past the mark again: another row stands there then.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.sandbox.tables import identity
from adapter.domain.errors import MarkUnknown

NO_ROW = "-"  # stands for the digest before the first row


@dataclass(frozen=True, slots=True)
class Place:
    """After the row with this number, which has this digest."""

    number: int
    digest: str = NO_ROW


def start_life(tx: Connection) -> None:
    """A bank that has no life yet gets one."""
    if tx.execute(sa.select(identity.c.life)).first() is None:
        tx.execute(sa.insert(identity), {"life": secrets.token_hex(8)})


def end_life(tx: Connection) -> None:
    """The bank goes on, but knows no mark that it gave before: as a restore that nobody can see in its rows."""
    tx.execute(sa.update(identity), {"life": secrets.token_hex(8)})


def write_place(connection: Connection, place: Place, *more: str) -> str:
    """The text of a mark; `more` are words that the log needs beside the place."""
    return " ".join([_read_life(connection), str(place.number), place.digest, *more])


def read_place(connection: Connection, text: str, words: int) -> tuple[Place, list[str]]:
    """The place and the `words` that were beside it.  Raises MarkUnknown where it is not of this life."""
    life, *rest = text.split(" ")
    if life != _read_life(connection) or len(rest) != 2 + words or not rest[0].isdecimal():
        raise MarkUnknown("the sandbox bank was emptied or replaced since")
    return Place(int(rest[0]), rest[1]), rest[2:]


def check_place(place: Place, there: str) -> None:
    """Raises MarkUnknown where another row, or none, stands at the place; `there` is the digest of what does."""
    if place.digest != there:
        raise MarkUnknown("the sandbox bank was restored from an earlier day")


def digest_of(*values: object) -> str:
    """Short, of the values of one row."""
    return hashlib.sha256(repr(values).encode()).hexdigest()[:16]


def _read_life(connection: Connection) -> str:
    return str(connection.execute(sa.select(identity.c.life)).scalar_one())
