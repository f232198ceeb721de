"""Short signed tokens between the adapter and the core, both ways (RFC 7519, signed as RFC 7515).

A token proves who calls (`iss`), whom (`aud`) and that it is fresh (`iat`, `exp` at most a minute later) and its own
(`jti`).  A signed call is also bound to its request: method (`htm`), address without query (`htu`, both as in
RFC 9449), and the SHA-256 of query and body.  `typ` keeps a token of one use from passing for another.

Algorithms are ES256, PS256 and EdDSA over Ed25519: nothing shared, nothing optional.  The public keys of the other
side are found by `adapter/connectors/key_sets.py`.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey, RSAKey

from adapter.connectors.key_sets import KeySource, PublicKey

ALGORITHMS: Mapping[str, str] = {"ES256": "EC", "PS256": "RSA", "EdDSA": "OKP", "Ed25519": "OKP"}
DEFAULT_ALGORITHM: Mapping[str, str] = {"EC": "ES256", "RSA": "PS256", "OKP": "EdDSA"}
_KINDS: Mapping[str, Any] = {"EC": ECKey.import_key, "RSA": RSAKey.import_key, "OKP": OKPKey.import_key}

CALL = "call+jwt"  # `typ` of a signed call; a hand-over of a login has its own
LIFETIME_S = 60
SKEW_S = 10  # how far the two clocks may be apart
TOKEN_LENGTH_MAX = 8 * 1024
JTI_LENGTH_MAX = 255
KEY_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e"})  # RFC 7518 section 6
KEYS_IN_HEADER = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})

Claims = Mapping[str, Any]


class BadToken(Exception):
    """The token proves nothing; the text is for the log, never for the caller."""


class BadKey(ValueError):
    """A private key cannot be used."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key of ours; `public` is what the other side needs of it."""

    kid: str
    alg: str
    key: Any
    public: PublicKey


class _Registry(jws.JWSRegistry):
    """RFC 9864 names EdDSA over Ed25519 anew; its bytes are the same."""

    def get_alg(self, name: str) -> JWSAlgModel:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


_registry = _Registry(algorithms=list(ALGORITHMS), strict_check_header=False)


def read_signing_key(path: str) -> SigningKey:
    """Our private key from a file with one JWK; raises BadKey."""
    try:
        found = json.loads(Path(path).read_text("utf-8"))
        kind = found["kty"]
        key = _KINDS[kind](found)
        alg = found.get("alg", DEFAULT_ALGORITHM[kind])
        if not key.is_private or ALGORITHMS.get(alg) != kind:
            raise BadKey(f"{path}: not a private key for one of {', '.join(ALGORITHMS)}")
    except (OSError, ValueError, KeyError, TypeError, AttributeError, JoseError) as error:
        raise BadKey(f"{path}: no private key in JWK form can be read: {type(error).__name__}") from error
    kid = found.get("kid") or key.thumbprint()
    return SigningKey(kid, alg, key, {**key.as_dict(private=False), "kid": kid, "alg": alg, "use": "sig"})


def write_new_key(path: str, kid: str) -> None:
    """A fresh private key in a new file that its owner alone may read, and its JWKS in `path`.public.json."""
    key = ECKey.generate_key("P-256", {"kid": kid, "alg": "ES256", "use": "sig"})
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w") as file:
        json.dump(key.as_dict(private=True), file)
    Path(f"{path}.public.json").write_text(json.dumps({"keys": [key.as_dict(private=False)]}))


def sign(key: SigningKey, claims: Claims, *, typ: str, issuer: str, audience: str, now: datetime) -> str:
    """A token with these claims beside its own; good for a minute."""
    issued_at = int(now.timestamp())
    whole = {
        **claims,
        "iss": issuer,
        "aud": audience,
        "iat": issued_at,
        "exp": issued_at + LIFETIME_S,
        "jti": secrets.token_urlsafe(18),
    }
    header = {"alg": key.alg, "kid": key.kid, "typ": typ}
    return jws.serialize_compact(header, json.dumps(whole).encode(), key.key, registry=_registry)


def verify(token: str, keys: KeySource, *, typ: str, issuer: str, audience: str, now: datetime) -> Claims:
    """The claims of a token that holds; raises BadToken, and KeysUnavailable while the keys cannot be had."""
    header = _read_header(token)
    alg = header.get("alg")
    is_known = isinstance(alg, str) and alg in ALGORITHMS
    if not is_known or header.get("typ") != typ or KEYS_IN_HEADER & set(header):
        raise BadToken("type, algorithm or header")
    claims = _read_claims(token, header, keys)
    _check_claims(claims, issuer, audience, now.timestamp())
    return claims


def expiry(claims: Claims) -> datetime:
    """Until when a token of these claims could be used again."""
    return datetime.fromtimestamp(float(claims["exp"]) + SKEW_S, UTC)


def sign_call(key: SigningKey, *, issuer: str, audience: str, method: str, url: str, body: bytes, now: datetime) -> str:
    """The token of one HTTP request."""
    return sign(key, _call_claims(method, url, body), typ=CALL, issuer=issuer, audience=audience, now=now)


def verify_call(
    authorization: str,
    keys: KeySource,
    *,
    issuer: str,
    audience: str,
    method: str,
    url: str,
    body: bytes,
    now: datetime,
) -> Claims:
    """The claims of the token in an Authorization header, when it belongs to just this request; raises BadToken."""
    scheme, _, token = authorization.partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise BadToken("no bearer token")
    claims = verify(token.strip(), keys, typ=CALL, issuer=issuer, audience=audience, now=now)
    for name, value in _call_claims(method, url, body).items():
        told = claims.get(name)
        if not isinstance(told, str) or not hmac.compare_digest(told.encode(), value.encode()):
            raise BadToken(f"{name} is of another request")
    return claims


def _call_claims(method: str, url: str, body: bytes) -> dict[str, str]:
    parts = urlsplit(url)
    return {
        "htm": method.upper(),
        "htu": f"{parts.scheme}://{parts.netloc}{parts.path}",
        "query_sha256": _digest(parts.query.encode()),
        "body_sha256": _digest(body),
    }


def _digest(data: bytes) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()


def _read_header(token: str) -> Mapping[str, Any]:
    if len(token) > TOKEN_LENGTH_MAX or token.count(".") != 2:
        raise BadToken("not a compact JWS")
    part = token.split(".")[0]
    try:
        return _parse_object(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise BadToken("not base64url") from error


def _read_claims(token: str, header: Mapping[str, Any], keys: KeySource) -> Claims:
    alg, kid = header["alg"], header.get("kid")
    if not isinstance(kid, str):
        raise BadToken("no kid")
    for public in keys.find(kid):
        if public.get("kty") != ALGORITHMS[alg] or public.get("alg", alg) not in _same(alg):
            continue
        try:
            found = jws.deserialize_compact(token, _import(ALGORITHMS[alg], public), registry=_registry)
        except (JoseError, ValueError, TypeError):
            continue
        return _parse_object(found.payload)
    raise BadToken("no key of the other side verifies the signature")


def _import(kind: str, public: PublicKey) -> Any:
    """Only what makes the key: its `alg` may have the other name of Ed25519."""
    return _KINDS[kind]({name: value for name, value in public.items() if name in KEY_MEMBERS})


def _same(alg: str) -> frozenset[str]:
    return frozenset({"EdDSA", "Ed25519"}) if ALGORITHMS[alg] == "OKP" else frozenset({alg})


def _check_claims(claims: Claims, issuer: str, audience: str, now: float) -> None:
    if claims.get("iss") != issuer or claims.get("aud") != audience:
        raise BadToken("issuer or audience")
    issued_at, expires_at = _moment(claims, "iat"), _moment(claims, "exp")
    if issued_at > now + SKEW_S:
        raise BadToken("issued in the future")
    if expires_at <= now - SKEW_S:
        raise BadToken("expired")
    if not 0 < expires_at - issued_at <= LIFETIME_S:
        raise BadToken("lives too long")
    if "nbf" in claims and _moment(claims, "nbf") > now + SKEW_S:
        raise BadToken("not good yet")
    jti = claims.get("jti")
    if not isinstance(jti, str) or not 0 < len(jti) <= JTI_LENGTH_MAX or not jti.isprintable():
        raise BadToken("no usable jti")


def _moment(claims: Claims, name: str) -> float:
    value = claims.get(name)
    # bool is an int; NaN and huge numbers compare to nothing.
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 10**12:
        raise BadToken(f"{name} is not a moment")
    return float(value)


def _parse_object(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadToken("not JSON") from error
    if not isinstance(found, dict):
        raise BadToken("not a JSON object")
    return found
