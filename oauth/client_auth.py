"""Who calls: exactly one mechanism, the one that the partner registered, and one answer for every failure.

private_key_jwt (RFC 7523) with a one-time `jti`, or client_secret_basic with an IP allow list.  An unknown client and a
bad secret look the same from outside; the cause goes to the log.
"""

from __future__ import annotations

import base64
import binascii
import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from ipaddress import ip_address, ip_network
from typing import Any
from urllib.parse import unquote_plus

import sqlalchemy as sa
from authlib.oauth2.rfc6749 import InvalidClientError, InvalidRequestError, OAuth2Error
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from oauth.credentials import digest, pepper_secret
from oauth.jose import BadAssertion, read_subject, verify_assertion
from oauth.models import assertion_jtis, partner_secrets, partners
from oauth.protocol import ProtocolRequest
from oauth.scopes import parse_scope
from oauth.throttle import count_failures, note_failure

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
CREDENTIAL_PARAMETERS = frozenset({"client_assertion", "client_assertion_type", "client_secret"})
BASIC_LENGTH_MAX = 1024
GRANT_TYPES = frozenset({"authorization_code", "refresh_token"})

log = logging.getLogger(__name__)


class TooManyFailures(OAuth2Error):
    """An address failed too often within a minute; others are not touched."""

    error = "temporarily_unavailable"
    status_code = 429
    description = "Too many failed authentications from this address."

    def get_headers(self) -> list[tuple[str, str]]:
        return [*super().get_headers(), ("Retry-After", "60")]


class AddressNotAllowed(OAuth2Error):
    """Right credentials from an address outside the partner's list."""

    error = "unauthorized_client"
    status_code = 403
    description = "This address is not on the list of the client."


class _Refused(Exception):
    """Why the client was not believed, for the log only."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """An approved partner; Authlib asks `check_grant_type`."""

    partner_id: str
    client_id: str
    auth_method: str
    redirect_uris: tuple[str, ...]
    scopes: frozenset[str]
    jwks: Mapping[str, Any]
    ip_ranges: tuple[str, ...]
    require_par: bool

    @property
    def rotates_refresh_tokens(self) -> bool:
        """FAPI 2.0 forbids rotation where the client proves itself by a key; a secret alone is weaker."""
        return self.auth_method == "client_secret_basic"

    def check_grant_type(self, grant_type: str) -> bool:
        return grant_type in GRANT_TYPES

    def allows_scope(self, scope: str) -> bool:
        """Whether each word of the scope is known and this partner's; an empty scope is not."""
        try:
            return parse_scope(scope) <= self.scopes
        except ValueError:
            return False


_COLUMNS = [partners.c[name] for name in Client.__dataclass_fields__ if name in partners.c]
_read_client = sa.select(partners.c.id.label("partner_id"), *_COLUMNS).where(
    partners.c.client_id == sa.bindparam("client_id"), partners.c.state == "approved"
)
_has_secret = sa.select(sa.literal(1)).where(
    partner_secrets.c.partner_id == sa.bindparam("partner_id"),
    partner_secrets.c.secret_hash == sa.bindparam("secret_hash"),
    partner_secrets.c.revoked_at.is_(None),
    partner_secrets.c.expires_at > sa.bindparam("now"),
)


def authenticate(request: ProtocolRequest) -> Client:
    """The approved partner behind a request; raises an OAuth2Error, always the same one for a wrong credential."""
    subject = f"client:{request.ip}"
    if count_failures(request.tx, subject, request.now, minutes=1) >= request.settings.failures_per_minute:
        raise TooManyFailures
    try:
        client = _authenticate(request)
    except (_Refused, BadAssertion) as refused:
        log.info("client authentication failed: %s", refused)
        note_failure(request.tx, subject, request.now)
        raise InvalidClientError(status_code=401) from refused
    if not is_address_allowed(request.ip, client.ip_ranges):
        raise AddressNotAllowed
    return client


def find_client(connection: Connection, client_id: str) -> Client | None:
    """An approved partner by its client id."""
    row = connection.execute(_read_client, {"client_id": client_id}).mappings().one_or_none()
    if row is None:
        return None
    lists = {"redirect_uris": tuple(row["redirect_uris"]), "ip_ranges": tuple(row["ip_ranges"])}
    return Client(**{**row, **lists, "scopes": frozenset(row["scopes"])})


@lru_cache(maxsize=4096)
def is_address_allowed(ip: str, ip_ranges: tuple[str, ...]) -> bool:
    """Whether an address lies in one of the ranges; no ranges allow every address."""
    if not ip_ranges:
        return True
    try:
        address = ip_address(ip)
    except ValueError:
        return False
    address = getattr(address, "ipv4_mapped", None) or address
    return any(address in ip_network(text) for text in ip_ranges)


def _authenticate(request: ProtocolRequest) -> Client:
    form = request.parameters
    has_assertion = "client_assertion" in form or "client_assertion_type" in form
    if has_assertion + (request.authorization is not None) + ("client_secret" in form) > 1:
        raise InvalidRequestError("More than one way of client authentication.")
    if has_assertion:
        client = _by_assertion(request)
    elif request.authorization is not None:
        client = _by_secret(request, request.authorization)
    else:
        raise _Refused("no credentials, or a secret in the body")
    if form.get("client_id", client.client_id) != client.client_id:
        raise _Refused("client_id of another client")
    return client


def _by_assertion(request: ProtocolRequest) -> Client:
    if request.parameters.get("client_assertion_type") != ASSERTION_TYPE:
        raise _Refused("client_assertion_type")
    assertion = request.parameters.get("client_assertion", "")
    client = find_client(request.tx, read_subject(assertion))
    if client is None or client.auth_method != "private_key_jwt":
        raise _Refused("unknown client, or registered for a secret")
    settings = request.settings
    proof = verify_assertion(assertion, client.client_id, client.jwks, settings=settings, now=request.now)
    ends_at = datetime.fromtimestamp(proof.expires_at, UTC) + timedelta(seconds=settings.clock_skew_exp_s)
    if not _claim_jti(request.tx, f"{client.client_id} {proof.jti}", ends_at):
        raise _Refused("assertion was used before")
    return client


def _claim_jti(tx: Connection, jti: str, expires_at: datetime) -> bool:
    insert = postgresql.insert if tx.dialect.name == "postgresql" else sqlite.insert
    row = insert(assertion_jtis).values(hash=digest(jti), expires_at=expires_at).on_conflict_do_nothing()
    return tx.execute(row.returning(assertion_jtis.c.hash)).first() is not None


def _by_secret(request: ProtocolRequest, authorization: str) -> Client:
    client_id, secret = _parse_basic(authorization)
    client = find_client(request.tx, client_id)
    # Hashed and looked up for unknown clients too: the same work takes the same time.
    wanted = {"secret_hash": pepper_secret(secret, request.settings.pepper), "now": request.now}
    found = request.tx.execute(_has_secret, wanted | {"partner_id": client.partner_id if client else ""}).first()
    if client is None or found is None or client.auth_method != "client_secret_basic":
        raise _Refused("unknown client, wrong secret, or registered for a key")
    return client


def _parse_basic(header: str) -> tuple[str, str]:
    scheme, _, encoded = header.partition(" ")
    if scheme.lower() != "basic" or len(encoded) > BASIC_LENGTH_MAX:
        raise _Refused("not Basic, or too long")
    try:
        text = base64.b64decode(encoded.strip(), validate=True).decode("ascii")
    except (binascii.Error, ValueError) as error:
        raise _Refused("Basic cannot be read") from error
    client_id, colon, secret = text.partition(":")
    if not colon or not client_id or not secret:
        raise _Refused("Basic without a colon, a name or a secret")
    return unquote_plus(client_id), unquote_plus(secret)
