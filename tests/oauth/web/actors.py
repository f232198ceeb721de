"""Who opens the pages: a partner that applied and was approved, a customer's browser, an employee's browser."""

from __future__ import annotations

import hashlib
import re
from base64 import urlsafe_b64encode
from dataclasses import dataclass
from functools import cache
from html import unescape
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pyotp
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy.engine import Connection
from werkzeug.test import TestResponse as TestResponse

from oauth import partners
from oauth.audit import Actor
from oauth.context import Context
from oauth.models import staff
from oauth.partner_rules import Application
from oauth.staff import read_staff
from tests.oauth.web.fakes import FakeBank

HOST = "127.0.0.1"
ISSUER = "http://127.0.0.1:8000"
REDIRECT_URI = "https://platrum.example/bank/callback"
PASSWORD = "correct horse battery"
CHALLENGE = urlsafe_b64encode(hashlib.sha256(b"v" * 43).digest()).rstrip(b"=").decode()


def application(**values: object) -> Application:
    """A good application, but for what the test changes."""
    defaults: dict[str, object] = {
        "name": "Platrum",
        "legal_name": "ООО «Платрум»",
        "inn": "7707083893",
        "website": "https://platrum.example",
        "purpose": "Загружаем выписку в управленческий учёт и готовим платежи по счетам поставщиков.",
        "contact_name": "Олег Смирнов",
        "contact_email": "bank@platrum.example",
        "auth_method": "client_secret_basic",
        "redirect_uris": [REDIRECT_URI],
        "scopes": ["statements", "payments"],
        "ip_ranges": ["203.0.113.0/28"],
        "require_par": False,
    }
    return Application(**(defaults | values))  # type: ignore[arg-type]


def open_staff(server: Context) -> dict[str, str]:
    """Employees of each role; gives the secret of each login's one-time codes."""
    people = [
        ("olga", "Ольга Согласующая", "approver"),
        ("pavel", "Павел Второй", "approver"),
        ("oper", "Пётр Оператор", "operator"),
        ("audit", "Алла Аудитор", "auditor"),
    ]
    with server.transaction() as tx:
        return {login: insert_employee(tx, server, login, name, role) for login, name, role in people}


def insert_employee(tx: Connection, server: Context, login: str, name: str, role: str) -> str:
    """An employee whose password is cheap to check: its slowness is not what is tested.  Gives the codes' secret."""
    secret = pyotp.random_base32()
    row = {"id": f"st_{login}", "login": login, "name": name, "role": role, "state": "active"}
    hidden = {"password_hash": _cheap_hash(), "totp_secret": secret, "created_at": server.now()}
    tx.execute(staff.insert(), row | hidden)
    return secret


@cache
def _cheap_hash() -> str:
    return PasswordHasher(time_cost=1, memory_cost=8, parallelism=1).hash(PASSWORD)


def apply(server: Context, **values: object) -> tuple[str, str]:
    """An application as the page stores it: partner id and receipt code."""
    with server.transaction() as tx:
        return partners.apply(tx, application(**values), settings=server.settings, now=server.now())


def approve(server: Context, partner_id: str) -> partners.Partner:
    """Two employees approve the application."""
    for login in ("olga", "pavel"):
        with server.transaction() as tx:
            [change] = partners.list_changes(tx, partner_id=partner_id)
            employee = read_staff(tx, login)
            partners.approve(
                tx,
                change.id,
                staff_id=employee.id,
                role=employee.role,
                seen_digest=change.digest,
                now=server.now(),
            )
    with server.reading() as connection:
        return partners.read_partner(connection, partner_id)


def csrf_of(page: TestResponse) -> str:
    """The hidden token of the page's forms."""
    found = re.search(r'name="csrf" value="([^"]+)"', page.text)
    assert found, page.text
    return found[1]


def text_of(page: TestResponse) -> str:
    """What a person reads: no tags, one space between words."""
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", page.text)).split())


@dataclass
class Browser:
    """A browser with its cookies."""

    site: Flask
    bank: FakeBank
    client: FlaskClient

    @classmethod
    def of(cls, site: Flask, bank: FakeBank) -> Browser:
        return cls(site, bank, site.test_client())

    def open(self, path: str, **headers: str) -> TestResponse:
        return self.client.get(path, base_url=ISSUER, headers=headers)

    def send(self, path: str, data: dict[str, object], **headers: str) -> TestResponse:
        return self.client.post(path, base_url=ISSUER, data=data, headers={"Origin": ISSUER} | headers)

    def authorize(self, partner: partners.Partner, **values: str) -> TestResponse:
        """Come from the partner with a plain request."""
        parameters = {
            "client_id": partner.client_id,
            "response_type": "code",
            "redirect_uri": REDIRECT_URI,
            "scope": "statements payments",
            "state": "af0ifjsldkj",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return self.client.get("/oauth/authorize", base_url=ISSUER, query_string=parameters | values)

    def log_in(self, response: TestResponse) -> TestResponse:
        """Follow a redirect to the bank's login, log in there and come back."""
        assert response.status_code == 303, response.text
        return self.return_from_login(response, self.bank.ticket())

    def return_from_login(self, response: TestResponse, ticket: str) -> TestResponse:
        state = parse_qs(urlsplit(response.headers["Location"]).query)["state"][0]
        return self.client.get(
            "/oauth/login/callback", base_url=ISSUER, query_string={"state": state, "ticket": ticket}
        )

    def come_to_consent(self, partner: partners.Partner, **values: str) -> str:
        """Through the login to the consent page; gives its path."""
        returned = self.log_in(self.authorize(partner, **values))
        assert returned.status_code == 303
        return returned.headers["Location"]

    def decide(self, path: str, decision: str = "allow", **data: object) -> TestResponse:
        """Press a button on the consent page."""
        form = {"customer": "cu_romashka", "account": ["acc_main"], "days": "180"} | data
        return self.send(path, {"csrf": csrf_of(self.open(path)), "decision": decision} | form)

    def open_customer(self, path: str = "/customer") -> TestResponse:
        """Open a page of /customer, logging in on the way."""
        response = self.open(path)
        if response.status_code == 303:
            self.log_in(response)
            response = self.open(path)
        return response

    def session_cookie(self, name: str = "bank-customer") -> str:
        cookie = self.client.get_cookie(name, domain=HOST)
        assert cookie is not None
        return cookie.value

    def plant(self, value: str, name: str = "bank-customer") -> None:
        """Put a cookie into the browser, as an attacker or a restored backup would."""
        self.client.set_cookie(name, value, domain=HOST)


@dataclass
class Desk(Browser):
    """An employee's browser."""

    def sign_in(self, login: str, secret: str, password: str = PASSWORD, code: str | None = None) -> TestResponse:
        now = self.bank.clock.now()
        form = {"login": login, "password": password, "code": code or pyotp.TOTP(secret).at(now)}
        return self.send("/admin/login", form | {"csrf": csrf_of(self.open("/admin/login"))})


def answer_of(response: TestResponse) -> dict[str, str]:
    """The parameters that a redirect brings to the partner."""
    assert response.status_code == 303, response.text
    location = urlsplit(response.headers["Location"])
    assert location._replace(query="").geturl() == REDIRECT_URI
    return dict(parse_qsl(location.query))


def customer_actor() -> Actor:
    return Actor(kind="customer", id="u_ivanova")
