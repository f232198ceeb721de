"""A signed hand-over of a customer by an internet bank that has no OpenID Connect.

begin    to the page `core_handover_url` with return_url, state, service_name, needs_strong, max_age
finish   back at return_url with `state` unchanged and `ticket`: a JWT of the core (`typ` login+jwt, `iss` and key of
         the core, `aud` our address, at most a minute long) with sub, name, acr, amr, auth_time and `state_hash`,
         the base64url SHA-256 of the state; or `error=access_denied`

A ticket is good for one use and, by its `state_hash`, for one login of one browser.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import urlencode

import structlog
from sqlalchemy.engine import Engine

from adapter.connectors.compact_tokens import BadToken, Claims
from adapter.connectors.key_sets import KeySource, KeysUnavailable
from adapter.connectors.logins.claims import read_person
from adapter.connectors.logins.discovery import is_safe_address
from adapter.connectors.logins.pending import claim_login, open_login
from adapter.connectors.signed_tokens import expiry, verify
from adapter.connectors.used_tokens import claim_token
from adapter.ports import Clock
from oauth import LoginRefused, LoginRequest, LoginResult, LoginUnavailable

log = structlog.get_logger("adapter.connectors.logins")

TICKET = "login+jwt"
PURPOSE = "login"  # in the table of used tokens


@dataclass(frozen=True, slots=True, kw_only=True)
class HandoverOptions:
    """Where the page is and who signs; `audience` is our own address."""

    url: str
    issuer: str
    audience: str
    keys: KeySource
    strong_acrs: tuple[str, ...]

    def check(self) -> None:
        """Raises ValueError."""
        if not is_safe_address(self.url):
            raise ValueError("core_handover_url is the https address of a page of the internet bank")
        if not self.issuer:
            raise ValueError("core_issuer is needed: who signs the tickets")


class HandoverLogin:
    """Meets `oauth.CustomerLogin`."""

    def __init__(self, options: HandoverOptions, clock: Clock, writer: Engine) -> None:
        options.check()
        self._options = options
        self._clock = clock
        self._writer = writer

    def begin(self, request: LoginRequest) -> str:
        with self._writer.begin() as tx:
            open_login(tx, request, self._clock.now())
        asked = {
            "return_url": request.return_url,
            "state": request.state,
            "service_name": request.service_name or "",
            "needs_strong": "true" if request.needs_strong else "false",
            "max_age": str(request.max_age_s),
        }
        separator = "&" if "?" in self._options.url else "?"
        return f"{self._options.url}{separator}{urlencode(asked)}"

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        state, now = reply.get("state", ""), self._clock.now()
        if "error" in reply:
            raise LoginRefused("the person gave up at the bank's login")
        claims = self._verify(reply.get("ticket", ""))
        if not hmac.compare_digest(str(claims.get("state_hash")).encode(), hash_state(state).encode()):
            raise LoginRefused("the ticket is of another login")
        with self._writer.begin() as tx:
            login = claim_login(tx, state, now)
            if not claim_token(tx, PURPOSE, claims["jti"], expiry(claims)):
                raise LoginRefused("the ticket was used before")
        return read_person(claims, strong_acrs=self._options.strong_acrs, earliest=login.earliest, now=now)

    def _verify(self, ticket: str) -> Claims:
        options, now = self._options, self._clock.now()
        try:
            return verify(ticket, options.keys, typ=TICKET, issuer=options.issuer, audience=options.audience, now=now)
        except BadToken as error:
            log.warning("a ticket of a login was refused", reason=str(error))
            raise LoginRefused("the ticket does not hold") from error
        except KeysUnavailable as error:
            raise LoginUnavailable("the core's keys cannot be read") from error


def hash_state(state: str) -> str:
    """What binds a ticket to one login: the SHA-256 of its state, base64url without padding."""
    return base64.urlsafe_b64encode(hashlib.sha256(state.encode()).digest()).rstrip(b"=").decode()
