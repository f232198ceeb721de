"""PKCE (RFC 7636) for every client, S256 only (Authlib's own binds only public clients and allows `plain`)."""

from __future__ import annotations

import hashlib
import hmac
import re
from base64 import urlsafe_b64encode
from typing import Any

from authlib.oauth2.rfc6749 import InvalidGrantError

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}")
_VERIFIER = re.compile(r"[A-Za-z0-9\-._~]{43,128}")


def is_s256_challenge(challenge: str) -> bool:
    """Whether it can be the base64url of a SHA-256."""
    return bool(_CHALLENGE.fullmatch(challenge))


class S256Only:
    """A grant extension: the verifier must come with the code."""

    def __call__(self, grant: Any) -> None:
        grant.register_hook("after_validate_token_request", self.check_verifier)

    def check_verifier(self, grant: Any, _result: object) -> None:
        verifier = grant.request.form.get("code_verifier") or ""
        if not _VERIFIER.fullmatch(verifier):
            raise InvalidGrantError("code_verifier is missing or malformed.")
        challenge = grant.request.authorization_code.code_challenge
        if not hmac.compare_digest(_s256(verifier), challenge):
            raise InvalidGrantError("code_verifier does not match.")


def _s256(verifier: str) -> str:
    return urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
