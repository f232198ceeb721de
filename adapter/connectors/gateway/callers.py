"""Who may call: the adapter, by a token that it signed for just this request, once.

Mutual TLS, where the bank wants it, is the business of what listens (gunicorn, nginx).  The tokens that were used are
remembered in this process; a bank with several of them keeps them in its database.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, field

import flask

from adapter.connectors.compact_tokens import BadToken
from adapter.connectors.key_sets import KeySource
from adapter.connectors.signed_tokens import expiry, verify_call
from adapter.ports import Clock


@dataclass(slots=True)
class SeenTokens:
    """Which tokens were used lately."""

    _until: dict[str, float] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def claim(self, jti: str, until: float, now: float) -> bool:
        """Whether this is the first use."""
        with self._lock:
            for old in [one for one, end in self._until.items() if end < now]:
                del self._until[old]
            if jti in self._until:
                return False
            self._until[jti] = until
            return True


@dataclass(frozen=True, slots=True, kw_only=True)
class CallerCheck:
    """Calls must be signed by `issuer` for `audience`, which is this core's address as the adapter knows it."""

    keys: KeySource
    issuer: str
    audience: str
    clock: Clock
    seen: SeenTokens = field(default_factory=SeenTokens)

    def check(self, request: flask.Request) -> None:
        """Raises BadToken, and KeysUnavailable while the adapter's keys cannot be had."""
        now = self.clock.now()
        query = request.query_string.decode("latin-1")
        path = request.environ.get("RAW_URI") or request.environ.get("REQUEST_URI") or request.path
        claims = verify_call(
            request.headers.get("Authorization", ""),
            self.keys,
            issuer=self.issuer,
            audience=self.audience,
            method=request.method,
            url=_own_address(self.audience, path.split("?")[0], query),
            body=request.get_data(),
            now=now,
        )
        if not self.seen.claim(claims["jti"], expiry(claims).timestamp(), now.timestamp()):
            raise BadToken("used before")


def _own_address(audience: str, path: str, query: str) -> str:
    """The address as the adapter wrote it: what a proxy in front made of the host does not matter.

    `path` is as it came, still quoted; a core below a path of its own repeats that path in its audience.
    """
    root = "/".join(audience.split("/", 3)[:3])
    return f"{root}{path}?{query}" if query else f"{root}{path}"
