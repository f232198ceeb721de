"""Sessions of customers in a browser, kept on the server: the cookie holds a random id, the database its SHA-256.

A session begins before the login, so that an opened request is bound to the browser that opened it.  At login the id
is renewed (a planted cookie is worth nothing) and what the browser had opened moves along.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from oauth.credentials import digest, make_token
from oauth.models import authorization_openings, authorization_requests, customer_sessions
from oauth.ports import LoginResult
from oauth.settings import OAuthSettings

_SESSION = sa.select(customer_sessions).where(
    customer_sessions.c.id_hash == sa.bindparam("id_hash"), customer_sessions.c.ended_at.is_(None)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """Who logged in at the bank."""

    user_id: str
    user_name: str
    acr: str
    amr: tuple[str, ...]
    is_strong: bool
    authenticated_at: datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """One browser; `person` is None until the login."""

    id_hash: bytes
    csrf: str
    person: Person | None


def open_session(tx: Connection, now: datetime) -> tuple[str, Session]:
    """A new session before the login: the value for the cookie and the session."""
    cookie, csrf = make_token("cs"), secrets.token_urlsafe(32)
    tx.execute(customer_sessions.insert().values(id_hash=digest(cookie), csrf=csrf, created_at=now, last_seen_at=now))
    return cookie, Session(id_hash=digest(cookie), csrf=csrf, person=None)


def read_session(
    connection: Connection, cookie: str | None, *, idle_s: float, settings: OAuthSettings, now: datetime
) -> Session | None:
    """The session of a cookie; None when it ended, was idle for `idle_s` seconds or lived for too long."""
    if not cookie:
        return None
    row = connection.execute(_SESSION, {"id_hash": digest(cookie)}).one_or_none()
    if row is None or now - row.last_seen_at > timedelta(seconds=idle_s):
        return None
    if now - row.created_at > timedelta(seconds=settings.customer_session_s):
        return None
    if row.user_id is None:
        return Session(id_hash=row.id_hash, csrf=row.csrf, person=None)
    person = Person(
        user_id=row.user_id,
        user_name=row.user_name,
        acr=row.acr,
        amr=tuple(row.amr or ()),
        is_strong=row.is_strong,
        authenticated_at=row.authenticated_at,
    )
    return Session(id_hash=row.id_hash, csrf=row.csrf, person=person)


def touch_session(tx: Connection, session: Session, now: datetime) -> None:
    """Note that the person is still there."""
    tx.execute(
        customer_sessions.update().where(customer_sessions.c.id_hash == session.id_hash).values(last_seen_at=now)
    )


def log_in(tx: Connection, session: Session, result: LoginResult, now: datetime) -> str:
    """Put the person into the session under a new id; gives the new value for the cookie.

    The form token stays only for the same person (two tabs): pages left open by another one are dead.
    """
    cookie = make_token("cs")
    same_person = session.person is not None and session.person.user_id == result.user_id
    tx.execute(
        customer_sessions.update()
        .where(customer_sessions.c.id_hash == session.id_hash)
        .values(
            id_hash=digest(cookie),
            csrf=session.csrf if same_person else secrets.token_urlsafe(32),
            user_id=result.user_id,
            user_name=result.user_name,
            acr=result.acr,
            amr=list(result.amr),
            is_strong=result.is_strong,
            authenticated_at=result.authenticated_at,
            created_at=now,
            last_seen_at=now,
        )
    )
    _take_requests(tx, session.id_hash, digest(cookie))
    return cookie


def _take_requests(tx: Connection, old_hash: bytes, new_hash: bytes) -> None:
    """Bind what this browser opened to its login, unless another browser was logged in for it first."""
    opened = sa.select(authorization_openings.c.request_id).where(authorization_openings.c.session_hash == old_hash)
    is_free = authorization_requests.c.session_hash.is_(None) | (authorization_requests.c.session_hash == old_hash)
    tx.execute(
        authorization_requests.update()
        .where(authorization_requests.c.id.in_(opened), is_free)
        .values(session_hash=new_hash)
    )
    tx.execute(
        authorization_openings.update()
        .where(authorization_openings.c.session_hash == old_hash)
        .values(session_hash=new_hash)
    )


def end_session(tx: Connection, session: Session, now: datetime) -> None:
    tx.execute(customer_sessions.update().where(customer_sessions.c.id_hash == session.id_hash).values(ended_at=now))


def note_opening(tx: Connection, session: Session, request_id: str, now: datetime) -> None:
    """Bind an opened request to this browser; opening it again changes nothing."""
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = {"request_id": request_id, "session_hash": session.id_hash, "opened_at": now}
    tx.execute(insert(authorization_openings).values(row).on_conflict_do_nothing())


def has_opened(connection: Connection, session: Session, request_id: str) -> bool:
    """Whether this browser is the one (or one of those) that came with the request."""
    key = (authorization_openings.c.request_id == request_id) & (
        authorization_openings.c.session_hash == session.id_hash
    )
    return connection.execute(sa.select(authorization_openings.c.request_id).where(key)).first() is not None
