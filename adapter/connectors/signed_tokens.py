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
from joserfc.jwk import ECKey

from adapter.connectors.compact_tokens import KINDS, REGISTRY, BadToken, Claims, TokenRules, read_token
from adapter.connectors.key_sets import KeySource, PublicKey

ALGORITHMS = frozenset({"ES256", "PS256", "EdDSA", "Ed25519"})
DEFAULT_ALGORITHM: Mapping[str, str] = {"EC": "ES256", "RSA": "PS256", "OKP": "EdDSA"}

CALL = "call+jwt"  # `typ` of a signed call; a hand-over of a login has its own
LIFETIME_S = 60
SKEW_S = 10  # how far the two clocks may be apart
TOKEN_LENGTH_MAX = 8 * 1024
JTI_LENGTH_MAX = 255
KEYS_IN_HEADER = frozenset({"jwk", "jku", "x5u", "x5c", "crit"})  # of the token's own choice: never


class BadKey(ValueError):
    """A private key cannot be used."""


@dataclass(frozen=True, slots=True)
class SigningKey:
    """A private key of ours; `public` is what the other side needs of it."""

    kid: str
    alg: str
    key: Any
    public: PublicKey


def read_signing_key(path: str) -> SigningKey:
    """Our private key from a file with one JWK; raises BadKey."""
    try:
        found = json.loads(Path(path).read_text("utf-8"))
        default = DEFAULT_ALGORITHM[found["kty"]]
        key = KINDS[default].import_key(found)
        alg = found.get("alg", default)
        if not key.is_private or alg not in ALGORITHMS or KINDS[alg] is not KINDS[default]:
            raise BadKey(f"{path}: not a private key for one of {', '.join(sorted(ALGORITHMS))}")
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
    return jws.serialize_compact(header, json.dumps(whole).encode(), key.key, registry=REGISTRY)


def verify(token: str, keys: KeySource, *, typ: str, issuer: str, audience: str, now: datetime) -> Claims:
    """The claims of a token that holds; raises BadToken, and KeysUnavailable while the keys cannot be had."""
    rules = TokenRules(algorithms=ALGORITHMS, types=[typ], forbidden=KEYS_IN_HEADER, length_max=TOKEN_LENGTH_MAX)
    _, claims = read_token(token, keys, rules)
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
