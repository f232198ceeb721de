"""The audit log: append-only, each row sealed with the hash of the one before, so that a changed or missing row shows.

Writing takes the lock of the one head row until the end of the transaction: callers record last.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from oauth.models import audit, audit_head

FIRST_HASH = bytes(32)
ROWS_AT_ONCE = 1000


@dataclass(frozen=True, slots=True, kw_only=True)
class Actor:
    """Who did it: kind is staff, customer, partner or system."""

    kind: str
    id: str


SYSTEM = Actor(kind="system", id="system")


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """One row of the log."""

    number: int
    at: datetime
    actor: Actor
    action: str
    partner_id: str | None
    consent_id: str | None
    ip: str | None
    detail: Mapping[str, Any]


_read_head = sa.select(audit_head.c.number, audit_head.c.hash).where(audit_head.c.id == 1).with_for_update()
_begin_head = sa.text("INSERT INTO audit_head (id, number, hash) VALUES (1, 0, :hash) ON CONFLICT DO NOTHING")
_move_head = audit_head.update().where(audit_head.c.id == 1)
_insert = audit.insert()


def record(
    tx: Connection,
    *,
    at: datetime,
    actor: Actor,
    action: str,
    partner_id: str | None = None,
    consent_id: str | None = None,
    ip: str | None = None,
    detail: Mapping[str, Any] | None = None,
) -> None:
    """Append one event inside the caller's transaction.  `detail` holds plain JSON values and never a secret."""
    head = tx.execute(_read_head).one_or_none()
    if head is None:
        tx.execute(_begin_head, {"hash": FIRST_HASH})
        head = tx.execute(_read_head).one()
    row = {
        "number": head.number + 1,
        "at": at,
        "actor_kind": actor.kind,
        "actor_id": actor.id,
        "action": action,
        "partner_id": partner_id,
        "consent_id": consent_id,
        "ip": ip,
        "detail": dict(detail or {}),
    }
    sealed = _seal(row, head.hash)
    tx.execute(_insert, {**row, "previous_hash": head.hash, "hash": sealed})
    tx.execute(_move_head, {"number": row["number"], "hash": sealed})


def list_events(
    connection: Connection,
    *,
    action: str | None = None,
    actor_id: str | None = None,
    partner_id: str | None = None,
    consent_id: str | None = None,
    before: int | None = None,
    limit: int = 50,
) -> Sequence[Event]:
    """Newest first; `before` is the number where the last page ended."""
    query = sa.select(audit).order_by(audit.c.number.desc()).limit(limit)
    wanted = {"action": action, "actor_id": actor_id, "partner_id": partner_id, "consent_id": consent_id}
    for column, value in wanted.items():
        if value is not None:
            query = query.where(audit.c[column] == value)
    if before is not None:
        query = query.where(audit.c.number < before)
    return [_event(row) for row in connection.execute(query).mappings()]


def find_break(connection: Connection) -> int | None:
    """Number of the first row that was changed, removed or added outside `record`; None when the chain is whole."""
    # The head first: what others write meanwhile comes after it and is not looked at.
    head = connection.execute(sa.select(audit_head.c.number, audit_head.c.hash)).one_or_none()
    if head is None:
        last = connection.execute(sa.select(sa.func.max(audit.c.number))).scalar()
        return None if last is None else int(last) + 1
    expected_number, expected_hash = 1, FIRST_HASH
    for row in _read_rows(connection, head.number):
        whole = row["number"] == expected_number and row["previous_hash"] == expected_hash
        if not whole or _seal(row, row["previous_hash"]) != row["hash"]:
            return expected_number
        expected_number, expected_hash = row["number"] + 1, row["hash"]
    return None if (expected_number, expected_hash) == (head.number + 1, head.hash) else expected_number


def _read_rows(connection: Connection, last: int) -> Iterator[RowMapping]:
    """The log up to a number, a page at a time: outside a transaction there is no cursor to stream with."""
    page = sa.select(audit).where(audit.c.number <= last).order_by(audit.c.number).limit(ROWS_AT_ONCE)
    rows = connection.execute(page).mappings().all()
    while rows:
        yield from rows
        rows = connection.execute(page.where(audit.c.number > rows[-1]["number"])).mappings().all()


def read_head(connection: Connection) -> tuple[int, str]:
    """Number and hash (hex) of the last row, to be kept elsewhere: whoever rewrites the whole log cannot reach that."""
    head = connection.execute(sa.select(audit_head.c.number, audit_head.c.hash)).one_or_none()
    return (head.number, head.hash.hex()) if head is not None else (0, FIRST_HASH.hex())


_SEALED = ("number", "actor_kind", "actor_id", "action", "partner_id", "consent_id", "ip", "detail")


def _seal(row: Mapping[str, Any] | RowMapping, previous: bytes) -> bytes:
    content = {name: row[name] for name in _SEALED} | {"at": row["at"].timestamp()}
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(previous + text.encode()).digest()


def _event(row: RowMapping) -> Event:
    return Event(
        number=row["number"],
        at=row["at"],
        actor=Actor(kind=row["actor_kind"], id=row["actor_id"]),
        action=row["action"],
        partner_id=row["partner_id"],
        consent_id=row["consent_id"],
        ip=row["ip"],
        detail=row["detail"],
    )
