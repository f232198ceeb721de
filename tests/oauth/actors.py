"""Who takes part in the tests of the protocol: a bank, partners with a key or a secret, a customer who agrees.

JWTs are signed here with `cryptography` alone: the tests share no signing code with the product.
"""

from __future__ import annotations

import base64
import hashlib
import itertools
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from urllib.parse import parse_qs, urlsplit

import flask
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from werkzeug.datastructures import MultiDict
from werkzeug.test import TestResponse

import oauth
from adapter.store.database import Database
from oauth import OAuthSettings, Scope, partners
from oauth.consents import Agreement, ConsentAccount
from oauth.models import staff as staff_table
from oauth.partner_rules import Application
from oauth.server import finish_authorization, open_authorization
from tests.fakes import FakeClock

ISSUER = "https://bank.example"
REDIRECT_URI = "https://books.example/bank/callback"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
PARTNER_IP = "203.0.113.7"
PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey
_numbers = itertools.count(1)


class NobodyLogsIn:
    """The customer's login and directory belong to the pages; the machine side never asks them."""

    def __getattr__(self, name: str) -> Any:
        raise AssertionError(f"{name} was asked")


@dataclass
class Bank:
    """An application with the authorization server and three views under `require`."""

    database: Database
    clock: FakeClock
    settings: OAuthSettings
    app: flask.Flask = field(init=False)

    def __post_init__(self) -> None:
        self.app = flask.Flask("bank")
        oauth.init_app(
            self.app,
            settings=self.settings,
            reader=self.database.reader,
            writer=self.database.writer,
            customer_login=NobodyLogsIn(),
            directory=NobodyLogsIn(),
            statement_desk=NobodyLogsIn(),
            operations_desk=NobodyLogsIn(),
            clock=self.clock,
        )
        self.app.add_url_rule("/v1/anything", view_func=oauth.require()(_tell_access), methods=["GET", "POST"])
        self.app.add_url_rule("/v1/statements", "statements", oauth.require(Scope.STATEMENTS)(_tell_access))
        self.app.add_url_rule("/v1/payments", "payments", oauth.require(Scope.PAYMENTS)(_tell_access))
        self.app.add_url_rule("/v1/consent", "end", oauth.require()(_end_consent), methods=["DELETE"])

    def hire(self, login: str, role: str = "approver") -> str:
        """A member of staff; gives the id."""
        row = {"id": f"st_{login}", "login": login, "name": login, "role": role, "state": "active"}
        row |= {"password_hash": "-", "totp_secret": "-", "created_at": self.clock.now()}
        with self.database.transaction() as tx:
            tx.execute(staff_table.insert(), row)
        return row["id"]

    def take_on(self, application: Application) -> partners.Credentials:
        """Apply, approve by two people, claim."""
        first, second = (self.hire(f"approver{next(_numbers)}") for _ in range(2))
        with self.database.transaction() as tx:
            partner_id, receipt = partners.apply(tx, application, settings=self.settings, now=self.clock.now())
            (change,) = partners.list_changes(tx, partner_id=partner_id)
            for staff_id in (first, second):
                partners.approve(
                    tx,
                    change.id,
                    staff_id=staff_id,
                    role="approver",
                    seen_digest=change.digest,
                    now=self.clock.now(),
                )
            return partners.claim_credentials(tx, receipt, settings=self.settings, now=self.clock.now())

    def partner(self, **changes: Any) -> Partner:
        """An approved partner with a P-256 key."""
        key = changes.pop("key", None) or ec.generate_private_key(ec.SECP256R1())
        jwks = changes.pop("jwks", None) or {"keys": [public_jwk(key, kid="key-1")]}
        credentials = self.take_on(application(jwks=jwks, **changes))
        return Partner(bank=self, client_id=credentials.client_id, key=key)

    def secret_partner(self, **changes: Any) -> Partner:
        """An approved partner with a secret and one allowed address."""
        asked = {"auth_method": "client_secret_basic", "jwks": None, "ip_ranges": [f"{PARTNER_IP}/32"]}
        credentials = self.take_on(application(**(asked | changes)))
        assert credentials.client_secret
        return Partner(bank=self, client_id=credentials.client_id, secret=credentials.client_secret)

    def post(self, path: str, form: Mapping[str, Any], ip: str = PARTNER_IP, **options: Any) -> TestResponse:
        return self.app.test_client().post(
            path, data=form, base_url=ISSUER, environ_overrides={"REMOTE_ADDR": ip}, **options
        )

    def partner_id(self, client_id: str) -> str:
        with self.database.reading() as connection:
            (found,) = partners.list_partners(connection, search=client_id)
        return found.id


def _tell_access() -> dict[str, Any]:
    access = oauth.current_access()
    return {"scopes": sorted(access.scopes), "account_ids": list(access.account_ids), "partner": access.partner_name}


def _end_consent() -> flask.Response:
    oauth.end_consent(oauth.current_access())
    return flask.Response(status=204)


def application(**changes: Any) -> Application:
    """A right application of a partner with a key."""
    asked: dict[str, Any] = {
        "name": "Книги",
        "legal_name": "ООО «Книги»",
        "inn": "7707083893",
        "website": "https://books.example",
        "purpose": "Учёт",
        "contact_name": "Иванова Анна",
        "contact_email": "anna@books.example",
        "auth_method": "private_key_jwt",
        "redirect_uris": [REDIRECT_URI],
        "scopes": ["statements", "payments"],
    }
    return Application(**(asked | changes))


@dataclass
class Partner:
    """A partner's program: it knows its credentials and the PKCE secret of its last request."""

    bank: Bank
    client_id: str
    key: PrivateKey | None = None
    secret: str | None = None
    ip: str = PARTNER_IP
    verifier: str = ""

    def par_form(self, **changes: Any) -> dict[str, Any]:
        """A right authorization request; None removes a parameter."""
        self.verifier = secrets.token_urlsafe(32)
        form = {
            "response_type": "code",
            "client_id": self.client_id,
            "redirect_uri": REDIRECT_URI,
            "scope": "statements payments",
            "state": "state-1",
            "code_challenge": b64(hashlib.sha256(self.verifier.encode()).digest()),
            "code_challenge_method": "S256",
        }
        return without_none(form | changes)

    def par(self, **changes: Any) -> TestResponse:
        return self.send("/oauth/par", self.par_form(**changes))

    def send(self, path: str, form: Mapping[str, Any], **options: Any) -> TestResponse:
        """POST with this partner's own authentication."""
        if self.secret is not None:
            headers = {"Authorization": basic(self.client_id, self.secret)} | options.pop("headers", {})
            return self.bank.post(path, form, ip=self.ip, headers=headers, **options)
        proof = {"client_assertion_type": ASSERTION_TYPE, "client_assertion": self.assertion()}
        return self.bank.post(path, {**form, **proof}, ip=self.ip, **options)

    def assertion(self, header: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A right client assertion; None removes a claim."""
        assert self.key is not None
        now = int(self.bank.clock.now().timestamp())
        claims = {
            "iss": self.client_id,
            "sub": self.client_id,
            "aud": ISSUER,
            "iat": now,
            "exp": now + 60,
            "jti": secrets.token_urlsafe(16),
        }
        return sign_jwt(self.key, without_none(claims | changes), header)

    def pushed(self, **changes: Any) -> str:
        """The request_uri of a right request."""
        response = self.par(**changes)
        assert response.status_code == 201, response.text
        return str(response.json["request_uri"])

    def code(self, agree: Mapping[str, Any] | None = None, **changes: Any) -> str:
        """A code: push, and the customer agrees."""
        answer = self.decide(self.pushed(**changes), agreement(self.bank.clock, **(agree or {})))
        return answer["code"]

    def decide(self, request_uri: str, agreed: Agreement | None) -> dict[str, str]:
        """What the customer's decision sends back to the partner, as the parameters of the redirect."""
        args = {"client_id": self.client_id, "request_uri": request_uri}
        with self.bank.app.test_request_context(base_url=ISSUER), self.bank.database.transaction() as tx:
            request = open_authorization(tx, MultiDict(args))
            response = finish_authorization(tx, request, agreed)
        assert response.status_code == 303
        assert response.location.startswith(REDIRECT_URI + "?")
        return {name: values[0] for name, values in parse_qs(urlsplit(response.location).query).items()}

    def redeem(self, code: str, /, **changes: Any) -> TestResponse:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": REDIRECT_URI}
        return self.send("/oauth/token", without_none(form | {"code_verifier": self.verifier} | changes))

    def tokens(self, agree: Mapping[str, Any] | None = None, **changes: Any) -> dict[str, Any]:
        """A pair of tokens from the whole flow."""
        response = self.redeem(self.code(agree, **changes))
        assert response.status_code == 200, response.text
        return dict(response.json)

    def refresh(self, refresh_token: str, /, **changes: Any) -> TestResponse:
        form = {"grant_type": "refresh_token", "refresh_token": refresh_token}
        return self.send("/oauth/token", without_none(form | changes))

    def call(self, token: str | None, path: str = "/v1/anything", method: str = "GET", **options: Any) -> TestResponse:
        headers = {"Authorization": f"Bearer {token}"} if token is not None else {}
        return self.bank.app.test_client().open(
            path,
            method=method,
            base_url=ISSUER,
            headers=headers | options.pop("headers", {}),
            environ_overrides={"REMOTE_ADDR": options.pop("ip", self.ip)},
            **options,
        )


def agreement(clock: FakeClock, **changes: Any) -> Agreement:
    """What a customer agrees to: both scopes, two accounts, half a year."""
    agreed: dict[str, Any] = {
        "user_id": "user-1",
        "user_name": "Петров Пётр",
        "customer_id": "customer-1",
        "customer_name": "ООО «Ромашка»",
        "customer_inn": "7707083893",
        "acr": "sms",
        "amr": ("otp",),
        "authenticated_at": clock.now(),
        "scopes": frozenset(Scope),
        "accounts": [account("acc_1"), account("acc_2")],
        "history_from": date(2025, 11, 20),
        "expires_at": clock.now() + timedelta(days=180),
    }
    return Agreement(**(agreed | changes))


def account(account_id: str) -> ConsentAccount:
    return ConsentAccount(
        account_id=account_id, number="40702810400000000017", name="Расчётный", currency="RUB", bic="044525987"
    )


def public_jwk(key: PrivateKey, **members: Any) -> dict[str, Any]:
    public = key.public_key()
    if isinstance(public, ed25519.Ed25519PublicKey):
        return {"kty": "OKP", "crv": "Ed25519", "x": b64(public.public_bytes_raw()), **members}
    if isinstance(public, rsa.RSAPublicKey):
        numbers = public.public_numbers()
        return {"kty": "RSA", "n": b64_int(numbers.n), "e": b64_int(numbers.e), **members}
    point = public.public_numbers()
    size = (public.curve.key_size + 7) // 8
    curve = {"secp256r1": "P-256", "secp384r1": "P-384"}[public.curve.name]
    return {
        "kty": "EC",
        "crv": curve,
        "x": b64(point.x.to_bytes(size, "big")),
        "y": b64(point.y.to_bytes(size, "big")),
        **members,
    }


def sign_jwt(key: PrivateKey, claims: Mapping[str, Any], header: Mapping[str, Any] | None = None) -> str:
    """Sign with ES256, PS256 (RS256 when the header says so) or EdDSA, after the kind of the key."""
    alg = {ec.EllipticCurvePrivateKey: "ES256", rsa.RSAPrivateKey: "PS256", ed25519.Ed25519PrivateKey: "EdDSA"}
    usual = next(name for kind, name in alg.items() if isinstance(key, kind))
    full = without_none({"alg": usual, "typ": "JWT", "kid": "key-1"} | dict(header or {}))
    signed = f"{b64(json.dumps(full).encode())}.{b64(json.dumps(claims).encode())}"
    return f"{signed}.{b64(_signature(key, signed.encode(), str(full.get('alg'))))}"


def _signature(key: PrivateKey, data: bytes, alg: str) -> bytes:
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return key.sign(data)
    if isinstance(key, rsa.RSAPrivateKey):
        pss = padding.PSS(mgf=padding.MGF1(hashes.SHA256()), salt_length=32)
        return key.sign(data, padding.PKCS1v15() if alg == "RS256" else pss, hashes.SHA256())
    r, s = decode_dss_signature(key.sign(data, ec.ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def basic(client_id: str, secret: str) -> str:
    return "Basic " + base64.b64encode(f"{client_id}:{secret}".encode()).decode()


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def b64_int(number: int) -> str:
    return b64(number.to_bytes((number.bit_length() + 7) // 8, "big"))


def without_none(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None}
