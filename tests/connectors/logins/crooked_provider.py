"""An identity provider on a port that is right in everything, but for what a test changes."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

import flask
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from werkzeug.serving import make_server

from tests.fakes import FakeClock
from tests.oauth.actors import b64, basic, public_jwk, sign_jwt, without_none

CLIENT_ID, SECRET = "bank-adapter", "secret-of-the-adapter"
KID = "key-1"


@dataclass
class CrookedProvider:
    """`claims` and `header` change the next ID tokens, None removes; `document` changes the discovery document."""

    clock: FakeClock
    issuer: str = ""
    key: ec.EllipticCurvePrivateKey = field(default_factory=lambda: ec.generate_private_key(ec.SECP256R1()))
    signer: ec.EllipticCurvePrivateKey | None = None
    claims: dict[str, Any] = field(default_factory=dict)
    header: dict[str, Any] = field(default_factory=dict)
    document: dict[str, Any] = field(default_factory=dict)
    answer: dict[str, Any] = field(default_factory=dict)  # changes the token endpoint's answer
    user_info: dict[str, Any] | None = None
    drips: str = ""  # the path whose answer comes a byte at a time and takes a quarter of a minute
    fetched: list[str] = field(default_factory=list)
    _codes: dict[str, dict[str, str]] = field(default_factory=dict)

    def straighten(self) -> None:
        """Be right in everything again."""
        self.signer, self.user_info = None, None
        for changes in (self.claims, self.header, self.document, self.answer):
            changes.clear()

    def log_in(self, address: str) -> dict[str, str]:
        """What the browser brings back that was sent to `address`."""
        asked = dict(parse_qsl(urlsplit(address).query))
        code = secrets.token_urlsafe(12)
        self._codes[code] = asked
        return {"state": asked["state"], "code": code, "iss": self.issuer}

    def app(self) -> flask.Flask:
        app = flask.Flask("provider")
        app.before_request(self._drip)
        app.add_url_rule("/.well-known/openid-configuration", view_func=self._tell_document)
        app.add_url_rule("/jwks", view_func=self._tell_keys)
        app.add_url_rule("/token", view_func=self._redeem, methods=["POST"])
        app.add_url_rule("/me", view_func=lambda: flask.jsonify(self.user_info or {}))
        return app

    def _drip(self) -> flask.Response | None:
        if flask.request.path != self.drips:
            return None
        rest = threading.Event()
        return flask.Response((b" " for _ in range(300) if not rest.wait(0.05)), content_type="application/json")

    def _tell_document(self) -> flask.Response:
        self.fetched.append("document")
        told = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/auth",
            "token_endpoint": f"{self.issuer}/token",
            "userinfo_endpoint": f"{self.issuer}/me",
            "jwks_uri": f"{self.issuer}/jwks",
            "authorization_response_iss_parameter_supported": True,
        }
        return flask.jsonify(without_none(told | self.document))

    def _tell_keys(self) -> flask.Response:
        self.fetched.append("keys")
        return flask.jsonify(keys=[public_jwk(self.key, kid=KID, use="sig")])

    def _redeem(self) -> flask.Response | tuple[flask.Response, int]:
        form = flask.request.form
        asked = self._codes.pop(form.get("code", ""), None)
        challenge = b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest())
        if asked is None or asked["code_challenge"] != challenge or form["redirect_uri"] != asked["redirect_uri"]:
            return flask.jsonify(error="invalid_grant"), 400
        if flask.request.headers.get("Authorization") != basic(CLIENT_ID, SECRET):
            return flask.jsonify(error="invalid_client"), 401
        tokens = {"access_token": "at-1", "token_type": "Bearer", "id_token": self._id_token(asked["nonce"])}
        return flask.jsonify(without_none(tokens | self.answer))

    def _id_token(self, nonce: str) -> str:
        now = int(self.clock.now().timestamp())
        right = {
            "iss": self.issuer,
            "aud": CLIENT_ID,
            "sub": "u_ivanova",
            "name": "Иванова Мария Петровна",
            "nonce": nonce,
            "iat": now,
            "exp": now + 300,
            "auth_time": now,
            "acr": "otp",
            "amr": ["pwd", "otp"],
            "at_hash": half_hash("at-1"),
        }
        claims = without_none(right | self.claims)
        alg = self.header.get("alg")
        if alg in ("none", "HS256"):
            return self._forge(claims, alg)
        return sign_jwt(self.signer or self.key, claims, {"kid": KID} | self.header)

    def _forge(self, claims: Mapping[str, Any], alg: str) -> str:
        """Without a signature, or signed with what everybody (`public`) or a partner of us (`secret`) knows."""
        header = {"alg": alg, "kid": KID}
        signed = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(dict(claims)).encode())}"
        if alg == "none":
            return f"{signed}."
        pem = self.key.public_key().public_bytes(
            serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
        )
        key = {"public": pem, "secret": SECRET.encode()}[self.header["with"]]
        return f"{signed}.{b64(hmac.digest(key, signed.encode(), 'sha256'))}"


def half_hash(token: str) -> str:
    return b64(hashlib.sha256(token.encode()).digest()[:16])


@contextmanager
def serve_provider(provider: CrookedProvider) -> Iterator[None]:
    listener = make_server("127.0.0.1", 0, provider.app(), threaded=True)
    provider.issuer = f"http://127.0.0.1:{listener.server_port}"
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()
