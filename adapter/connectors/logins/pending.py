"""Logins that were begun and wait for the person to come back: each is finished once, within ten minutes.

The reply is found by its `state`, of which only the SHA-256 is kept.  That it comes back in the browser that began
the login is for the authorization server, which sealed the state.
"""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.tables import core_logins
from oauth import LoginRefused, LoginRequest

LIFETIME = timedelta(minutes=10)

_CLAIM = (
    sa.update(core_logins)
    .where(
        core_logins.c.state_hash == sa.bindparam("wanted"),
        core_logins.c.used_at.is_(None),
        core_logins.c.expires_at > sa.bindparam("now"),
    )
    .values(used_at=sa.bindparam("now"))
    .returning(core_logins)
)
_FORGET = sa.delete(core_logins).where(core_logins.c.expires_at < sa.bindparam("now"))


@dataclass(frozen=True, slots=True, kw_only=True)
class PendingLogin:
    """What must be known again when the person is back."""

    return_url: str
    nonce: str
    code_verifier: str  # RFC 7636
    earliest: datetime  # a login before this moment is older than what was asked for


def open_login(tx: Connection, request: LoginRequest, now: datetime) -> PendingLogin:
    """Remember a login that begins."""
    row = {
        "state_hash": _digest(request.state),
        "return_url": request.return_url,
        "nonce": secrets.token_urlsafe(32),
        "code_verifier": secrets.token_urlsafe(48),
        "earliest": now - timedelta(seconds=request.max_age_s),
        "expires_at": now + LIFETIME,
    }
    tx.execute(sa.insert(core_logins), row)
    return _pending(row)


def claim_login(tx: Connection, state: str, now: datetime) -> PendingLogin:
    """The login that a reply belongs to, once; raises LoginRefused for a used, expired or unknown one."""
    row = tx.execute(_CLAIM, {"wanted": _digest(state), "now": now}).mappings().one_or_none()
    if row is None:
        raise LoginRefused("no such login is waiting")
    return _pending(dict(row))


def forget_logins(tx: Connection, now: datetime) -> int:
    """Drop what nobody can finish any more; answers how many."""
    return tx.execute(_FORGET, {"now": now}).rowcount


def _pending(row: dict[str, object]) -> PendingLogin:
    return PendingLogin(**{name: row[name] for name in PendingLogin.__dataclass_fields__})  # type: ignore[arg-type]


def _digest(state: str) -> bytes:
    return hashlib.sha256(state.encode()).digest()
