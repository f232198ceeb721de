"""Reading a compact JWS (RFC 7515) that a key of the other side signed.

What may sign is ours to say: nothing in the token's own header is believed beyond the name of its key.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any

from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwa import JWSAlgModel
from joserfc.jwk import ECKey, OKPKey, RSAKey

from adapter.connectors.key_sets import KeySource, PublicKey

KINDS: Mapping[str, Any] = {
    "ES256": ECKey,
    "RS256": RSAKey,
    "PS256": RSAKey,
    "EdDSA": OKPKey,
    "Ed25519": OKPKey,  # RFC 9864 names EdDSA over Ed25519 anew; its bytes are the same
}
_KEY_MEMBERS = frozenset({"kty", "crv", "x", "y", "n", "e"})  # RFC 7518 section 6

Claims = Mapping[str, Any]


class BadToken(Exception):
    """The token proves nothing; the text is for the log, never for the caller."""


class _Registry(jws.JWSRegistry):
    def get_alg(self, name: str) -> JWSAlgModel:
        return super().get_alg("Ed25519" if name == "EdDSA" else name)


REGISTRY = _Registry(algorithms=list(KINDS), strict_check_header=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenRules:
    """Which tokens are read at all; `types` are values of `typ`, None where it may be absent."""

    algorithms: Collection[str]
    types: Collection[str | None]
    forbidden: Collection[str]  # members of the header
    length_max: int


def read_token(token: str, keys: KeySource, rules: TokenRules) -> tuple[Mapping[str, Any], Claims]:
    """Header and claims, once a key verifies them; raises BadToken, and KeysUnavailable while there are no keys."""
    header = _read_header(token, rules)
    alg, kid = header["alg"], header.get("kid")
    if not isinstance(kid, str):
        raise BadToken("no kid")
    for public in keys.find(kid):
        if public.get("kty") != KINDS[alg].key_type or public.get("alg", alg) not in _names_of(alg):
            continue
        try:
            found = jws.deserialize_compact(token, _import(alg, public), registry=REGISTRY)
        except (JoseError, ValueError, TypeError):
            continue
        return header, _parse_object(found.payload)
    raise BadToken("no key of the other side verifies the signature")


def _read_header(token: str, rules: TokenRules) -> Mapping[str, Any]:
    if len(token) > rules.length_max or token.count(".") != 2:
        raise BadToken("not a compact JWS")
    part = token.split(".")[0]
    try:
        header = _parse_object(urlsafe_b64decode(part + "=" * (-len(part) % 4)))
    except ValueError as error:
        raise BadToken("not base64url") from error
    alg, typ = header.get("alg"), header.get("typ")
    is_known = isinstance(alg, str) and alg in rules.algorithms
    if not is_known or typ not in rules.types or not header.keys().isdisjoint(rules.forbidden):
        raise BadToken("type, algorithm or header")
    return header


def _import(alg: str, public: PublicKey) -> Any:
    """Only what makes the key: its `alg` may have the other name of Ed25519."""
    return KINDS[alg].import_key({name: value for name, value in public.items() if name in _KEY_MEMBERS})


def _names_of(alg: str) -> frozenset[str]:
    return frozenset({"EdDSA", "Ed25519"}) if KINDS[alg] is OKPKey else frozenset({alg})


def _parse_object(data: bytes) -> Mapping[str, Any]:
    try:
        found = json.loads(data)
    except (ValueError, RecursionError) as error:
        raise BadToken("not JSON") from error
    if not isinstance(found, dict):
        raise BadToken("not a JSON object")
    return found
