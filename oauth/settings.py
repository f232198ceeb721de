"""Settings of the authorization server with their bounds; `check` is called once at start and refuses to go on.

The bounds come from FAPI 2.0 (codes live at most 60 s, request URIs less than 600 s) and RFC 9700.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from functools import cached_property
from ipaddress import ip_address
from urllib.parse import urlsplit

from oauth.credentials import derive_key
from oauth.errors import InvalidSettings

SECRET_KEY_CHARACTERS_MIN = 32
MINUTE = 60
HOUR = 60 * MINUTE
DAY = 24 * HOUR


@dataclass(frozen=True, kw_only=True)
class OAuthSettings:
    """Lifetimes are seconds, terms are days."""

    issuer: str  # base URL without a trailing slash; https, or http on loopback for the sandbox
    secret_key: str = field(repr=False)  # at least 32 characters; every key of this package is derived from it
    bank_name: str
    code_lifetime_s: int = 60
    request_lifetime_s: int = 90  # a pushed request, until its page is opened
    interaction_lifetime_s: int = 30 * MINUTE  # an opened page, until the person decides
    access_lifetime_s: int = 30 * MINUTE
    refresh_idle_s: int = 45 * DAY
    refresh_grace_s: int = 5 * MINUTE  # how long a rotated token still gives its answer
    assertion_lifetime_max_s: int = 300
    clock_skew_s: int = 30  # for iat and nbf in the future
    clock_skew_exp_s: int = 10
    consent_days: int = 180  # offered first
    consent_days_max: int = 365
    history_days: int = 365  # how far back statements may go
    secret_lifetime_days: int = 365
    secret_overlap_s: int = DAY  # how long the old secret works after a new one was taken
    failures_per_minute: int = 10  # failed client authentications of one address
    customer_idle_s: int = 10 * MINUTE
    strong_login_s: int = 5 * MINUTE  # how fresh the login of a person is who lets a service prepare payments
    customer_session_s: int = HOUR
    staff_idle_s: int = 15 * MINUTE
    staff_session_s: int = 8 * HOUR
    usage_flush_s: float = 5.0  # 0: write each use at once (tests)

    def check(self) -> None:
        """Raise InvalidSettings for the first setting outside its bounds."""
        _check_issuer(self.issuer)
        if len(self.secret_key) < SECRET_KEY_CHARACTERS_MIN:
            raise InvalidSettings(f"secret_key needs at least {SECRET_KEY_CHARACTERS_MIN} characters")
        for name, low, high in BOUNDS:
            value = getattr(self, name)
            if not low <= value <= high:
                raise InvalidSettings(f"{name} is {value}, allowed is {low} to {high}")
        if self.consent_days > self.consent_days_max:
            raise InvalidSettings("consent_days is above consent_days_max")
        if os.environ.get("AUTHLIB_INSECURE_TRANSPORT"):
            raise InvalidSettings("AUTHLIB_INSECURE_TRANSPORT switches off a check for the whole process: unset it")

    @property
    def is_sandbox(self) -> bool:
        """Plain http, which `check` allows on loopback only: cookies without Secure, loopback redirect URIs."""
        return self.issuer.startswith("http://")

    @cached_property
    def pepper(self) -> bytes:
        """Key of the stored client secrets."""
        return derive_key(self.secret_key, "client-secret")

    @cached_property
    def answer_key(self) -> bytes:
        """Key of the answers kept for a repeated refresh."""
        return derive_key(self.secret_key, "refresh-answer")


BOUNDS: tuple[tuple[str, float, float], ...] = (
    ("code_lifetime_s", 1, 60),
    ("request_lifetime_s", 5, 599),
    ("interaction_lifetime_s", 60, HOUR),
    ("access_lifetime_s", 1, HOUR),
    ("refresh_idle_s", 1, 365 * DAY),
    ("refresh_grace_s", 0, 10 * MINUTE),
    ("assertion_lifetime_max_s", 10, 600),
    ("clock_skew_s", 10, 60),
    ("clock_skew_exp_s", 0, 60),
    ("consent_days", 1, 3650),
    ("consent_days_max", 1, 3650),
    ("history_days", 1, 3650),
    ("secret_lifetime_days", 1, 400),
    ("secret_overlap_s", 0, 30 * DAY),
    ("failures_per_minute", 1, 1000),
    ("customer_idle_s", MINUTE, HOUR),
    ("strong_login_s", MINUTE, HOUR),
    ("customer_session_s", MINUTE, DAY),
    ("staff_idle_s", MINUTE, HOUR),
    ("staff_session_s", MINUTE, DAY),
    ("usage_flush_s", 0, 60),
)


def _check_issuer(issuer: str) -> None:
    parts = urlsplit(issuer)
    if not parts.hostname or parts.query or parts.fragment or parts.username or issuer.endswith("/"):
        raise InvalidSettings("issuer is a base URL without query, fragment, user and trailing slash")
    if parts.scheme == "https":
        return
    if parts.scheme != "http" or not _is_loopback(parts.hostname):
        raise InvalidSettings("issuer is https; http only on 127.0.0.1 or ::1, for the sandbox")


def _is_loopback(host: str) -> bool:
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return False
