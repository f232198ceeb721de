"""The partner's program: OAuth 2.0 with private_key_jwt, pushed requests and PKCE, then the open API."""

from __future__ import annotations

import base64
import hashlib
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx2
from joserfc import jwt
from joserfc.jwk import ECKey

from adapter.demo.telling import DemoFailed, Teller, shorten, tell_members

REDIRECT_URI = "https://buh.example/bank/callback"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"

PATIENCE = 5  # repetitions of one call
UNTOLD = frozenset({"code_verifier", "code_challenge", "state"})  # random texts, no news to a reader


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    status: int
    body: Any
    headers: Mapping[str, str]


class PartnerClient:
    """One partner with its key; `client_id` is what the bank gave, `access_token` what the customer allowed."""

    def __init__(self, bank_url: str, tell: Teller) -> None:
        self._bank_url = bank_url
        self._tell = tell
        self._http = httpx2.Client(base_url=bank_url, timeout=60)
        self._key = ECKey.generate_key("P-256", {"kid": "demo-1", "use": "sig", "alg": "ES256"})
        self._verifier = secrets.token_urlsafe(48)
        self._state = secrets.token_urlsafe(24)
        self.client_id = ""
        self.metadata: Mapping[str, Any] = {}
        self.access_token = ""
        self.refresh_token = ""

    @property
    def public_keys(self) -> dict[str, Any]:
        """The JWKS for the application: the public half only."""
        return {"keys": [self._key.as_dict(private=False)]}

    def close(self) -> None:
        self._http.close()

    def discover(self) -> None:
        """Learn the bank's endpoints (RFC 8414)."""
        answer = self.send("GET", "/.well-known/oauth-authorization-server", tell=("issuer", "token_endpoint"))
        self.metadata = answer.body
        self._tell.check("the metadata is the bank's own", answer.body["issuer"], self._bank_url)

    def push_request(self, account_number: str) -> str:
        """Push the authorization request (RFC 9126); answers the address to send the customer's browser to."""
        request = {
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": "statements payments",
            "state": self._state,
            "code_challenge": _s256(self._verifier),
            "code_challenge_method": "S256",
            "account": account_number,
        }
        answer = self.post_form(
            self.metadata["pushed_authorization_request_endpoint"], request, tell=("request_uri", "expires_in")
        )
        self._tell.check("the bank took the pushed request", answer.status, 201)
        query = urlencode({"client_id": self.client_id, "request_uri": answer.body["request_uri"]})
        return f"{self.metadata['authorization_endpoint']}?{query}"

    def read_reply(self, url: str) -> str:
        """The code in the redirect; checks that the reply is to this request and from this bank (RFC 9207)."""
        reply = dict(parse_qsl(urlsplit(url).query))
        self._tell.check("the browser is back at the partner's registered address", url.split("?")[0], REDIRECT_URI)
        self._tell.check("the reply carries the partner's state", reply.get("state"), self._state)
        self._tell.check("the reply names its issuer", reply.get("iss"), self._bank_url)
        if "code" not in reply:
            raise DemoFailed(f"the reply has no code: {reply}")
        return reply["code"]

    def redeem(self, code: str) -> Answer:
        """Exchange the code for tokens."""
        grant = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": REDIRECT_URI,
            "code_verifier": self._verifier,
        }
        tell = ("token_type", "expires_in", "scope", "access_token", "refresh_token")
        return self.post_form(self.metadata["token_endpoint"], grant, tell=tell)

    def post_form(self, url: str, form: Mapping[str, str], tell: tuple[str, ...] = ()) -> Answer:
        """A call of an OAuth endpoint with a fresh client assertion (RFC 7523)."""
        proof = {
            "client_id": self.client_id,
            "client_assertion_type": ASSERTION_TYPE,
            "client_assertion": self._make_assertion(),
        }
        sent = ", ".join(f"{name}={'…' if name in UNTOLD else shorten(value)}" for name, value in form.items())
        path = urlsplit(url).path
        return self.send("POST", path, sent=f"{sent}, client_assertion=…", tell=tell, data={**form, **proof})

    def call(self, method: str, path: str, tell: tuple[str, ...] = (), sent: str = "", **request: Any) -> Answer:
        """A call of the open API with the access token; where the bank asks for patience (503), it is repeated."""
        headers = {"Authorization": f"Bearer {self.access_token}", **request.pop("headers", {})}
        for _ in range(PATIENCE):
            answer = self.send(method, path, sent=sent, tell=tell, headers=headers, **request)
            if answer.status != httpx2.codes.SERVICE_UNAVAILABLE or "Retry-After" not in answer.headers:
                break
            time.sleep(float(answer.headers["Retry-After"]))
        return answer

    def send(self, method: str, path: str, sent: str = "", tell: tuple[str, ...] = (), **request: Any) -> Answer:
        response = self._http.request(method, path, **request)
        is_json = "json" in response.headers.get("Content-Type", "") and response.content
        body = response.json() if is_json else response.text
        got = tell_members(body, tell if response.is_success else ("error", "code", "title"))
        self._tell.exchange(f"{method} {path}", sent, str(response.status_code), got)
        return Answer(status=response.status_code, body=body, headers=response.headers)

    def _make_assertion(self) -> str:
        now = int(time.time())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": self._bank_url,
            "jti": secrets.token_urlsafe(16),
            "iat": now,
            "exp": now + 60,
        }
        return jwt.encode({"alg": "ES256", "kid": "demo-1"}, claims, self._key)


def _s256(verifier: str) -> str:
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).rstrip(b"=").decode()
