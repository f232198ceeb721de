"""Bank employees: who they are, what they may do, how they prove it (password and one-time code, RFC 6238).

Operators see everything and suspend; approvers also approve and ask for changes; auditors only read.  A one-time code
works once: its counter is claimed by a conditional update.  Every refusal of a login looks the same.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from threading import BoundedSemaphore
from typing import Protocol

import pyotp
import sqlalchemy as sa
from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from sqlalchemy.engine import Connection, Row

from oauth import audit
from oauth.credentials import make_id
from oauth.errors import NotFound, OAuthError, WrongState
from oauth.models import staff, staff_sessions
from oauth.throttle import count_failures, note_failure

ROLES = ("operator", "approver", "auditor")
PASSWORD_LENGTH_MIN = 12
CODE_PERIOD_S = 30
CODE_DRIFT_PERIODS = 1  # a phone's clock may be half a minute off

FAILURE_MINUTES = 15
FAILURES_PER_LOGIN_AND_IP = 5
FAILURES_PER_IP = 20
HASHES_AT_ONCE = 2  # each takes 64 MB and a core
FAILURES_PER_LOGIN = 50  # far above one person's mistakes, so that a stranger cannot easily lock an employee out


_hashing = BoundedSemaphore(HASHES_AT_ONCE)


class SignInRefused(OAuthError):
    """Login, password or code is wrong, or there were too many attempts: the caller cannot tell which."""


class BadStaffAccount(OAuthError):
    """A new account breaks a rule; the text says which."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Employee:
    """One bank employee."""

    id: str
    login: str
    name: str
    role: str
    state: str

    @property
    def may_suspend(self) -> bool:
        return self.role in ("operator", "approver")

    @property
    def may_approve(self) -> bool:
        return self.role == "approver"

    @property
    def actor(self) -> audit.Actor:
        return audit.Actor(kind="staff", id=self.id)


def add_staff(tx: Connection, *, login: str, name: str, role: str, password: str, now: datetime) -> tuple[str, str]:
    """A new employee: its id and the secret of its one-time codes, told this once.  Raises BadStaffAccount."""
    _check_account(login, name, role, password)
    if tx.execute(sa.select(staff.c.id).where(staff.c.login == login)).first():
        raise BadStaffAccount(f"login {login} is taken")
    staff_id, secret = make_id("st"), pyotp.random_base32()
    tx.execute(
        staff.insert().values(
            id=staff_id,
            login=login,
            name=name,
            role=role,
            password_hash=_hasher().hash(password),
            totp_secret=secret,
            state="active",
            created_at=now,
        )
    )
    audit.record(tx, at=now, actor=audit.SYSTEM, action="staff.added", detail={"staff_id": staff_id, "role": role})
    return staff_id, secret


def _check_account(login: str, name: str, role: str, password: str) -> None:
    if not login.isascii() or not login.replace(".", "").replace("-", "").isalnum() or len(login) > 60:
        raise BadStaffAccount("a login is up to 60 latin letters, digits, dots and hyphens")
    if not name.strip():
        raise BadStaffAccount("an employee needs a name")
    if role not in ROLES:
        raise BadStaffAccount(f"role is one of {', '.join(ROLES)}")
    if len(password) < PASSWORD_LENGTH_MIN:
        raise BadStaffAccount(f"a password has at least {PASSWORD_LENGTH_MIN} characters")


def totp_uri(login: str, secret: str, bank_name: str) -> str:
    """What an authenticator app reads, usually as a QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=login, issuer_name=bank_name)


def list_staff(connection: Connection) -> Sequence[Employee]:
    return [_employee(row) for row in connection.execute(sa.select(staff).order_by(staff.c.login))]


def read_staff(connection: Connection, login: str) -> Employee:
    """Raises NotFound."""
    row = connection.execute(sa.select(staff).where(staff.c.login == login)).one_or_none()
    if row is None:
        raise NotFound(login)
    return _employee(row)


def disable_staff(tx: Connection, login: str, now: datetime) -> None:
    """The account stops working at once, open sessions included.  Raises NotFound or WrongState."""
    found = read_staff(tx, login)
    changed = tx.execute(
        staff.update().where(staff.c.id == found.id, staff.c.state == "active").values(state="disabled")
    )
    if changed.rowcount == 0:
        raise WrongState(f"{login} is disabled")
    _end_sessions(tx, found.id, now)
    audit.record(tx, at=now, actor=audit.SYSTEM, action="staff.disabled", detail={"staff_id": found.id})


def reset_totp(tx: Connection, login: str, now: datetime) -> str:
    """A new secret for one-time codes, told this once; open sessions end.  Raises NotFound."""
    found, secret = read_staff(tx, login), pyotp.random_base32()
    tx.execute(staff.update().where(staff.c.id == found.id).values(totp_secret=secret, totp_last_counter=0))
    _end_sessions(tx, found.id, now)
    audit.record(tx, at=now, actor=audit.SYSTEM, action="staff.totp_reset", detail={"staff_id": found.id})
    return secret


def _end_sessions(tx: Connection, staff_id: str, now: datetime) -> None:
    tx.execute(
        staff_sessions.update()
        .where(staff_sessions.c.staff_id == staff_id, staff_sessions.c.ended_at.is_(None))
        .values(ended_at=now)
    )


class Place(Protocol):
    """Where somebody signs in: the desk's server, or the command line."""

    def transaction(self) -> AbstractContextManager[Connection]: ...

    def now(self) -> datetime: ...


def sign_in(
    place: Place, *, login: str, password: str, code: str, ip: str, via: Mapping[str, str] | None = None
) -> Employee:
    """The employee behind login, password and one-time code.  Raises SignInRefused, always the same way.

    `via` goes to the audit log.  An attempt counts as failed until it succeeds, so that many at once count too; of one
    that is throttled only the counter is kept.
    """
    now, limits = place.now(), _limits(login, ip)
    with place.transaction() as tx:
        for subject in limits:
            note_failure(tx, subject, now)
        is_throttled = any(count_failures(tx, name, now, FAILURE_MINUTES) > limit for name, limit in limits.items())
        row = tx.execute(sa.select(staff).where(staff.c.login == login)).one_or_none()
    if is_throttled:
        raise SignInRefused
    # Slow on purpose, so outside the transaction; an unknown login takes the same time.
    with _hashing:
        is_right = _is_password(row.password_hash if row else _dummy_hash(), password)
    counter = _matching_counter(row.totp_secret, code, now) if row else None
    with place.transaction() as tx:
        if row and is_right and counter and _claim_code(tx, row.id, counter):
            for subject in limits:
                note_failure(tx, subject, now, count=-1)
            audit.record(tx, at=now, actor=_employee(row).actor, action="staff.signed_in", ip=ip, detail=via)
            return _employee(row)
        actor = audit.Actor(kind="staff", id=row.id if row else "unknown")
        audit.record(tx, at=now, actor=actor, action="staff.sign_in_refused", ip=ip, detail=via)
    raise SignInRefused


def _limits(login: str, ip: str) -> dict[str, int]:
    return {
        f"staff:{login}:{ip}": FAILURES_PER_LOGIN_AND_IP,
        f"staff-ip:{ip}": FAILURES_PER_IP,
        f"staff-login:{login}": FAILURES_PER_LOGIN,
    }


def _is_password(stored: str, password: str) -> bool:
    try:
        return _hasher().verify(stored, password)
    except (VerificationError, InvalidHashError):
        return False


def _matching_counter(secret: str, code: str, now: datetime) -> int | None:
    """The time step that the code belongs to; None for a wrong one."""
    present = int(now.timestamp()) // CODE_PERIOD_S
    for counter in range(present - CODE_DRIFT_PERIODS, present + CODE_DRIFT_PERIODS + 1):
        if pyotp.utils.strings_equal(pyotp.TOTP(secret).at(counter * CODE_PERIOD_S), code.replace(" ", "")):
            return counter
    return None


def _claim_code(tx: Connection, staff_id: str, counter: int) -> bool:
    """Use the code up; False when it, or a later one, was used before or the account is disabled."""
    claimed = tx.execute(
        staff.update()
        .where(staff.c.id == staff_id, staff.c.totp_last_counter < counter, staff.c.state == "active")
        .values(totp_last_counter=counter)
    )
    return claimed.rowcount == 1


@cache
def _hasher() -> PasswordHasher:
    return PasswordHasher()


@cache
def _dummy_hash() -> str:
    return _hasher().hash("no such employee")


def _employee(row: Row[tuple[object, ...]]) -> Employee:
    return Employee(id=row.id, login=row.login, name=row.name, role=row.role, state=row.state)
