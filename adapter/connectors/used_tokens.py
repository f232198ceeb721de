"""Tokens that are good for one use: the first who claims one has it, in every process of the product."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from adapter.connectors.tables import used_tokens

_CLAIM = {
    "postgresql": postgresql.insert(used_tokens).on_conflict_do_nothing().returning(used_tokens.c.jti),
    "sqlite": sqlite.insert(used_tokens).on_conflict_do_nothing().returning(used_tokens.c.jti),
}
_FORGET = sa.delete(used_tokens).where(used_tokens.c.expires_at < sa.bindparam("now"))


def claim_token(tx: Connection, purpose: str, jti: str, expires_at: datetime) -> bool:
    """Whether this is its first use; `expires_at` is when nobody could use it any more."""
    row = {"purpose": purpose, "jti": jti, "expires_at": expires_at}
    return tx.execute(_CLAIM[tx.dialect.name], row).one_or_none() is not None


def forget_tokens(tx: Connection, now: datetime) -> int:
    """Drop what has expired; answers how many."""
    return tx.execute(_FORGET, {"now": now}).rowcount
