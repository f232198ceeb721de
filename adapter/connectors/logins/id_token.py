"""Checking an ID token whole: OpenID Connect Core 1.0 section 3.1.3.7, the claims by Authlib, the signature by joserfc.

Stricter than the standard where it leaves room: only public-key algorithms of a list, we are the only audience, the
key is named by `kid`.
"""

from __future__ import annotations

from datetime import datetime

from authlib.oidc.core import CodeIDToken
from joserfc.errors import JoseError

from adapter.connectors.compact_tokens import BadToken, Claims, TokenRules, read_token
from adapter.connectors.key_sets import KeySource

RULES = TokenRules(
    algorithms=frozenset({"RS256", "PS256", "ES256"}),
    types=(None, "JWT"),  # any other type is a token for something else
    forbidden=("crit",),
    length_max=16 * 1024,
)
SKEW_S = 10  # how far the two clocks may be apart


def verify_id_token(
    token: str, keys: KeySource, *, issuer: str, client_id: str, nonce: str, access_token: str, now: datetime
) -> Claims:
    """The claims of a token that holds.  Raises BadToken, and KeysUnavailable while the keys cannot be had."""
    header, claims = read_token(token, keys, RULES)
    if claims.get("aud") not in (client_id, [client_id]):
        raise BadToken("another audience")
    checked = CodeIDToken(
        claims,
        header,
        options={"iss": {"essential": True, "value": issuer}, "nonce": {"essential": True}},
        params={"nonce": nonce, "client_id": client_id, "access_token": access_token},
    )
    try:
        checked.validate(now=int(now.timestamp()), leeway=SKEW_S)
    except (JoseError, ValueError, TypeError) as error:
        raise BadToken(f"claims: {error}") from error
    return claims
