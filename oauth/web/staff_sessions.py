"""Sessions of bank employees, kept on the server; they end after idle time, after a working day, or by signing out."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from oauth.credentials import digest, make_token
from oauth.models import staff, staff_sessions
from oauth.settings import OAuthSettings
from oauth.staff import Employee


@dataclass(frozen=True, slots=True, kw_only=True)
class StaffSession:
    """An employee in a browser."""

    id_hash: bytes
    csrf: str
    employee: Employee


_SESSION = (
    sa.select(staff_sessions, staff.c.login, staff.c.name, staff.c.role, staff.c.state)
    .join(staff, staff.c.id == staff_sessions.c.staff_id)
    .where(
        staff_sessions.c.id_hash == sa.bindparam("id_hash"),
        staff_sessions.c.ended_at.is_(None),
        staff.c.state == "active",
    )
)


def open_staff_session(tx: Connection, employee: Employee, now: datetime) -> str:
    """A new session after a login; gives the value for the cookie."""
    cookie = make_token("ss")
    row = {"id_hash": digest(cookie), "staff_id": employee.id, "csrf": secrets.token_urlsafe(32)}
    tx.execute(staff_sessions.insert(), row | {"created_at": now, "last_seen_at": now})
    return cookie


def read_staff_session(
    connection: Connection, cookie: str | None, *, settings: OAuthSettings, now: datetime
) -> StaffSession | None:
    """The living session of a cookie; the role is read anew each time, so that a disabled account stops at once."""
    if not cookie:
        return None
    row = connection.execute(_SESSION, {"id_hash": digest(cookie)}).one_or_none()
    if row is None or now - row.last_seen_at > timedelta(seconds=settings.staff_idle_s):
        return None
    if now - row.created_at > timedelta(seconds=settings.staff_session_s):
        return None
    employee = Employee(id=row.staff_id, login=row.login, name=row.name, role=row.role, state=row.state)
    return StaffSession(id_hash=row.id_hash, csrf=row.csrf, employee=employee)


def touch_staff_session(tx: Connection, session: StaffSession, now: datetime) -> None:
    """Note that the employee is still there."""
    tx.execute(staff_sessions.update().where(staff_sessions.c.id_hash == session.id_hash).values(last_seen_at=now))


def end_staff_session(tx: Connection, session: StaffSession, now: datetime) -> None:
    tx.execute(staff_sessions.update().where(staff_sessions.c.id_hash == session.id_hash).values(ended_at=now))
