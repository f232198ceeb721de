"""What living consents allow partners, asked by id instead of by token.

A draft may wait for the bank's core, and a file for its partner, long after the call that brought or ordered it; then
the consent is asked again.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.models import consents, partners
from oauth.scopes import Scope

_LIVING = (
    sa.select(
        consents.c.id,
        consents.c.scopes,
        consents.c.account_ids,
        sa.or_(consents.c.state == "suspended", partners.c.state == "suspended").label("is_held"),
    )
    .join(partners, partners.c.id == consents.c.partner_id)
    .where(
        consents.c.id.in_(sa.bindparam("ids", expanding=True)),
        consents.c.state.in_(("active", "suspended")),
        partners.c.state.in_(("approved", "suspended")),
        consents.c.expires_at > sa.bindparam("now"),
    )
)


_OWNER = sa.select(consents.c.partner_id, consents.c.customer_id).where(consents.c.id == sa.bindparam("id"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentPermit:
    """The accounts that drafts may be made from; `is_held` while the bank suspends the partner or the consent."""

    account_ids: frozenset[str]
    is_held: bool


def find_consent_owner(connection: Connection, consent_id: str) -> tuple[str, str] | None:
    """Partner and customer of a consent, in whatever state it is; None for one that is not known."""
    row = connection.execute(_OWNER, {"id": consent_id}).one_or_none()
    return (row.partner_id, row.customer_id) if row else None


def list_payment_permits(
    connection: Connection, consent_ids: Collection[str], now: datetime
) -> Mapping[str, PaymentPermit]:
    """By consent; one that is over, or does not allow payments, is left out."""
    rows = connection.execute(_LIVING, {"ids": sorted(consent_ids), "now": now})
    return {
        row.id: PaymentPermit(account_ids=frozenset(row.account_ids), is_held=row.is_held)
        for row in rows
        if Scope.PAYMENTS in row.scopes
    }


def list_statement_accounts(
    connection: Connection, consent_ids: Collection[str], now: datetime
) -> Mapping[str, frozenset[str]]:
    """Accounts whose statements a partner may have, by consent; one that is over, or does not allow them, is left out.

    One that the bank suspends is not over: its files wait.
    """
    rows = connection.execute(_LIVING, {"ids": sorted(consent_ids), "now": now})
    return {row.id: frozenset(row.account_ids) for row in rows if Scope.STATEMENTS in row.scopes}
