"""Who is at the sandbox's pages: browser sessions, and the one-time codes that prove a person.

The cookie holds a random id, the database its hash.  A code serves one purpose once, in the session that asked for it.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import hmac
import secrets
from dataclasses import dataclass

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.sandbox.tables import codes, sessions

SESSION_LIFE = dt.timedelta(hours=8)
CODE_LIFE = dt.timedelta(minutes=5)
CODE_TRIES = 3
LOGIN_PURPOSE = "login"


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """`token` is what the cookie holds; `user_id` is None before login."""

    token: str
    csrf: str
    user_id: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class OneTimeCode:
    """A code on its way to the person; the sandbox shows it where a bank sends an SMS."""

    id: str
    user_id: str
    code: str


def sign_purpose(document_id: str) -> str:
    return f"sign {document_id}"


def open_session(tx: Connection, now: dt.datetime, user_id: str | None = None) -> Session:
    """A new session; at login a new one replaces the anonymous one, so nobody can plant a known cookie."""
    session = Session(token=secrets.token_urlsafe(32), csrf=secrets.token_urlsafe(24), user_id=user_id)
    row = {
        "id_hash": _hash(session.token),
        "csrf": session.csrf,
        "user_id": user_id,
        "expires_at": now + SESSION_LIFE,
    }
    tx.execute(sa.insert(sessions), row)
    return session


def find_session(connection: Connection, token: str, now: dt.datetime) -> Session | None:
    query = sa.select(sessions).where(sessions.c.id_hash == _hash(token), sessions.c.expires_at > now)
    row = connection.execute(query).one_or_none()
    return None if row is None else Session(token=token, csrf=row.csrf, user_id=row.user_id)


def end_session(tx: Connection, session: Session) -> None:
    tx.execute(sa.delete(sessions).where(sessions.c.id_hash == _hash(session.token)))


def send_code(tx: Connection, session: Session, user_id: str, purpose: str, now: dt.datetime) -> OneTimeCode:
    """Make a code of six digits; an earlier one of this session and purpose no longer counts."""
    drop = sa.delete(codes).where(codes.c.session == _hash(session.token), codes.c.purpose == purpose)
    tx.execute(drop)
    code = OneTimeCode(id=secrets.token_urlsafe(16), user_id=user_id, code=f"{secrets.randbelow(10**6):06d}")
    row = {
        "id": code.id,
        "session": _hash(session.token),
        "user_id": user_id,
        "purpose": purpose,
        "code": code.code,
        "tries_left": CODE_TRIES,
        "expires_at": now + CODE_LIFE,
    }
    tx.execute(sa.insert(codes), row)
    return code


def find_code(connection: Connection, session: Session, purpose: str, now: dt.datetime) -> OneTimeCode | None:
    """The code that this session waits for, while it can still be used."""
    query = sa.select(codes).where(
        codes.c.session == _hash(session.token),
        codes.c.purpose == purpose,
        codes.c.used_at.is_(None),
        codes.c.tries_left > 0,
        codes.c.expires_at > now,
    )
    row = connection.execute(query).one_or_none()
    return None if row is None else OneTimeCode(id=row.id, user_id=row.user_id, code=row.code)


def use_code(tx: Connection, session: Session, purpose: str, entered: str, now: dt.datetime) -> str | None:
    """The user whom the entered code proves, or None: wrong, used, too late, or too many tries.

    A wrong try is counted, so the caller must commit either way.
    """
    code = find_code(tx, session, purpose, now)
    if code is None:
        return None
    if not hmac.compare_digest(code.code.encode(), entered.strip().encode()):
        tx.execute(sa.update(codes).where(codes.c.id == code.id).values(tries_left=codes.c.tries_left - 1))
        return None
    tx.execute(sa.update(codes).where(codes.c.id == code.id).values(used_at=now))
    return code.user_id


def _hash(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
