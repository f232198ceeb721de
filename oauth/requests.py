"""Authorization requests on their way: pushed (RFC 9126) or brought by the browser, opened, decided once.

A `request_uri` may be opened again until it is decided (link previews, a second tab); it is consumed together with the
decision, in one transaction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from sqlalchemy.engine import Connection, RowMapping

from oauth.credentials import digest, make_id, make_token
from oauth.errors import NotFound, WrongState
from oauth.models import authorization_requests, partners
from oauth.scopes import Scope, parse_scope
from oauth.settings import OAuthSettings

REQUEST_URI_PREFIX = "urn:ietf:params:oauth:request_uri:"


@dataclass(frozen=True, slots=True, kw_only=True)
class AuthorizationRequest:
    """A checked request of an approved partner, ready to be shown to a person."""

    id: str
    partner_id: str
    partner_name: str
    partner_legal_name: str
    partner_inn: str
    partner_purpose: str
    redirect_uri: str
    scopes: frozenset[Scope]
    state: str | None
    code_challenge: str
    account_hint: str | None  # an account number that the person typed in at the partner; told, never pre-selected
    consent_id: str | None  # asks for renewal of this consent
    decide_until: datetime | None  # None until the page was opened
    session_hash: bytes | None  # the session that logged in for it; None until somebody did


_requests = authorization_requests
_read = (
    sa.select(
        _requests,
        partners.c.client_id,
        partners.c.name.label("partner_name"),
        partners.c.legal_name.label("partner_legal_name"),
        partners.c.inn.label("partner_inn"),
        partners.c.purpose.label("partner_purpose"),
    )
    .join(partners, partners.c.id == _requests.c.partner_id)
    .where(_requests.c.consumed_at.is_(None), partners.c.state == "approved")
)
_read_by_uri = _read.where(
    _requests.c.request_uri_hash == sa.bindparam("uri_hash"), partners.c.client_id == sa.bindparam("client_id")
)
_read_by_id = _read.where(_requests.c.id == sa.bindparam("request_id"))


def push(
    tx: Connection, partner_id: str, parameters: Mapping[str, str], *, settings: OAuthSettings, now: datetime
) -> str:
    """Store checked parameters; gives the `request_uri`."""
    secret = make_token("rq")
    row = _row(partner_id, parameters, now + timedelta(seconds=settings.request_lifetime_s), now)
    tx.execute(_requests.insert(), row | {"request_uri_hash": digest(secret)})
    return REQUEST_URI_PREFIX + secret


def bring(
    tx: Connection, partner_id: str, parameters: Mapping[str, str], *, settings: OAuthSettings, now: datetime
) -> AuthorizationRequest:
    """Store checked parameters that came through the browser, opened at once."""
    row = _row(partner_id, parameters, now, now)
    tx.execute(_requests.insert(), row | {"decide_until": _decide_until(settings, now)})
    return read_open(tx, str(row["id"]), now=now)


def open_pushed(
    tx: Connection, request_uri: str, client_id: str, *, settings: OAuthSettings, now: datetime
) -> AuthorizationRequest:
    """Open a pushed request of this client; raises NotFound when unknown, foreign, decided or too late."""
    key = {"uri_hash": digest(request_uri.removeprefix(REQUEST_URI_PREFIX)), "client_id": client_id}
    row = tx.execute(_read_by_uri, key).mappings().one_or_none()
    if row is None or not request_uri.startswith(REQUEST_URI_PREFIX) or not _may_open(row, now):
        raise NotFound("request_uri")
    if row["decide_until"] is None:
        change = _requests.update().where(_requests.c.id == row["id"], _requests.c.decide_until.is_(None))
        tx.execute(change.values(decide_until=_decide_until(settings, now)))
    return read_open(tx, row["id"], now=now)


def read_open(connection: Connection, request_id: str, *, now: datetime) -> AuthorizationRequest:
    """An opened request that still waits for a decision; raises NotFound."""
    row = connection.execute(_read_by_id, {"request_id": request_id}).mappings().one_or_none()
    if row is None or row["decide_until"] is None or row["decide_until"] <= now:
        raise NotFound("request")
    return _request(row)


def consume(tx: Connection, request_id: str, *, now: datetime) -> None:
    """Take the one decision; raises WrongState for a second one, a late one, or for a partner that was stopped."""
    waiting = _requests.c.consumed_at.is_(None) & (_requests.c.decide_until > now)
    approved = sa.select(partners.c.id).where(partners.c.id == _requests.c.partner_id, partners.c.state == "approved")
    change = _requests.update().where(_requests.c.id == request_id, waiting, sa.exists(approved.correlate(_requests)))
    change = change.values(consumed_at=now)
    if tx.execute(change).rowcount != 1:
        raise WrongState("the request was decided before, is too old, or the partner was stopped")


def _may_open(row: RowMapping, now: datetime) -> bool:
    latest = row["decide_until"] or row["expires_at"]
    return bool(latest > now)


def _decide_until(settings: OAuthSettings, now: datetime) -> datetime:
    return now + timedelta(seconds=settings.interaction_lifetime_s)


def _row(partner_id: str, parameters: Mapping[str, str], expires_at: datetime, now: datetime) -> dict[str, object]:
    return {
        "id": make_id("ar"),
        "partner_id": partner_id,
        "redirect_uri": parameters["redirect_uri"],
        "scope": parameters["scope"],
        "state": parameters.get("state"),
        "code_challenge": parameters["code_challenge"],
        "account_hint": parameters.get("account"),
        "consent_id": parameters.get("consent_id"),
        "created_at": now,
        "expires_at": expires_at,
    }


def _request(row: RowMapping) -> AuthorizationRequest:
    values = {name: row[name] for name in AuthorizationRequest.__dataclass_fields__ if name != "scopes"}
    return AuthorizationRequest(scopes=parse_scope(row["scope"]), **values)
