"""Changes that need two people of the bank: stored, listed, and named by a digest of exactly what was seen."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.credentials import make_id
from oauth.errors import NotFound
from oauth.models import partner_changes


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """Something that two people of the bank must agree to.  `digest` names exactly what they saw."""

    id: str
    partner_id: str
    kind: str  # application, resume, reissue
    payload: Mapping[str, Any]
    digest: str
    created_at: datetime
    first_by: str | None
    first_at: datetime | None
    second_by: str | None
    second_at: datetime | None
    outcome: str | None  # None while open; approved, refused
    refused_by: str | None
    reason: str | None
    closed_at: datetime | None
    receipt_code: str | None = field(default=None, repr=False)  # only from the approval that made it


_CHANGE = [partner_changes.c[name] for name in Change.__dataclass_fields__ if name in partner_changes.c]
_read_change = sa.select(*_CHANGE).where(partner_changes.c.id == sa.bindparam("change_id"))


def read_change(connection: Connection, change_id: str) -> Change:
    """Raises NotFound."""
    row = connection.execute(_read_change, {"change_id": change_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(change_id)
    return Change(**row)


def list_changes(
    connection: Connection,
    *,
    partner_id: str | None = None,
    open_only: bool = True,
    limit: int = 100,
    offset: int = 0,
) -> Sequence[Change]:
    """Oldest first, so that the queue is worked off in order; applications, which anybody may send, come last."""
    order = (partner_changes.c.kind == "application", partner_changes.c.created_at, partner_changes.c.id)
    query = sa.select(*_CHANGE).order_by(*order).limit(limit).offset(offset)
    if partner_id is not None:
        query = query.where(partner_changes.c.partner_id == partner_id)
    if open_only:
        query = query.where(partner_changes.c.outcome.is_(None))
    return [Change(**row) for row in connection.execute(query).mappings()]


def open_change(
    tx: Connection, partner_id: str, kind: str, payload: Mapping[str, Any], *, first_by: str | None, now: datetime
) -> str:
    change_id = make_id("pg")
    row = {"id": change_id, "partner_id": partner_id, "kind": kind, "payload": payload, "created_at": now}
    first = {"first_by": first_by, "first_at": now if first_by else None}
    tx.execute(partner_changes.insert(), row | first | {"digest": digest_payload(payload)})
    return change_id


def digest_payload(payload: Mapping[str, Any]) -> str:
    """SHA-256 of the canonical JSON, in hex: what an approval is bound to."""
    text = json.dumps(payload, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
