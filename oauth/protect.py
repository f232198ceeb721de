"""Protecting the API: the bearer token is looked up with its consent and partner in one query, on every call.

Nothing is cached, so a customer's "stop" and the bank's "suspend" work on the next request in every process.  Errors
are those of RFC 6750 with problem+json (RFC 9457) as the body.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import wraps
from typing import Any, ParamSpec

import flask
from sqlalchemy.engine import Engine

from oauth import consents
from oauth.audit import Actor
from oauth.client_auth import is_address_allowed
from oauth.context import context
from oauth.credentials import digest
from oauth.errors import WrongState
from oauth.lookup import Grant, find_grant
from oauth.scopes import Scope, format_scope

P = ParamSpec("P")
TOKEN_LENGTH_MAX = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class Access:
    """What the token of the present request allows, and for whom."""

    client_id: str
    partner_id: str
    partner_name: str
    customer_id: str
    customer_name: str
    consent_id: str
    scopes: frozenset[Scope]
    account_ids: tuple[str, ...]
    history_from: date
    given_at: datetime
    expires_at: datetime  # of the consent


class Refusal(Exception):
    """Why a request is not let in: an error of RFC 6750, or none when there was no token at all."""

    def __init__(
        self,
        *,
        status: int,
        error: str | None,
        detail: str,
        consent_id: str | None = None,
        scopes: frozenset[Scope] = frozenset(),
    ) -> None:
        super().__init__(detail)
        self.status = status
        self.error = error
        self.detail = detail
        self.consent_id = consent_id
        self.scopes = scopes


def require(*scopes: Scope) -> Callable[[Callable[P, Any]], Callable[P, Any]]:
    """Let a view run only with a living token that has all these scopes; `current_access` then tells the rest."""
    needed = frozenset(scopes)

    def decorate(view: Callable[P, Any]) -> Callable[P, Any]:
        @wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> Any:
            found = context()
            ip, operation, now = flask.request.remote_addr or "", flask.request.endpoint or "", found.now()
            try:
                access = load_access(found.reader, read_token(), ip=ip, now=now)
                check_scopes(access, needed)
            except Refusal as refusal:
                if refusal.consent_id is not None:
                    found.uses.count(refusal.consent_id, f"refused:{refusal.error}", ip, now)
                return answer_refusal(refusal)
            flask.g.oauth_access, flask.g.oauth_needed = access, needed
            found.uses.count(access.consent_id, operation, ip, now)
            return view(*args, **kwargs)

        return guarded

    return decorate


def current_access() -> Access:
    """The access of the present request, inside a view under `require`."""
    found: Access = flask.g.oauth_access
    return found


def recheck_access() -> flask.Response | None:
    """Look the token of the present request up again, after a long wait; the refusal, or None when it still holds."""
    ip = flask.request.remote_addr or ""
    try:
        access = load_access(context().reader, read_token(), ip=ip, now=context().now())
        check_scopes(access, flask.g.oauth_needed)
    except Refusal as refusal:
        return answer_refusal(refusal)
    flask.g.oauth_access = access
    return None


def end_consent(access: Access) -> None:
    """The partner gives the consent back; its tokens stop with this call.  Ending an ended consent is fine."""
    found = context()
    actor = Actor(kind="partner", id=access.partner_id)
    try:
        with found.transaction() as tx:
            consents.revoke(
                tx,
                access.consent_id,
                by="partner",
                actor=actor,
                now=found.now(),
                ip=flask.request.remote_addr,
            )
    except WrongState:
        return


def read_token() -> str:
    """The token of the `Authorization` header, never of query or body; raises Refusal."""
    headers = flask.request.headers.getlist("Authorization")
    if not headers:
        raise Refusal(status=401, error=None, detail="An access token is needed in the Authorization header.")
    scheme, _, token = headers[0].partition(" ")
    if len(headers) > 1 or scheme.lower() != "bearer" or not 0 < len(token) <= TOKEN_LENGTH_MAX:
        raise _invalid_token("The Authorization header holds no bearer token.")
    return token


def load_access(reader: Engine, token: str, *, ip: str, now: datetime) -> Access:
    """One query, every check; raises Refusal."""
    row = find_grant(reader, digest(token))
    if row is None or row.revoked_at is not None or row.token_expires_at <= now:
        raise _invalid_token("The access token is unknown, expired or revoked.")
    if row.consent_state != "active" or row.expires_at <= now:
        raise _invalid_token("The consent is not in force.", row.consent_id)
    if row.partner_state != "approved":
        raise _invalid_token("The client is suspended.", row.consent_id)
    if row.ip_ranges and not is_address_allowed(ip, tuple(row.ip_ranges)):
        raise Refusal(
            status=403, error="ip_not_allowed", detail="This address is not allowed.", consent_id=row.consent_id
        )
    return _access(row)


def check_scopes(access: Access, needed: frozenset[Scope]) -> None:
    """Raises Refusal unless the token has every needed scope."""
    if not needed <= access.scopes:
        raise Refusal(
            status=403,
            error="insufficient_scope",
            detail="The token does not allow this.",
            consent_id=access.consent_id,
            scopes=needed,
        )


def answer_refusal(refusal: Refusal) -> flask.Response:
    """RFC 6750 section 3 with the address of RFC 9728, and a problem as the body."""
    code = refusal.error or "unauthorized"
    problem: dict[str, object] = {
        "type": f"/docs/errors#{code}",
        "title": TITLES[refusal.status],
        "status": refusal.status,
        "code": code,
        "detail": refusal.detail,
    }
    if request_id := flask.g.get("request_id"):
        problem["request_id"] = request_id
    response = flask.Response(json.dumps(problem), refusal.status, content_type="application/problem+json")
    response.headers["WWW-Authenticate"] = _challenge(refusal)
    response.headers["Cache-Control"] = "no-store"
    return response


TITLES: Mapping[int, str] = {401: "The access token is missing or not valid", 403: "The token does not allow this"}


def _challenge(refusal: Refusal) -> str:
    where = f"{context().settings.issuer}/.well-known/oauth-protected-resource"
    parts: Sequence[tuple[str, str | None]] = (
        ("resource_metadata", where),
        ("error", refusal.error),
        ("error_description", refusal.detail if refusal.error else None),
        ("scope", format_scope(refusal.scopes) or None),
    )
    return "Bearer " + ", ".join(f'{name}="{value}"' for name, value in parts if value is not None)


def _invalid_token(detail: str, consent_id: str | None = None) -> Refusal:
    return Refusal(status=401, error="invalid_token", detail=detail, consent_id=consent_id)


def _access(row: Grant) -> Access:
    """The token's scopes as far as the consent still gives them."""
    granted = frozenset(row.scope.split(" ")).intersection(row.scopes)
    return Access(
        client_id=row.client_id,
        partner_id=row.partner_id,
        partner_name=row.partner_name,
        customer_id=row.customer_id,
        customer_name=row.customer_name,
        consent_id=row.consent_id,
        scopes=frozenset(Scope(scope) for scope in granted),
        account_ids=tuple(row.account_ids),
        history_from=row.history_from,
        given_at=row.given_at,
        expires_at=row.expires_at,
    )
