"""Partners as they are stored: reading them, and moving them from one state to another.

States: applied → approved ⇄ suspended → closed.  Every change is a conditional UPDATE, so that of two people who press
at once only one succeeds, and its audit event is written in the same transaction.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.audit import Actor, record
from oauth.credentials import digest
from oauth.errors import NotAllowed, NotFound, WrongState
from oauth.models import partners

MAY_APPROVE = frozenset({"approver"})
MAY_SUSPEND = frozenset({"operator", "approver"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Partner:
    """A partner as staff and the protocol see it; the credentials are elsewhere."""

    id: str
    client_id: str
    name: str
    legal_name: str
    inn: str
    website: str
    purpose: str
    expected_volume: str
    contact_name: str
    contact_email: str
    state: str
    state_reason: str | None
    auth_method: str
    redirect_uris: Sequence[str]
    scopes: Sequence[str]
    jwks: Mapping[str, Any]
    ip_ranges: Sequence[str]
    require_par: bool
    claim_open: bool
    claimed_at: datetime | None
    created_at: datetime
    updated_at: datetime


_PARTNER = [partners.c[name] for name in Partner.__dataclass_fields__]
_read_partner = sa.select(*_PARTNER).where(partners.c.id == sa.bindparam("partner_id"))
_read_by_receipt = sa.select(*_PARTNER).where(partners.c.receipt_hash == sa.bindparam("receipt_hash"))


def read_partner(connection: Connection, partner_id: str) -> Partner:
    """Raises NotFound."""
    row = connection.execute(_read_partner, {"partner_id": partner_id}).mappings().one_or_none()
    if row is None:
        raise NotFound(partner_id)
    return Partner(**row)


def read_by_receipt(connection: Connection, receipt_code: str) -> Partner:
    """The partner that keeps this receipt code; raises NotFound."""
    row = connection.execute(_read_by_receipt, {"receipt_hash": digest(receipt_code)}).mappings().one_or_none()
    if row is None:
        raise NotFound("receipt")
    return Partner(**row)


def list_partners(
    connection: Connection, *, state: str | None = None, search: str = "", limit: int = 50, offset: int = 0
) -> Sequence[Partner]:
    """Newest first; `search` looks in names, INN and client id."""
    query = sa.select(*_PARTNER).order_by(partners.c.created_at.desc(), partners.c.id).limit(limit).offset(offset)
    if state is not None:
        query = query.where(partners.c.state == state)
    if search:
        columns = (partners.c.name, partners.c.legal_name, partners.c.inn, partners.c.client_id)
        query = query.where(sa.or_(*(column.icontains(search, autoescape=True) for column in columns)))
    return [Partner(**row) for row in connection.execute(query).mappings()]


def suspend(tx: Connection, partner_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> None:
    """Stop a partner at once: its next call in any process fails.  One person is enough."""
    check_role(role, MAY_SUSPEND)
    move(tx, partner_id, ("approved",), "suspended", reason, now)
    record_staff(tx, now, staff_id, "partner.suspended", partner_id, {"reason": reason})


def close(tx: Connection, partner_id: str, *, staff_id: str, role: str, reason: str, now: datetime) -> None:
    """End the partnership for ever; its tokens stop at once."""
    check_role(role, MAY_APPROVE)
    move(tx, partner_id, ("approved", "suspended"), "closed", reason, now)
    record_staff(tx, now, staff_id, "partner.closed", partner_id, {"reason": reason})


def move(
    tx: Connection,
    partner_id: str,
    states: Sequence[str],
    state: str | None,
    reason: str | None,
    now: datetime,
    **values: object,
) -> None:
    """From one of `states` to `state` (None: stay there), else WrongState."""
    change = dict(values)
    if state is not None:
        change |= {"state": state, "state_reason": reason}
    statement = partners.update().where(partners.c.id == partner_id, partners.c.state.in_(states))
    if tx.execute(statement.values(updated_at=now, **change)).rowcount != 1:
        raise WrongState(f"the partner is not {' or '.join(states)}")


def check_role(role: str, allowed: frozenset[str]) -> None:
    if role not in allowed:
        raise NotAllowed(f"the role {role} may not do this")


def record_staff(
    tx: Connection, now: datetime, staff_id: str, action: str, partner_id: str, detail: Mapping[str, Any]
) -> None:
    record(tx, at=now, actor=Actor(kind="staff", id=staff_id), action=action, partner_id=partner_id, detail=detail)
