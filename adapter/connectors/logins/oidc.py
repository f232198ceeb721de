"""Login at the bank's identity provider by OpenID Connect Core 1.0, code flow, with Authlib as the client.

begin    discovery, then to the provider with PKCE S256, `state`, `nonce`, `max_age`; for payments also `acr_values`
         and `prompt=login`
finish   `state` claimed once, `iss` (RFC 9207), the code redeemed, the ID token checked whole; the person's name,
         where that token does not tell it, from the UserInfo endpoint

We authenticate by private_key_jwt (RFC 7523) where the settings name a key, else by client_secret_basic.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
import structlog
from authlib.integrations.base_client import OAuthError
from authlib.integrations.httpx_client import OAuth2Client
from authlib.oauth2 import OAuth2Error
from sqlalchemy.engine import Engine

from adapter.connectors.bounded import BoundedTransport, open_tls
from adapter.connectors.compact_tokens import BadToken, Claims
from adapter.connectors.key_sets import KeysUnavailable, fetch
from adapter.connectors.logins.claims import read_person
from adapter.connectors.logins.discovery import Discovery, Provider, is_safe_address
from adapter.connectors.logins.id_token import verify_id_token
from adapter.connectors.logins.pending import LIFETIME, PendingLogin, claim_login, open_login
from adapter.connectors.signed_tokens import SigningKey, read_signing_key, sign
from adapter.ports import Clock
from oauth import LoginRefused, LoginRequest, LoginResult, LoginUnavailable

log = structlog.get_logger("adapter.connectors.logins")

TIMEOUT_S = 5.0  # of one call in all
ANSWER_BYTES_MAX = 256 * 1024
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
OURS_OR_THEIRS = ("server_error", "temporarily_unavailable", "invalid_client", "unauthorized_client")


@dataclass(frozen=True, slots=True, kw_only=True)
class OidcOptions:
    """How we are registered with the provider; `strong_acrs` are enough for payments, without any every login is."""

    issuer: str
    client_id: str
    client_secret: str
    client_key_file: str
    scope: str
    strong_acrs: tuple[str, ...]
    ca_file: str

    def check(self) -> None:
        """Raises ValueError."""
        if not is_safe_address(self.issuer):
            raise ValueError("oidc_issuer is the https address of the identity provider")
        if not self.client_id or not (self.client_secret or self.client_key_file):
            raise ValueError("oidc_client_id and oidc_client_key_file or oidc_client_secret are needed")
        if "openid" not in self.scope.split():
            raise ValueError("oidc_scope must hold openid")


class OidcLogin:
    """Meets `oauth.CustomerLogin`."""

    def __init__(self, options: OidcOptions, clock: Clock, writer: Engine) -> None:
        options.check()
        self._options = options
        self._clock = clock
        self._writer = writer
        self._key: SigningKey | None = read_signing_key(options.client_key_file) if options.client_key_file else None
        self._tls = open_tls(options.ca_file)
        self._discovery = Discovery(options.issuer, lambda address: fetch(address, options.ca_file))

    def begin(self, request: LoginRequest) -> str:
        provider = self._discovery.provider()
        with self._writer.begin() as tx:
            login = open_login(tx, request, self._clock.now())
        with self._client(login) as client:
            address, _state = client.create_authorization_url(
                provider.authorization_endpoint,
                state=request.state,
                nonce=login.nonce,
                code_verifier=login.code_verifier,
                # Asked for in any case: only then must the provider tell `auth_time` (section 2).
                max_age=str(request.max_age_s or int(LIFETIME.total_seconds())),
                **self._wishes(request),
            )
        return str(address)

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        with self._writer.begin() as tx:
            login = claim_login(tx, reply.get("state", ""), self._clock.now())
        provider = self._discovery.provider()
        code = _read_code(reply, provider)
        answer = self._redeem(provider, login, code)
        try:
            claims = self._read_claims(provider, login, answer)
        except BadToken as error:
            log.warning("an ID token was refused", reason=str(error))
            raise LoginRefused("the ID token does not hold") from error
        except KeysUnavailable as error:
            raise LoginUnavailable("the identity provider's keys cannot be read") from error
        if "name" not in claims and provider.userinfo_endpoint:
            claims = self._with_name(provider.userinfo_endpoint, login, answer, claims)
        strong, now = self._options.strong_acrs, self._clock.now()
        return read_person(claims, strong_acrs=strong, earliest=login.earliest, now=now)

    def _wishes(self, request: LoginRequest) -> dict[str, str]:
        wishes = {} if request.max_age_s else {"prompt": "login"}
        if request.needs_strong and self._options.strong_acrs:
            wishes["acr_values"] = " ".join(self._options.strong_acrs)
        return wishes

    def _redeem(self, provider: Provider, login: PendingLogin, code: str) -> Mapping[str, Any]:
        """The provider's answer to the code."""
        try:
            with self._client(login) as client:
                answer: Mapping[str, Any] = client.fetch_token(
                    provider.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=login.code_verifier,
                    **self._proof(provider),
                )
        except (OAuth2Error, OAuthError) as error:
            log.warning("the identity provider refused a code", error=error.error)
            raise (LoginUnavailable if error.error in OURS_OR_THEIRS else LoginRefused)(error.error) from error
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("the identity provider did not redeem a code", error=type(error).__name__)
            raise LoginUnavailable("the identity provider does not answer") from error
        return answer

    def _with_name(self, endpoint: str, login: PendingLogin, answer: Mapping[str, Any], claims: Claims) -> Claims:
        """The claims with the name that the provider tells of the same person; without it nobody is kept out."""
        try:
            with self._client(login, token={**answer, "token_type": "Bearer"}) as client:
                told = client.get(endpoint).raise_for_status().json()
        except (httpx2.HTTPError, ValueError) as error:
            log.warning("the identity provider tells no name", error=type(error).__name__)
            return claims
        is_same = isinstance(told, dict) and told.get("sub") == claims.get("sub") and "name" in told
        return {**claims, "name": told["name"]} if is_same else claims

    def _read_claims(self, provider: Provider, login: PendingLogin, answer: Mapping[str, Any]) -> Claims:
        id_token, access_token = answer.get("id_token"), answer.get("access_token")
        if not isinstance(id_token, str) or not isinstance(access_token, str):
            raise BadToken("the answer holds no ID token")
        return verify_id_token(
            id_token,
            provider.keys,
            issuer=provider.issuer,
            client_id=self._options.client_id,
            nonce=login.nonce,
            access_token=access_token,
            now=self._clock.now(),
        )

    def _client(self, login: PendingLogin, **more: Any) -> Any:
        return OAuth2Client(
            client_id=self._options.client_id,
            client_secret=self._options.client_secret,
            token_endpoint_auth_method="none" if self._key else "client_secret_basic",
            redirect_uri=login.return_url,
            scope=self._options.scope,
            code_challenge_method="S256",
            transport=BoundedTransport(tls=self._tls, seconds=TIMEOUT_S, bytes_max=ANSWER_BYTES_MAX),
            trust_env=False,
            **more,
        )

    def _proof(self, provider: Provider) -> dict[str, str]:
        """Our signed assertion, where we have a key; `none` above then adds only our id to the form."""
        if self._key is None:
            return {}
        client_id, now = self._options.client_id, self._clock.now()
        whole = sign(
            self._key, {"sub": client_id}, typ="JWT", issuer=client_id, audience=provider.token_endpoint, now=now
        )
        return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": whole}


def _read_code(reply: Mapping[str, str], provider: Provider) -> str:
    """The code of a reply by this provider; raises LoginRefused or LoginUnavailable."""
    if reply.get("iss") != provider.issuer and (provider.tells_iss or "iss" in reply):
        raise LoginRefused("the reply is of another provider")
    if "error" in reply:
        log.info("the identity provider logged nobody in", error=reply["error"][:60])
        raise (LoginUnavailable if reply["error"] in OURS_OR_THEIRS else LoginRefused)("no login")
    if not reply.get("code"):
        raise LoginRefused("the reply holds no code")
    return reply["code"]
