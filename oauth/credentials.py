"""Random ids and secrets, their digests, and the keys derived from the one secret of the installation.

Only digests of secrets are stored.  256 random bits need no slow hash: SHA-256 for what we hand out as tokens, HMAC
with a pepper for client secrets, so that a stolen database alone proves nothing.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets

from cryptography.fernet import Fernet, InvalidToken


def make_id(prefix: str) -> str:
    """An id that nobody can guess or count: `prefix_` and 96 random bits in hex."""
    return f"{prefix}_{secrets.token_hex(12)}"


def make_token(prefix: str) -> str:
    """A secret of 256 random bits; the prefix lets scanners and people tell what leaked."""
    return f"{prefix}_{secrets.token_urlsafe(32)}"


def digest(text: str) -> bytes:
    """SHA-256, the only form in which tokens, codes and receipts are stored."""
    return hashlib.sha256(text.encode()).digest()


def derive_key(secret_key: str, purpose: str) -> bytes:
    """A separate 256-bit key per purpose, so that no key serves two ends."""
    return hmac.digest(secret_key.encode(), b"bank-adapter/" + purpose.encode(), "sha256")


def pepper_secret(secret: str, pepper: bytes) -> bytes:
    """The stored form of a client secret."""
    return hmac.digest(pepper, secret.encode(), "sha256")


def seal(text: str, token: str, key: bytes) -> str:
    """Encrypt under a key that needs the token as well: the database and our key together open nothing."""
    return _box(token, key).encrypt(text.encode()).decode()


def unseal(sealed: str, token: str, key: bytes) -> str:
    """Read what `seal` made with the same token; raises ValueError for another token or key."""
    try:
        return _box(token, key).decrypt(sealed.encode()).decode()
    except InvalidToken as error:
        raise ValueError("sealed with another token or key") from error


def _box(token: str, key: bytes) -> Fernet:
    return Fernet(base64.urlsafe_b64encode(hmac.digest(key, token.encode(), "sha256")))
