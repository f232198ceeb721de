"""Codes and tokens as they are stored, each read together with the consent that it hangs on."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.credentials import digest
from oauth.models import access_tokens, codes, consents, refresh_tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class Code:
    """An authorization code of one partner, as it is stored."""

    hash: bytes
    consent_id: str
    partner_id: str
    redirect_uri: str
    code_challenge: str
    scope: str
    expires_at: datetime
    used_at: datetime | None
    revoked_at: datetime | None
    consent_state: str
    consent_expires_at: datetime

    def get_redirect_uri(self) -> str:
        """Authlib's question."""
        return self.redirect_uri

    def is_alive(self, now: datetime) -> bool:
        unspent = self.used_at is None and self.revoked_at is None and self.expires_at > now
        return unspent and self.consent_state == "active" and self.consent_expires_at > now


@dataclass(frozen=True, slots=True, kw_only=True)
class RefreshToken:
    """A refresh token as it is stored; `rotated_at` and `answer` are set once it was exchanged for a new one."""

    hash: bytes
    consent_id: str
    partner_id: str
    scope: str
    idle_until: datetime
    rotated_at: datetime | None
    successor_hash: bytes | None
    answer: str | None
    revoked_at: datetime | None
    consent_state: str
    consent_expires_at: datetime

    def is_alive(self, now: datetime) -> bool:
        unspent = self.revoked_at is None and self.idle_until > now
        return unspent and self.consent_state == "active" and self.consent_expires_at > now


@dataclass(frozen=True, slots=True, kw_only=True)
class AccessToken:
    """An access token as introspection sees it; the API reads its own, wider row in protect."""

    consent_id: str
    partner_id: str
    scope: str
    expires_at: datetime
    revoked_at: datetime | None
    consent_state: str
    consent_expires_at: datetime

    def is_alive(self, now: datetime) -> bool:
        unspent = self.revoked_at is None and self.expires_at > now
        return unspent and self.consent_state == "active" and self.consent_expires_at > now


_CONSENT = (consents.c.state.label("consent_state"), consents.c.expires_at.label("consent_expires_at"))


def _own(row_type: type[Any], table: sa.Table) -> list[sa.Column[Any]]:
    return [table.c[field.name] for field in fields(row_type) if field.name in table.c]


# Exchanging a code or a refresh token locks the consent first: whoever ends the family at the same time waits, and then
# sees every token that was issued.
_read_code = (
    sa.select(*_own(Code, codes), *_CONSENT)
    .join(consents, consents.c.id == codes.c.consent_id)
    .where(codes.c.hash == sa.bindparam("token_hash"))
    .with_for_update(of=consents, key_share=True)
)
_read_refresh = (
    sa.select(*_own(RefreshToken, refresh_tokens), *_CONSENT)
    .join(consents, consents.c.id == refresh_tokens.c.consent_id)
    .where(refresh_tokens.c.hash == sa.bindparam("token_hash"))
    .with_for_update(of=consents, key_share=True)
)
_read_access = (
    sa.select(*_own(AccessToken, access_tokens), consents.c.partner_id, *_CONSENT)
    .join(consents, consents.c.id == access_tokens.c.consent_id)
    .where(access_tokens.c.hash == sa.bindparam("token_hash"))
)


def read_code(tx: Connection, code: str) -> Code | None:
    """The code with its consent, which stays locked until the end of the transaction."""
    row = tx.execute(_read_code, {"token_hash": digest(code)}).mappings().one_or_none()
    return Code(**row) if row is not None else None


def read_refresh_token(tx: Connection, token: str) -> RefreshToken | None:
    """The refresh token with its consent, which stays locked until the end of the transaction."""
    row = tx.execute(_read_refresh, {"token_hash": digest(token)}).mappings().one_or_none()
    return RefreshToken(**row) if row is not None else None


def read_access_token(connection: Connection, token: str) -> AccessToken | None:
    row = connection.execute(_read_access, {"token_hash": digest(token)}).mappings().one_or_none()
    return AccessToken(**row) if row is not None else None
