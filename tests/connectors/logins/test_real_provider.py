"""Login by OpenID Connect against a real, certified provider, over HTTP: partner → login → consent → token."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import httpx2
import pytest
import sqlalchemy as sa
from flask import Flask
from playwright.sync_api import sync_playwright
from werkzeug.serving import make_server

from adapter.connectors import key_sets
from adapter.connectors.logins.oidc import OidcLogin, OidcOptions
from adapter.connectors.signed_tokens import read_signing_key, write_new_key
from adapter.parts import SystemClock
from adapter.store.database import Database
from oauth import LoginRequest, LoginResult, partners
from oauth.context import EXTENSION, Context
from oauth.models import consents
from tests.connectors.logins.identity_provider import (
    CODE,
    PASSWORD,
    IdentityProvider,
    Person,
    asked_of,
    free_port,
    run_provider,
)
from tests.oauth.actors import basic
from tests.oauth.web import actors
from tests.oauth.web.actors import CHALLENGE
from tests.oauth.web.conftest import make_site
from tests.oauth.web.fakes import FakeBank

SECRET = "what-the-bank-registered-for-the-adapter"


class OidcBank(FakeBank):
    """Whom a person acts for is fake; how they log in is not."""

    login: OidcLogin

    def begin(self, request: LoginRequest) -> str:
        return self.login.begin(request)

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        return self.login.finish(reply)


@dataclass
class Site:
    """The adapter on a port, with a partner that has credentials."""

    address: str
    server: Context
    provider: IdentityProvider
    partner: partners.Credentials

    @property
    def callback(self) -> str:
        return f"{self.address}/oauth/login/callback"

    @property
    def back_at_partner(self) -> str:
        return f"{self.address}/partner"

    def start(self, scope: str = "statements payments") -> str:
        """The address that the partner sends a browser to."""
        asked = {
            "client_id": self.partner.client_id,
            "response_type": "code",
            "redirect_uri": self.back_at_partner,
            "scope": scope,
            "state": "s",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"{self.address}/oauth/authorize?{urlencode(asked)}"

    def decide(self, person: Person, page: httpx2.Response, decision: str = "allow") -> dict[str, str]:
        """Press the button on the consent page; what it brings to the partner."""
        assert "Разрешить" in page.text, page.text
        csrf = page.text.split('name="csrf" value="')[1].split('"')[0]
        form = {"csrf": csrf, "decision": decision, "customer": "cu_romashka", "account": "acc_main", "days": "180"}
        answer = person.send(str(page.url), form, until=self.back_at_partner, Origin=self.address)
        return dict(parse_qsl(urlsplit(answer.headers["Location"]).query))

    def redeem(self, code: str) -> httpx2.Response:
        form = {"grant_type": "authorization_code", "code": code, "redirect_uri": self.back_at_partner}
        assert self.partner.client_secret
        headers = {"Authorization": basic(self.partner.client_id, self.partner.client_secret)}
        return httpx2.post(
            f"{self.address}/oauth/token", data=form | {"code_verifier": "v" * 43}, headers=headers, trust_env=False
        )

    def connect(self, person: Person | None = None, scope: str = "statements payments") -> httpx2.Response:
        """The whole right way."""
        person = person or Person.at_a_new_browser()
        page = person.open(self.start(scope))
        return self.redeem(self.decide(person, person.log_in(page))["code"])


@contextmanager
def serve(database: Database, port: int, login: OidcLogin) -> Iterator[tuple[str, Context]]:
    """The adapter's pages with this login."""
    bank = OidcBank(SystemClock())  # type: ignore[arg-type]
    bank.login = login
    address = f"http://127.0.0.1:{port}"
    app: Flask = make_site(database, bank, issuer=address)
    listener = make_server("127.0.0.1", port, app, threaded=True)
    thread = threading.Thread(target=listener.serve_forever)
    thread.start()
    try:
        yield address, app.extensions[EXTENSION]
    finally:
        listener.shutdown()
        thread.join()
        listener.server_close()


@contextmanager
def serve_site(database: Database, port: int, provider: IdentityProvider, login: OidcLogin) -> Iterator[Site]:
    """The same with a partner that has its credentials."""
    with serve(database, port, login) as (address, server):
        yield Site(address, server, provider, take_on_partner(server, address))


def take_on_partner(server: Context, address: str) -> partners.Credentials:
    actors.open_staff(server)
    partner_id, receipt = actors.apply(server, redirect_uris=[f"{address}/partner"], ip_ranges=["127.0.0.0/24"])
    actors.approve(server, partner_id)
    with server.transaction() as tx:
        return partners.claim_credentials(tx, receipt, settings=server.settings, now=server.now())


@pytest.fixture(scope="module")
def port() -> int:
    return free_port()


@pytest.fixture(scope="module")
def key_file(tmp_path_factory: pytest.TempPathFactory) -> str:
    path = str(tmp_path_factory.mktemp("keys") / "adapter.json")
    write_new_key(path, "adapter-1")
    return path


def registered(port: int, key_file: str) -> list[Mapping[str, Any]]:
    """The adapter twice: with a secret and with a key."""
    common = {"redirect_uris": [f"http://127.0.0.1:{port}/oauth/login/callback"]}
    with_secret = {"client_id": "adapter-with-secret", "client_secret": SECRET, **common}
    with_key = {
        "client_id": "adapter-with-key",
        "token_endpoint_auth_method": "private_key_jwt",
        "id_token_signed_response_alg": "ES256",
        "jwks": {"keys": [dict(read_signing_key(key_file).public)]},
        **common,
    }
    return [with_secret, with_key]


@pytest.fixture(scope="module")
def provider(port: int, key_file: str) -> Iterator[IdentityProvider]:
    with run_provider(registered(port, key_file)) as running:
        yield running


def options(provider: IdentityProvider, **changes: Any) -> OidcOptions:
    told: dict[str, Any] = {
        "issuer": provider.issuer,
        "client_id": "adapter-with-secret",
        "client_secret": SECRET,
        "client_key_file": "",
        "scope": "openid profile",
        "strong_acrs": (CODE,),
        "ca_file": "",
    }
    return OidcOptions(**(told | changes))


@pytest.fixture
def site(sqlite: Database, port: int, provider: IdentityProvider) -> Iterator[Site]:
    login = OidcLogin(options(provider), SystemClock(), sqlite.writer)
    with serve_site(sqlite, port, provider, login) as running:
        yield running


def test_a_person_logs_in_at_the_bank_and_connects_a_service(site: Site) -> None:
    person = Person.at_a_new_browser()
    login_page = person.open(site.start())
    asked = asked_of(login_page)
    assert (asked["acr_values"], asked["prompt"], asked["code_challenge_method"]) == (CODE, "login", "S256")
    assert {"state", "nonce", "max_age"} <= set(asked)
    consent_page = person.log_in(login_page)
    assert "Иванова Мария Петровна" in consent_page.text  # from the UserInfo endpoint
    answer = site.redeem(site.decide(person, consent_page)["code"])
    assert answer.status_code == 200
    assert answer.json()["scope"] == "payments statements"
    with site.server.reading() as connection:
        kept = connection.execute(sa.select(consents)).one()
    assert (kept.user_id, kept.acr, kept.amr) == ("u_ivanova", CODE, ["pwd", "otp"])
    assert abs((site.server.now() - kept.authenticated_at).total_seconds()) < 60


def test_the_adapter_proves_itself_by_a_key(
    sqlite: Database, port: int, provider: IdentityProvider, key_file: str
) -> None:
    changes = {"client_id": "adapter-with-key", "client_secret": "", "client_key_file": key_file}
    login = OidcLogin(options(provider, **changes), SystemClock(), sqlite.writer)
    with serve_site(sqlite, port, provider, login) as site:
        assert site.connect().status_code == 200


def test_a_wrong_secret_of_ours_is_our_trouble_and_not_the_persons(
    sqlite: Database, port: int, provider: IdentityProvider
) -> None:
    person = Person.at_a_new_browser()
    mistaken = OidcLogin(options(provider, client_secret="another"), SystemClock(), sqlite.writer)
    with serve_site(sqlite, port, provider, mistaken) as site:
        start = site.start()
        assert person.log_in(person.open(start)).status_code == 503
    mended = OidcLogin(options(provider), SystemClock(), sqlite.writer)
    with serve(sqlite, port, mended):
        assert site.redeem(site.decide(person, person.log_in(person.open(start)))["code"]).status_code == 200


def test_a_weaker_login_than_asked_is_told_and_a_stronger_one_goes_on(site: Site) -> None:
    person = Person.at_a_new_browser()
    told = person.log_in(person.open(site.start()), acr=PASSWORD)
    assert told.status_code == 403
    assert "Нужен вход с подтверждением" in told.text
    again = person.open(str(told.url).split("?")[0])  # the button
    assert asked_of(again)["prompt"] == "login"
    assert site.redeem(site.decide(person, person.log_in(again))["code"]).status_code == 200


def test_statements_need_no_more_than_a_password_and_use_the_login_that_there_is(site: Site) -> None:
    person = Person.at_a_new_browser()
    page = person.log_in(person.open(site.start("statements")), acr=PASSWORD)
    assert "code" in site.decide(person, page)
    second = person.open(site.start("statements"))  # logged in at the provider just now: no login page
    assert "code" in site.decide(person, second)


def test_payments_ask_for_a_login_though_there_is_one(site: Site) -> None:
    person = Person.at_a_new_browser()
    person.log_in(person.open(site.start("statements")), acr=PASSWORD)
    login_page = person.open(site.start())
    assert asked_of(login_page)["acr_values"] == CODE
    assert site.redeem(site.decide(person, person.log_in(login_page))["code"]).status_code == 200


@pytest.mark.browser
def test_a_real_browser_goes_the_whole_way(site: Site) -> None:
    """Policies and cookies of the pages let it through, to the provider and back, without scripts."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_context(java_script_enabled=False, locale="ru-RU").new_page()
        page.goto(site.start())
        for acr in (PASSWORD, CODE):
            page.fill("input[name=login]", "u_ivanova")
            page.fill("input[name=acr]", acr)
            page.click("button")
            if acr == PASSWORD:
                assert "Нужен вход с подтверждением" in page.inner_text("main")
                page.click("text=Войти ещё раз")
        page.check("input[value=acc_main]")
        page.click("button[value=allow]")
        page.wait_for_url("**/partner?*code=*")
        code = parse_qs(urlsplit(page.url).query)["code"][0]
        browser.close()
    assert site.redeem(code).status_code == 200


def test_who_gives_up_at_the_bank_can_go_back_to_the_service(site: Site) -> None:
    person = Person.at_a_new_browser()
    page = person.open(site.start())
    told = person.send(str(page.url), {"give_up": "1"})
    assert told.status_code == 403
    assert "Вход не выполнен" in told.text
    csrf = told.text.split('name="csrf" value="')[1].split('"')[0]
    form = {"csrf": csrf, "decision": "refuse"}
    path = str(told.url).split("?")[0]
    answer = person.send(path, form, until=site.back_at_partner, Origin=site.address)
    assert parse_qs(urlsplit(answer.headers["Location"]).query)["error"] == ["access_denied"]
    assert site.connect(person).status_code == 200


def test_a_reply_is_good_once(site: Site) -> None:
    person = Person.at_a_new_browser()
    answer = person.log_in(person.open(site.start()), until=site.callback)
    reply = answer.headers["Location"]
    consent_page = person.open(reply)
    assert "Разрешить" in consent_page.text
    replayed = person.open(reply)
    assert "login=refused" in person.history[-1]
    assert site.redeem(site.decide(person, replayed)["code"]).status_code == 200  # who is logged in stays so


def test_a_reply_is_good_in_its_own_browser_alone(site: Site) -> None:
    person, other = Person.at_a_new_browser(), Person.at_a_new_browser()
    other.open(site.start())  # has a session with us, and a login of its own under way
    answer = person.log_in(person.open(site.start()), until=site.callback)
    stolen = other.open(answer.headers["Location"])
    assert stolen.status_code == 403
    assert "Разрешить" not in stolen.text
    page = person.open(answer.headers["Location"])
    assert site.redeem(site.decide(person, page)["code"]).status_code == 200


def test_a_code_of_another_login_is_refused(site: Site) -> None:
    """Its PKCE and its nonce are of that login."""
    person, other = Person.at_a_new_browser(), Person.at_a_new_browser()
    theirs = other.log_in(other.open(site.start()), until=site.callback).headers["Location"]
    own = person.log_in(person.open(site.start()), until=site.callback).headers["Location"]
    mixed = dict(parse_qsl(urlsplit(own).query)) | {"code": parse_qs(urlsplit(theirs).query)["code"][0]}
    told = person.open(f"{site.callback}?{urlencode(mixed)}")
    assert told.status_code == 403
    assert site.connect(person).status_code == 200


def test_new_keys_of_the_provider_are_found_by_the_first_token_they_sign(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert site.connect().status_code == 200
    site.provider.rotate_keys()
    person = Person.at_a_new_browser()
    told = person.log_in(person.open(site.start()))
    assert told.status_code == 403  # unknown to keys that were read a moment ago: not asked for again at once
    monkeypatch.setattr(key_sets, "ASK_AGAIN_S", 0.0)
    assert site.connect().status_code == 200


def test_a_provider_that_is_down_is_a_page_that_says_so(
    sqlite: Database, tmp_path: Path, port: int, key_file: str
) -> None:
    with run_provider(registered(port, key_file)) as provider:
        login = OidcLogin(options(provider), SystemClock(), sqlite.writer)
        with serve_site(sqlite, port, provider, login) as site:
            person = Person.at_a_new_browser()
            login_page = person.open(site.start())
            callback = person.log_in(login_page, until=site.callback).headers["Location"]
            provider.stop()
            told = person.open(callback)
            assert told.status_code == 503
            assert "Интернет-банк сейчас не отвечает" in told.text
    never_read = OidcLogin(options(provider), SystemClock(), sqlite.writer)
    with serve(sqlite, port, never_read) as (address, _server):
        told = Person.at_a_new_browser().open(f"{address}/customer")
        assert told.status_code == 503
