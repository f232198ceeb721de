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
from sqlalchemy.engine import Connection, RowMapping

from oauth.audit import Actor, record
from oauth.credentials import digest, pepper_secret
from oauth.jose import BadAssertion, read_subject, verify_assertion
from oauth.models import assertion_jtis, partner_secrets, partners
from oauth.protocol import ProtocolRequest
from oauth.scopes import parse_scope
from oauth.throttle import bind_failures, count_failures, failures_so_far, note_failure

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
# One statement for all that a caller needs: the client, whether the secret is one of its living ones, and how often the
# address failed within the last minute.
_has_secret = sa.exists().where(
    partner_secrets.c.partner_id == partners.c.id,
    partner_secrets.c.secret_hash == sa.bindparam("secret_hash", type_=sa.LargeBinary),
    partner_secrets.c.revoked_at.is_(None),
    partner_secrets.c.expires_at > sa.bindparam("now"),
)
_read_caller = _read_client.add_columns(_has_secret.label("has_secret"), failures_so_far.label("failures"))

_CLAIM_JTI = {
    "postgresql": postgresql.insert(assertion_jtis).on_conflict_do_nothing().returning(assertion_jtis.c.hash),
    "sqlite": sqlite.insert(assertion_jtis).on_conflict_do_nothing().returning(assertion_jtis.c.hash),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class _Caller:
    client: Client
    has_secret: bool
    failures: int  # of the address, within the last minute


def authenticate(request: ProtocolRequest) -> Client:
    """The approved partner behind a request; raises an OAuth2Error, always the same one for a wrong credential."""
    limit = request.settings.failures_per_minute
    try:
        caller = _authenticate(request)
    except (_Refused, BadAssertion) as refused:
        if count_failures(request.tx, _subject(request), request.now, minutes=1) >= limit:
            raise TooManyFailures from refused
        log.info("client authentication failed: %s", refused)
        note_failure(request.tx, _subject(request), request.now)
        raise InvalidClientError(status_code=401) from refused
    if caller.failures >= limit:
        raise TooManyFailures
    if not is_address_allowed(request.ip, caller.client.ip_ranges):
        _note_foreign_address(request, caller.client)
        raise AddressNotAllowed
    return caller.client


def find_client(connection: Connection, client_id: str) -> Client | None:
    """An approved partner by its client id."""
    row = connection.execute(_read_client, {"client_id": client_id}).mappings().one_or_none()
    return _client(row) if row is not None else None


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


def _note_foreign_address(request: ProtocolRequest, client: Client) -> None:
    """Right credentials from elsewhere were probably stolen: told to the log and to the bank's staff."""
    log.warning("right credentials of client %s from a foreign address", client.client_id)
    note_failure(request.tx, _subject(request), request.now)
    actor = Actor(kind="partner", id=client.partner_id)
    record(
        request.tx,
        at=request.now,
        actor=actor,
        action="client.foreign_address",
        partner_id=client.partner_id,
        ip=request.ip,
    )


def _authenticate(request: ProtocolRequest) -> _Caller:
    form = request.parameters
    has_assertion = "client_assertion" in form or "client_assertion_type" in form
    if has_assertion + (request.authorization is not None) + ("client_secret" in form) > 1:
        raise InvalidRequestError("More than one way of client authentication.")
    if has_assertion:
        caller = _by_assertion(request)
    elif request.authorization is not None:
        caller = _by_secret(request, request.authorization)
    else:
        raise _Refused("no credentials, or a secret in the body")
    if form.get("client_id", caller.client.client_id) != caller.client.client_id:
        raise _Refused("client_id of another client")
    return caller


def _by_assertion(request: ProtocolRequest) -> _Caller:
    if request.parameters.get("client_assertion_type") != ASSERTION_TYPE:
        raise _Refused("client_assertion_type")
    assertion = request.parameters.get("client_assertion", "")
    caller = _find_caller(request, read_subject(assertion))
    if caller.client.auth_method != "private_key_jwt":
        raise _Refused("registered for a secret")
    client, settings = caller.client, request.settings
    proof = verify_assertion(assertion, client.client_id, client.jwks, settings=settings, now=request.now)
    ends_at = datetime.fromtimestamp(proof.expires_at, UTC) + timedelta(seconds=settings.clock_skew_exp_s)
    if not _claim_jti(request.tx, f"{client.client_id} {proof.jti}", ends_at):
        raise _Refused("assertion was used before")
    return caller


def _by_secret(request: ProtocolRequest, authorization: str) -> _Caller:
    client_id, secret = _parse_basic(authorization)
    # Hashed before it is known whether the client exists: the same work takes the same time.
    caller = _find_caller(request, client_id, pepper_secret(secret, request.settings.pepper))
    if not caller.has_secret or caller.client.auth_method != "client_secret_basic":
        raise _Refused("wrong secret, or registered for a key")
    return caller


def _find_caller(request: ProtocolRequest, client_id: str, secret_hash: bytes = b"") -> _Caller:
    wanted = {"client_id": client_id, "secret_hash": secret_hash, "now": request.now}
    wanted |= bind_failures(_subject(request), request.now, minutes=1)
    row = request.tx.execute(_read_caller, wanted).mappings().one_or_none()
    if row is None:
        raise _Refused("unknown client, or not approved")
    return _Caller(client=_client(row), has_secret=row["has_secret"], failures=int(row["failures"]))


def _client(row: RowMapping) -> Client:
    values = {name: row[name] for name in Client.__dataclass_fields__}
    lists = {"redirect_uris": tuple(row["redirect_uris"]), "ip_ranges": tuple(row["ip_ranges"])}
    return Client(**(values | lists | {"scopes": frozenset(row["scopes"])}))


def _subject(request: ProtocolRequest) -> str:
    return f"client:{request.ip}"


def _claim_jti(tx: Connection, jti: str, expires_at: datetime) -> bool:
    row = {"hash": digest(jti), "expires_at": expires_at}
    return tx.execute(_CLAIM_JTI[tx.dialect.name], row).first() is not None


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
    client_id, secret = unquote_plus(client_id), unquote_plus(secret)
    if not (client_id + secret).isprintable():
        raise _Refused("Basic with characters that no name or secret of ours has")
    return client_id, secret
