"""Codes, access tokens and refresh tokens: claimed by one conditional UPDATE, in one transaction with what they yield.

The family of a token is its consent.  A code that comes twice, or a rotated refresh token that comes after its grace
time, ends every credential of the family.  A lost reply must not cost the connection: within the grace time the same
refresh token gets the same answer again, kept sealed with the token itself.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.audit import Actor, record
from oauth.credentials import digest, make_token, seal, unseal
from oauth.models import access_tokens, codes, consents, refresh_tokens
from oauth.settings import OAuthSettings
from oauth.token_records import Code, RefreshToken, read_refresh_token

Answer = dict[str, Any]  # the JSON object of RFC 6749 section 5.1


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


def end_partner_tokens(tx: Connection, partner_id: str, now: datetime) -> None:
    """Kill every code and token of a partner, whose credentials were stolen; the consents stay as they are."""
    given = sa.select(consents.c.id).where(consents.c.partner_id == partner_id)
    # Whoever exchanges a code or a token holds its consent: wait for them, and then see what they issued.
    tx.execute(given.order_by(consents.c.id).with_for_update(key_share=True))
    for table in (codes, access_tokens, refresh_tokens):
        living = table.c.consent_id.in_(given) & table.c.revoked_at.is_(None)
        tx.execute(table.update().where(living).values(revoked_at=now))


def end_access_token(tx: Connection, token: str, now: datetime) -> None:
    """Kill one access token."""
    table = access_tokens
    tx.execute(table.update().where(table.c.hash == digest(token), table.c.revoked_at.is_(None)).values(revoked_at=now))


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
