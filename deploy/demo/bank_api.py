"""The bank as the accounting service sees it: OAuth 2.0 and the open API, over HTTP only.

RFC 8414 discovery, RFC 9126 pushed requests, RFC 7636 PKCE (S256), RFC 9207 issuer check, RFC 7523 private_key_jwt.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
ASSERTION_LIFETIME_S = 60
RENEW_BEFORE_S = 30  # a token this close to its end is renewed first
SCOPE = "statements payments"


class BankError(Exception):
    """Base of everything that the bank can answer instead of what was asked."""


class ConnectionRefused(BankError):
    """The customer or the bank said no while connecting; the text is the OAuth error code."""


class ConnectionLost(BankError):
    """The bank no longer knows our permission: it ended, was stopped by the customer or withdrawn by the bank."""


class BankSilent(BankError):
    """The bank was not reached or failed; asking again later is safe."""


class Refused(BankError):
    """The bank read the request and refused it; carries its problem document (RFC 9457)."""

    def __init__(self, problem: Mapping[str, Any]) -> None:
        super().__init__(problem.get("code", "error"))
        self.problem = problem
        self.errors: list[dict[str, Any]] = problem.get("errors", [])


@dataclass(frozen=True, slots=True, kw_only=True)
class Attempt:
    """A connection under way, kept in the browser's session until the bank sends the browser back."""

    url: str
    state: str
    verifier: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Tokens:
    """`expires_at` is seconds since 1970 by our own clock."""

    access: str
    refresh: str
    expires_at: float

    @property
    def is_stale(self) -> bool:
        return time.time() > self.expires_at - RENEW_BEFORE_S


class Bank:
    """One bank and our registration at it."""

    def __init__(self, url: str, client_id: str, key: ECKey, http: httpx2.Client | None = None) -> None:
        self._url = url.rstrip("/")
        self._client_id = client_id
        self._key = key
        self._http = http or httpx2.Client(timeout=40)

    @cached_property
    def _metadata(self) -> dict[str, Any]:
        found = self._send("GET", f"{self._url}/.well-known/oauth-authorization-server").json()
        if found["issuer"] != self._url:
            raise BankSilent("the metadata names another issuer")
        return dict(found)

    def begin(self, redirect_uri: str, account_number: str) -> Attempt:
        """Push the request to the bank; the browser then goes to `url`."""
        state, verifier = secrets.token_urlsafe(24), secrets.token_urlsafe(48)
        request = {
            "response_type": "code",
            "redirect_uri": redirect_uri,
            "scope": SCOPE,
            "state": state,
            "code_challenge": _s256(verifier),
            "code_challenge_method": "S256",
        }
        if account_number:
            request["account"] = account_number
        pushed = self._ask("pushed_authorization_request_endpoint", request)
        query = httpx2.QueryParams(client_id=self._client_id, request_uri=pushed["request_uri"])
        return Attempt(url=f"{self._metadata['authorization_endpoint']}?{query}", state=state, verifier=verifier)

    def finish(self, attempt: Attempt, redirect_uri: str, reply: Mapping[str, str]) -> Tokens:
        """Turn the bank's reply into tokens; refuses replies to another attempt and from another bank."""
        if not hmac.compare_digest(reply.get("state", "").encode(), attempt.state.encode()):
            raise ConnectionRefused("wrong_state")
        if reply.get("iss") != self._metadata["issuer"]:
            raise ConnectionRefused("wrong_issuer")
        if "error" in reply:
            raise ConnectionRefused(reply["error"])
        grant = {
            "grant_type": "authorization_code",
            "code": reply.get("code", ""),
            "redirect_uri": redirect_uri,
            "code_verifier": attempt.verifier,
        }
        return _read_tokens(self._ask("token_endpoint", grant))

    def renew(self, tokens: Tokens) -> Tokens:
        """A new access token; raises ConnectionLost once the permission is over."""
        grant = {"grant_type": "refresh_token", "refresh_token": tokens.refresh}
        try:
            return _read_tokens(self._ask("token_endpoint", grant), refresh=tokens.refresh)
        except ConnectionRefused as error:
            raise ConnectionLost(str(error)) from error

    def call(self, method: str, path: str, tokens: Tokens, **request: Any) -> httpx2.Response:
        """One call of the open API; 304 and 2xx come back, everything else is raised."""
        headers = {"Authorization": f"Bearer {tokens.access}", **request.pop("headers", {})}
        response = self._send(method, f"{self._url}{path}", headers=headers, **request)
        if response.status_code == 401:
            raise ConnectionLost("the access token is not accepted")
        if response.status_code >= 400:
            raise Refused(response.json())
        return response

    def _ask(self, endpoint: str, form: Mapping[str, str]) -> dict[str, Any]:
        url = self._metadata[endpoint]
        proof = {"client_id": self._client_id, "client_assertion_type": ASSERTION_TYPE}
        response = self._send("POST", url, data={**form, **proof, "client_assertion": self._make_assertion()})
        if response.status_code >= 400:
            raise ConnectionRefused(response.json().get("error", "error"))
        return dict(response.json())

    def _make_assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self._client_id,
            "sub": self._client_id,
            "aud": self._metadata["issuer"],
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + ASSERTION_LIFETIME_S,
        }
        return jwt.encode({"alg": "ES256", "kid": self._key.kid}, claims, self._key)

    def _send(self, method: str, url: str, **request: Any) -> httpx2.Response:
        try:
            response = self._http.request(method, url, **request)
        except httpx2.TransportError as error:
            raise BankSilent("the bank was not reached") from error
        if response.status_code >= 500:
            raise BankSilent(f"the bank answered {response.status_code}")
        return response


def _read_tokens(answer: Mapping[str, Any], refresh: str = "") -> Tokens:
    """A bank that does not rotate refresh tokens leaves them out of the answer to a refresh."""
    return Tokens(
        access=answer["access_token"],
        refresh=answer.get("refresh_token", refresh),
        expires_at=time.time() + answer["expires_in"],
    )


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
