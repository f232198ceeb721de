"""Checking an ID token whole: OpenID Connect Core 1.0 section 3.1.3.7, the claims by Authlib, the signature by joserfc.

Stricter than the standard where it leaves room: only public-key algorithms of a list, we are the only audience, the
key is named by `kid`.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from authlib.oidc.core import CodeIDToken
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import ECKey, RSAKey

from adapter.connectors.key_sets import KeySource, PublicKey

ALGORITHMS: Mapping[str, Any] = {"RS256": RSAKey, "PS256": RSAKey, "ES256": ECKey}
SKEW_S = 10  # how far the two clocks may be apart
LENGTH_MAX = 16 * 1024
TYPES = (None, "JWT")  # any other type is a token for something else
KEY_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e"})  # RFC 7518 section 6

Claims = Mapping[str, Any]

_registry = jws.JWSRegistry(algorithms=list(ALGORITHMS), strict_check_header=False)


class BadIdToken(Exception):
    """The token proves nothing; the text is for the log."""


def verify_id_token(
    token: str, keys: KeySource, *, issuer: str, client_id: str, nonce: str, access_token: str, now: datetime
) -> Claims:
    """The claims of a token that holds.  Raises BadIdToken, and KeysUnavailable while the keys cannot be had."""
    header = _read_header(token)
    claims = _read_claims(token, header, keys)
    if claims.get("aud") not in (client_id, [client_id]):
        raise BadIdToken("another audience")
    checked = CodeIDToken(
        claims,
        header,
        options={"iss": {"essential": True, "value": issuer}, "nonce": {"essential": True}},
        params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
    )
    try:
        checked.validate(now=int(now.timestamp()), leeway=SKEW_S)
    except (JoseError, ValueError, TypeError) as error:
        raise BadIdToken(f"claims: {error}") from error
    return claims


def _read_header(token: str) -> dict[str, Any]:
    if len(token) > LENGTH_MAX or token.count(".") != 2:
        raise BadIdToken("not a compact JWS")
    part = token.split(".")[0]
    try:
        header = _parse_object(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise BadIdToken("not base64url") from error
    alg = header.get("alg")
    is_known = isinstance(alg, str) and alg in ALGORITHMS
    if not is_known or header.get("typ") not in TYPES or "crit" in header:
        raise BadIdToken("algorithm, type or header")
    return header


def _read_claims(token: str, header: Claims, keys: KeySource) -> dict[str, Any]:
    kid = header.get("kid")
    if not isinstance(kid, str):
        raise BadIdToken("no kid")
    kind = ALGORITHMS[header["alg"]]
    for public in keys.find(kid):
        if public.get("kty") != kind.key_type or public.get("alg", header["alg"]) != header["alg"]:
            continue
        try:
            found = jws.deserialize_compact(token, _import(kind, public), registry=_registry)
        except (JoseError, ValueError, TypeError):
            continue
        return _parse_object(found.payload)
    raise BadIdToken("no key of the provider verifies the signature")


def _import(kind: Any, public: PublicKey) -> Any:
    return kind.import_key({name: value for name, value in public.items() if name in KEY_MEMBERS})


def _parse_object(data: bytes) -> dict[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadIdToken("not JSON") from error
    if not isinstance(found, dict):
        raise BadIdToken("not a JSON object")
    return found
