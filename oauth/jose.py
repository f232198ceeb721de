"""Checking a client's signed assertion (RFC 7523, FAPI 2.0 section 5.3.2.1): signature and claims, no storage.

Stricter than the RFC where FAPI is: the audience is the issuer as one string, algorithms are ES256, PS256 and EdDSA,
the lifetime is short.  Of two keys with one `kid` both are tried (FAPI 5.4.3).
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey, RSAKey

from oauth.settings import OAuthSettings

# RFC 9864 names EdDSA over Ed25519 anew; its bytes are the same.
ALGORITHMS: Mapping[str, str] = {"ES256": "EC", "PS256": "RSA", "EdDSA": "OKP", "Ed25519": "OKP"}
KINDS: Mapping[str, Callable[[Any], Any]] = {
    "EC": ECKey.import_key,
    "RSA": RSAKey.import_key,
    "OKP": OKPKey.import_key,
}
KEY_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e"})  # all are texts (RFC 7518 section 6)
ASSERTION_LENGTH_MAX = 16 * 1024
JTI_LENGTH_MAX = 512
TYPES = (None, "JWT", "client-authentication+jwt")
KEYS_IN_HEADER = {"jwk", "jku", "x5u", "x5c"}


class BadAssertion(Exception):
    """The assertion proves nothing; the text is for the log, never for the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Assertion:
    """A verified assertion: `jti` may be used once until `expires_at` (seconds since 1970)."""

    jti: str
    expires_at: float


class _Registry(jws.JWSRegistry):
    """Longer headers than usual, and the old name of Ed25519 without a warning."""

    max_header_length = 4096

    def get_alg(self, name: str) -> JWSAlgModel:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


_registry = _Registry(algorithms=list(ALGORITHMS), strict_check_header=False)


def read_subject(assertion: str) -> str:
    """Whose assertion it claims to be, unverified: only to find the keys."""
    if len(assertion) > ASSERTION_LENGTH_MAX:
        raise BadAssertion("too long")
    parts = assertion.split(".")
    if len(parts) != 3:
        raise BadAssertion("not a compact JWS")
    subject = _read_json(parts[1]).get("sub")
    if not isinstance(subject, str) or not subject.isprintable():  # a lone surrogate or NUL breaks the database
        raise BadAssertion("no usable subject")
    return subject


def verify_assertion(
    assertion: str, client_id: str, jwks: Mapping[str, Any], *, settings: OAuthSettings, now: datetime
) -> Assertion:
    """Check signature and claims; raises BadAssertion."""
    header = _read_json(assertion.split(".")[0])
    alg = header.get("alg")
    if not isinstance(alg, str) or alg not in ALGORITHMS or header.get("typ") not in TYPES:
        raise BadAssertion("algorithm or type")
    if "crit" in header or KEYS_IN_HEADER & set(header):
        raise BadAssertion("header names its own key or critical extensions")
    for key in _candidates(header, jwks["keys"]):
        payload = _verify(assertion, key, alg)
        if payload is not None:
            return _check_claims(payload, client_id, settings, now.timestamp())
    raise BadAssertion("no registered key verifies the signature")


def _candidates(header: Mapping[str, Any], keys: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Registered keys of the right kind; a key declared for another algorithm or use is none of them."""
    alg = header["alg"]
    same = {alg, "EdDSA", "Ed25519"} if ALGORITHMS[alg] == "OKP" else {alg}
    for key in keys:
        is_for_it = key.get("kty") == ALGORITHMS[alg] and key.get("alg", alg) in same and key.get("use", "sig") == "sig"
        if is_for_it and ("kid" not in header or key.get("kid") in (None, header["kid"])):
            yield key


def _verify(assertion: str, key: Mapping[str, Any], alg: str) -> bytes | None:
    members = tuple(sorted((name, value) for name, value in key.items() if name in KEY_MEMBERS))
    try:
        found = jws.deserialize_compact(assertion, _import_key(ALGORITHMS[alg], members), registry=_registry)
    except (JoseError, ValueError, TypeError):
        return None
    return found.payload


@lru_cache(maxsize=1024)
def _import_key(kind: str, members: tuple[tuple[str, str], ...]) -> Any:
    """Kept, because reading a key takes longer than checking a signature with it."""
    return KINDS[kind](dict(members))


def _check_claims(payload: bytes, client_id: str, settings: OAuthSettings, now: float) -> Assertion:
    claims = _parse_json(payload)
    if claims.get("iss") != client_id or claims.get("sub") != client_id:
        raise BadAssertion("issuer and subject must be the client")
    if claims.get("aud") != settings.issuer:
        raise BadAssertion("the audience must be our issuer, as one string")
    expires_at = _moment(claims, "exp")
    if expires_at is None or not now - settings.clock_skew_exp_s < expires_at:
        raise BadAssertion("expired, or without an end")
    if expires_at > now + settings.assertion_lifetime_max_s + settings.clock_skew_s:
        raise BadAssertion("lives too long")
    for name in ("iat", "nbf"):
        moment = _moment(claims, name)
        if moment is not None and moment > now + settings.clock_skew_s:
            raise BadAssertion(f"{name} is in the future")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= JTI_LENGTH_MAX or not jti.isprintable():
        raise BadAssertion("no usable jti")
    return Assertion(jti=jti, expires_at=expires_at)


def _moment(claims: Mapping[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    # bool is an int; NaN and huge numbers compare to nothing.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**12:
        raise BadAssertion(f"{name} is not a moment")
    return float(value)


def _read_json(part: str) -> Mapping[str, Any]:
    try:
        return _parse_json(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise BadAssertion("not base64url") from error


def _parse_json(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadAssertion("not JSON") from error
    if not isinstance(found, dict):
        raise BadAssertion("not a JSON object")
    return found
