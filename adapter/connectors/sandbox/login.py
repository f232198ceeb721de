"""Login at the sandbox's internet bank for a service that sent the person: meets `oauth.CustomerLogin`.

begin    the request is kept, the browser goes to /sandbox/login?request=…
pages    the person proves who they are with a one-time code, or gives up
finish   the browser comes back with `state` and a ticket: one use, 60 seconds, only its hash is stored
"""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.sandbox import people
from adapter.connectors.sandbox.database import SandboxDatabase
from adapter.connectors.sandbox.tables import login_requests, tickets
from adapter.ports import Clock
from oauth import LoginRefused, LoginRequest, LoginResult

REQUEST_LIFE = dt.timedelta(minutes=15)
TICKET_LIFE = dt.timedelta(seconds=60)
ONE_TIME_CODE = "otp"  # how strongly the person proved who they are


class SandboxLogin:
    """Meets `oauth.CustomerLogin`."""

    def __init__(self, database: SandboxDatabase, clock: Clock, base_url: str) -> None:
        self._database = database
        self._clock = clock
        self._login_page = f"{base_url}/sandbox/login"

    def begin(self, request: LoginRequest) -> str:
        with self._database.transaction() as tx:
            asked = open_request(tx, request.return_url, request.state, request.service_name, self._clock.now())
        return f"{self._login_page}?{urlencode({'request': asked})}"

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        if "error" in reply:
            raise LoginRefused("the person gave up at the bank's login")
        with self._database.transaction() as tx:
            return _use_ticket(tx, reply.get("ticket", ""), reply.get("state", ""), self._clock.now())


def open_request(tx: Connection, return_url: str, state: str, service_name: str | None, now: dt.datetime) -> str:
    """Keep what a service asked; gives its id."""
    row = {
        "id": secrets.token_urlsafe(24),
        "return_url": return_url,
        "state": state,
        "service_name": service_name,
        "expires_at": now + REQUEST_LIFE,
    }
    tx.execute(sa.insert(login_requests), row)
    return str(row["id"])


def find_request(connection: Connection, request_id: str, now: dt.datetime) -> Row[*tuple[Any, ...]] | None:
    """The login request while it is open."""
    query = sa.select(login_requests).where(
        login_requests.c.id == request_id,
        login_requests.c.ended_at.is_(None),
        login_requests.c.expires_at > now,
    )
    return connection.execute(query).one_or_none()


def accept_request(tx: Connection, request: Row[*tuple[Any, ...]], user_id: str, now: dt.datetime) -> str:
    """The person logged in: the URL to go back to, with a fresh ticket."""
    ticket = secrets.token_urlsafe(32)
    row = {
        "hash": _hash(ticket),
        "state": request.state,
        "user_id": user_id,
        "authenticated_at": now,
        "expires_at": now + TICKET_LIFE,
    }
    end_request(tx, request.id, now)
    tx.execute(sa.insert(tickets), row)
    return _return_url(request, ticket=ticket)


def refuse_request(tx: Connection, request: Row[*tuple[Any, ...]], now: dt.datetime) -> str:
    """The person gave up: the URL to go back to."""
    end_request(tx, request.id, now)
    return _return_url(request, error="access_denied")


def _use_ticket(tx: Connection, ticket: str, state: str, now: dt.datetime) -> LoginResult:
    claim = (
        sa.update(tickets)
        .where(
            tickets.c.hash == _hash(ticket),
            tickets.c.state == state,
            tickets.c.used_at.is_(None),
            tickets.c.expires_at > now,
        )
        .values(used_at=now)
        .returning(tickets.c.user_id, tickets.c.authenticated_at)
    )
    row = tx.execute(claim).one_or_none()
    if row is None:
        raise LoginRefused("the ticket is unknown, used, expired or of another login")
    user = people.read_user(tx, row.user_id)
    return LoginResult(
        user_id=user.id,
        user_name=user.name,
        acr=ONE_TIME_CODE,
        amr=(ONE_TIME_CODE,),
        is_strong=True,
        authenticated_at=row.authenticated_at,
    )


def end_request(tx: Connection, request_id: str, now: dt.datetime) -> None:
    """Nobody logs in for it any more."""
    tx.execute(sa.update(login_requests).where(login_requests.c.id == request_id).values(ended_at=now))


def _return_url(request: Row[*tuple[Any, ...]], **reply: str) -> str:
    separator = "&" if "?" in request.return_url else "?"
    return f"{request.return_url}{separator}{urlencode({'state': request.state, **reply})}"


def _hash(ticket: str) -> str:
    return hashlib.sha256(ticket.encode()).hexdigest()
