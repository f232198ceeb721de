"""What the bank's identity provider says of itself (OpenID Connect Discovery 1.0), kept for an hour.

A provider that was read once serves on while its document cannot be had; one that never was is asked at most every
five seconds, so that a dead provider does not hold the threads of the web processes.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any
from urllib.parse import urlsplit

import httpx2
import structlog

from adapter.connectors.key_sets import AddressKeys, KeySource, OneAsks
from oauth import LoginUnavailable

log = structlog.get_logger("adapter.connectors.logins")

KEPT_S = 3600.0
ASK_AGAIN_S = 5.0
WELL_KNOWN = "/.well-known/openid-configuration"

Fetch = Callable[[str], bytes]  # gives the body at an address; raises httpx2.HTTPError and ValueError


@dataclass(frozen=True, slots=True, kw_only=True)
class Provider:
    """An identity provider."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    userinfo_endpoint: str | None
    tells_iss: bool  # names itself in every reply (RFC 9207)
    keys: KeySource


class Discovery:
    """Finds the provider of an issuer."""

    def __init__(self, issuer: str, fetch: Fetch) -> None:
        self._issuer = issuer
        self._fetch = fetch
        self._one_asks = OneAsks()
        self._provider: Provider | None = None
        self._ask_at = float("-inf")

    def provider(self) -> Provider:
        """Raises LoginUnavailable while the provider was never read."""
        self._one_asks.ask(self._is_due, self._ask, has_something=self._provider is not None)
        if self._provider is None:
            raise LoginUnavailable("the identity provider cannot be reached")
        return self._provider

    def _is_due(self) -> bool:
        return time.monotonic() >= self._ask_at

    def _ask(self) -> None:
        try:
            self._provider = self._parse(self._fetch(self._issuer.rstrip("/") + WELL_KNOWN))
            self._ask_at = time.monotonic() + KEPT_S
        except (httpx2.HTTPError, OSError, ValueError) as error:
            log.warning("the identity provider's document cannot be read", error=type(error).__name__)
            self._ask_at = time.monotonic() + ASK_AGAIN_S

    def _parse(self, data: bytes) -> Provider:
        told = json.loads(data)
        if not isinstance(told, dict) or told.get("issuer") != self._issuer:
            raise ValueError("the document is of another issuer")
        return Provider(
            issuer=self._issuer,
            authorization_endpoint=_address(told, "authorization_endpoint"),
            token_endpoint=_address(told, "token_endpoint"),
            userinfo_endpoint=_address(told, "userinfo_endpoint") if "userinfo_endpoint" in told else None,
            tells_iss=told.get("authorization_response_iss_parameter_supported") is True,
            keys=self._keys(_address(told, "jwks_uri")),
        )

    def _keys(self, address: str) -> KeySource:
        return AddressKeys(lambda: self._fetch(address))


def is_safe_address(url: str) -> bool:
    """Whether nobody between can read along: https, or http on this very machine for a try-out."""
    parts = urlsplit(url)
    if parts.scheme == "https":
        return bool(parts.hostname)
    try:
        return parts.scheme == "http" and ip_address(parts.hostname or "").is_loopback
    except ValueError:
        return False


def _address(told: Mapping[str, Any], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not is_safe_address(value):
        raise ValueError(f"{name} is not an https address")
    return value
