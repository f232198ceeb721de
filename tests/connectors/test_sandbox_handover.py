"""The sandbox bank served apart: its customers come from the adapter and go back with a ticket that it signed."""

from __future__ import annotations

import dataclasses
import re
from html import unescape
from pathlib import Path
from urllib.parse import parse_qsl, urlencode, urlsplit

import pytest
from flask import Flask

from adapter.connectors.logins.handover import HandoverLogin, HandoverOptions
from adapter.connectors.sandbox.handover import Handover
from adapter.connectors.sandbox.opening import Sandbox
from adapter.connectors.signed_tokens import read_signing_key, write_new_key
from adapter.store.database import Database
from oauth import LoginRefused, LoginRequest
from tests.connectors.conftest import BASE_URL
from tests.connectors.test_sandbox_pages import Person
from tests.fakes import FakeClock, KnownKeys

ADAPTER = "https://adapter.example"
CALLBACK = f"{ADAPTER}/oauth/login/callback"


@pytest.fixture
def handover(tmp_path: Path) -> Handover:
    write_new_key(str(tmp_path / "bank.json"), "bank-1")
    return Handover(key=read_signing_key(str(tmp_path / "bank.json")), issuer=BASE_URL, adapter_url=ADAPTER)


@pytest.fixture
def site(sandbox: Sandbox, handover: Handover) -> Flask:
    site = Flask(__name__)
    site.register_blueprint(dataclasses.replace(sandbox, handover=handover).blueprint)
    return site


@pytest.fixture
def login(sqlite: Database, site: Flask, bank_clock: FakeClock) -> HandoverLogin:
    """The adapter's side; it has the bank's keys from where the bank tells them."""
    keys = site.test_client().get("/sandbox/jwks.json").json["keys"]
    assert not any("d" in key for key in keys)
    agreed = HandoverOptions(
        url=f"https://localhost{urlsplit(BASE_URL).path}/sandbox/handover",
        issuer=BASE_URL,
        audience=ADAPTER,
        keys=KnownKeys(keys),
        strong_acrs=(),
    )
    return HandoverLogin(agreed, bank_clock, sqlite.writer)


def begin(login: HandoverLogin) -> str:
    """The bank's page that the adapter sends the browser to."""
    address = login.begin(LoginRequest(return_url=CALLBACK, state="st&te", service_name="Учёт онлайн", max_age_s=0))
    return address.removeprefix("https://localhost")


def reply_in(location: str) -> dict[str, str]:
    assert location.startswith(f"{CALLBACK}?")
    return dict(parse_qsl(urlsplit(location).query))


def test_a_person_logs_in_at_the_bank_and_goes_back_with_a_signed_ticket(login: HandoverLogin, site: Flask) -> None:
    person = Person(site)
    person.open(begin(login))
    assert "Учёт онлайн" in person.page.text
    person.open(person.send("/sandbox/login", login="ivanova").location)
    result = login.finish(reply_in(person.send("/sandbox/login/code", code=person.code()).location))
    assert (result.user_id, result.acr, result.amr, result.is_strong) == ("u-ivanova", "otp", ("otp",), True)


def test_who_gives_up_goes_back_without_a_ticket(login: HandoverLogin, site: Flask) -> None:
    person = Person(site)
    person.open(begin(login))
    refusal = re.search(r'href="(/sandbox/login/refusal[^"]+)"', person.page.text)
    assert refusal
    reply = reply_in(person.client.get(unescape(refusal[1])).location)
    assert reply == {"state": "st&te", "error": "access_denied"}
    with pytest.raises(LoginRefused):
        login.finish(reply)


@pytest.mark.parametrize(
    "wrong",
    [
        {"return_url": "https://evil.example/oauth/login/callback"},
        {"return_url": f"{ADAPTER}.evil.example/oauth/login/callback"},
        {"return_url": f"{CALLBACK}/../../anywhere"},
        {"return_url": f"{CALLBACK}?next=https://evil.example"},
        {"return_url": ""},
        {"state": ""},
        {"state": "s" * 2001},
        {"service_name": "n" * 201},
    ],
    ids=lambda wrong: str(wrong)[:60],
)
def test_nobody_is_sent_elsewhere_than_to_the_adapter(site: Flask, wrong: dict[str, str]) -> None:
    right = {"return_url": CALLBACK, "state": "s", "service_name": "Учёт"}
    client = site.test_client()
    refused = client.get(f"/sandbox/handover?{urlencode(right | wrong)}")
    assert refused.status_code == 400
    assert "Location" not in refused.headers
    assert client.get(f"/sandbox/handover?{urlencode(right)}").status_code == 303


def test_a_bank_inside_the_adapter_hands_nobody_over(sandbox: Sandbox) -> None:
    site = Flask(__name__)
    site.register_blueprint(sandbox.blueprint)
    client = site.test_client()
    asked = urlencode({"return_url": CALLBACK, "state": "s"})
    assert client.get(f"/sandbox/handover?{asked}").status_code == 404
    assert client.get("/sandbox/jwks.json").status_code == 404
    assert client.get("/sandbox/login").status_code == 200
