"""Codes, access tokens and refresh tokens: claimed by one conditional UPDATE, in one transaction with what they yield.

The family of a token is its consent.  A code that comes twice, or a rotated refresh token that comes after its grace
time, ends every credential of the family.  A lost reply must not cost the connection: within the grace time the same
refresh token gets the same answer again, kept sealed with the token itself.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.audit import Actor, record
from oauth.credentials import digest, make_token, seal, unseal
from oauth.models import (
    access_tokens,
    assertion_jtis,
    authorization_requests,
    codes,
    consents,
    refresh_tokens,
)
from oauth.settings import OAuthSettings

Answer = dict[str, Any]  # the JSON object of RFC 6749 section 5.1


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
_claim_code = (
    codes.update()
    .where(codes.c.hash == sa.bindparam("token_hash"), codes.c.used_at.is_(None), codes.c.revoked_at.is_(None))
    .values(used_at=sa.bindparam("now"))
)
_rotate = (
    refresh_tokens.update()
    .where(
        refresh_tokens.c.hash == sa.bindparam("token_hash"),
        refresh_tokens.c.rotated_at.is_(None),
        refresh_tokens.c.revoked_at.is_(None),
    )
    .values(
        rotated_at=sa.bindparam("now"),
        used_at=sa.bindparam("now"),
        successor_hash=sa.bindparam("successor"),
        answer=sa.bindparam("sealed"),
    )
)
_touch = (
    refresh_tokens.update()
    .where(refresh_tokens.c.hash == sa.bindparam("token_hash"), refresh_tokens.c.revoked_at.is_(None))
    .values(used_at=sa.bindparam("now"), idle_until=sa.bindparam("until"))
)
_rotated_at = sa.select(refresh_tokens.c.rotated_at).where(refresh_tokens.c.hash == sa.bindparam("token_hash"))
_insert_access = access_tokens.insert()
_insert_refresh = refresh_tokens.insert()


def issue_code(
    tx: Connection,
    *,
    consent_id: str,
    partner_id: str,
    redirect_uri: str,
    code_challenge: str,
    scope: str,
    settings: OAuthSettings,
    now: datetime,
) -> str:
    """A one-time code for the browser to carry to the partner."""
    code = make_token("ac")
    row = {
        "hash": digest(code),
        "consent_id": consent_id,
        "partner_id": partner_id,
        "redirect_uri": redirect_uri,
        "code_challenge": code_challenge,
        "scope": scope,
        "created_at": now,
        "expires_at": now + timedelta(seconds=settings.code_lifetime_s),
    }
    tx.execute(codes.insert(), row)
    return code


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


def redeem_code(tx: Connection, code: Code, *, settings: OAuthSettings, now: datetime) -> Answer | None:
    """Claim the code and issue the first pair of tokens; None when somebody was faster, which ends the family."""
    if tx.execute(_claim_code, {"token_hash": code.hash, "now": now}).rowcount != 1:
        end_family(tx, code.consent_id, code.partner_id, "code.replayed", now)
        return None
    # A code for a consent that has tokens comes from a renewal: the new pair takes the place of the old ones.
    _end(tx, refresh_tokens, code.consent_id, now)
    answer = _new_answer(code.scope, code.consent_id, code.consent_expires_at, settings, now) | {
        "refresh_token": make_token("rt")
    }
    _store_access(tx, answer, code.consent_id, code.scope, now)
    _store_refresh(tx, answer, code, None, settings, now)
    actor = Actor(kind="partner", id=code.partner_id)
    record(tx, at=now, actor=actor, action="token.issued", partner_id=code.partner_id, consent_id=code.consent_id)
    return answer


def refresh(
    tx: Connection,
    presented: str,
    token: RefreshToken,
    *,
    scope: str,
    rotate: bool,
    settings: OAuthSettings,
    now: datetime,
) -> Answer | None:
    """A new access token; with `rotate` also a new refresh token.  None when the token is spent."""
    if token.rotated_at is not None:
        return _repeat(tx, presented, settings, now)
    answer = _new_answer(scope, token.consent_id, token.consent_expires_at, settings, now)
    if rotate:
        return _rotate_token(tx, presented, token, answer, settings, now)
    until = now + timedelta(seconds=settings.refresh_idle_s)
    if tx.execute(_touch, {"token_hash": token.hash, "now": now, "until": until}).rowcount != 1:
        return None
    _store_access(tx, answer, token.consent_id, scope, now)
    return answer


def _rotate_token(
    tx: Connection, presented: str, token: RefreshToken, answer: Answer, settings: OAuthSettings, now: datetime
) -> Answer | None:
    answer = answer | {"refresh_token": make_token("rt")}
    sealed = seal(json.dumps(answer), presented, settings.answer_key)
    claim = {"token_hash": token.hash, "now": now, "successor": digest(answer["refresh_token"]), "sealed": sealed}
    if tx.execute(_rotate, claim).rowcount != 1:  # somebody was faster
        return _repeat(tx, presented, settings, now)
    _store_access(tx, answer, token.consent_id, answer["scope"], now)
    _store_refresh(tx, answer, token, token.hash, settings, now)
    return answer


def _repeat(tx: Connection, presented: str, settings: OAuthSettings, now: datetime) -> Answer | None:
    """The same answer for a token that was rotated a moment ago, unless its successor is in use: then it was stolen."""
    token = read_refresh_token(tx, presented)
    if token is None or token.rotated_at is None or token.answer is None or token.revoked_at is not None:
        return None
    in_grace = now <= token.rotated_at + timedelta(seconds=settings.refresh_grace_s)
    if in_grace and tx.execute(_rotated_at, {"token_hash": token.successor_hash}).scalar_one() is None:
        answer: Answer = json.loads(unseal(token.answer, presented, settings.answer_key))
        return answer
    end_family(tx, token.consent_id, token.partner_id, "refresh_token.replayed", now)
    return None


def end_family(tx: Connection, consent_id: str, partner_id: str, action: str, now: datetime) -> None:
    """End every credential of a consent because one of them was misused; the consent itself stays as it is.

    The caller has read the misused credential and with it locked the consent.
    """
    end_credentials(tx, consent_id, now)
    actor = Actor(kind="partner", id=partner_id)
    record(tx, at=now, actor=actor, action=action, partner_id=partner_id, consent_id=consent_id)


def end_credentials(tx: Connection, consent_id: str, now: datetime) -> None:
    """Kill every code and token under a consent."""
    for table in (codes, access_tokens, refresh_tokens):
        _end(tx, table, consent_id, now)


def end_access_token(tx: Connection, token: str, now: datetime) -> None:
    """Kill one access token."""
    table = access_tokens
    tx.execute(table.update().where(table.c.hash == digest(token), table.c.revoked_at.is_(None)).values(revoked_at=now))


def forget_expired(tx: Connection, now: datetime) -> int:
    """Remove what no check looks at any more; gives how many rows went.  Used codes stay a day to notice replays."""
    day_ago = now - timedelta(days=1)
    requests = authorization_requests
    removals = (
        assertion_jtis.delete().where(assertion_jtis.c.expires_at < now - timedelta(minutes=10)),
        access_tokens.delete().where(access_tokens.c.expires_at < day_ago),
        codes.delete().where(codes.c.expires_at < day_ago),
        refresh_tokens.delete().where(refresh_tokens.c.idle_until < day_ago),
        requests.delete().where(requests.c.expires_at < day_ago),
    )
    return sum(tx.execute(removal).rowcount for removal in removals)


def _end(tx: Connection, table: sa.Table, consent_id: str, now: datetime) -> None:
    living = (table.c.consent_id == consent_id) & table.c.revoked_at.is_(None)
    tx.execute(table.update().where(living).values(revoked_at=now))


def _new_answer(
    scope: str, consent_id: str, consent_expires_at: datetime, settings: OAuthSettings, now: datetime
) -> Answer:
    """No token outlives its consent."""
    seconds = min(settings.access_lifetime_s, int((consent_expires_at - now).total_seconds()))
    return {
        "access_token": make_token("at"),
        "token_type": "Bearer",
        "expires_in": seconds,
        "scope": scope,
        "consent_id": consent_id,
    }


def _store_access(tx: Connection, answer: Answer, consent_id: str, scope: str, now: datetime) -> None:
    row = {"hash": digest(answer["access_token"]), "consent_id": consent_id, "scope": scope, "created_at": now}
    tx.execute(_insert_access, row | {"expires_at": now + timedelta(seconds=answer["expires_in"])})


def _store_refresh(
    tx: Connection,
    answer: Answer,
    source: Code | RefreshToken,
    parent: bytes | None,
    settings: OAuthSettings,
    now: datetime,
) -> None:
    row = {
        "hash": digest(answer["refresh_token"]),
        "consent_id": source.consent_id,
        "partner_id": source.partner_id,
        "scope": source.scope,
        "created_at": now,
        "idle_until": now + timedelta(seconds=settings.refresh_idle_s),
        "parent_hash": parent,
    }
    tx.execute(_insert_refresh, row)
