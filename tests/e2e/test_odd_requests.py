"""Bytes that no well-behaved client sends, to every endpoint: never a 5xx, never a hang, and the bank goes on."""

from __future__ import annotations

import re
import uuid
from collections.abc import Iterator
from urllib.parse import urlsplit

import httpx2
import psycopg
import pyotp
import pytest
from sqlalchemy.engine import make_url

from adapter.app import create_app
from adapter.demo.browser import Browser
from adapter.demo.world import World
from adapter.parts import open_parts
from adapter.settings import Settings
from tests.e2e.connected import connected_partner
from tests.e2e.odd_requests import ask, list_odd_requests
from tests.scale import scale

VARIABLE = re.compile(r"<(?:any\((?P<first>\w+)[^>]*|(?:\w+:)?(?P<name>\w+))>")
TEXTS = {
    "a NUL": "a\0b",
    "astral": "💸" * 100,
    "long": "а" * 30_000,
    "lines": "a\r\nb",
    "markup": "<script>'\"--;{{7*7}}%s%n",
    "a number": "9" * 400,
}
SKIPPED = {"/sandbox/control"}  # commands of a test bench, which a test may break on purpose


@pytest.fixture(scope="module", params=scale(["postgres"], ["sqlite", "postgres"]))
def world(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    """On PostgreSQL first: it refuses characters that SQLite takes."""
    folder = tmp_path_factory.mktemp("bank")
    environment = {"BANK_ADAPTER_LOG_LEVEL": "WARNING", "BANK_ADAPTER_FEED_WAIT_MAX_S": "1"}
    if request.param == "postgres":
        environment["BANK_ADAPTER_DATABASE_URL"] = _make_database(request.getfixturevalue("postgres_server"))
    with connected_partner(folder, **environment) as found:
        yield found


@pytest.fixture(scope="module")
def endpoints(tmp_path_factory: pytest.TempPathFactory) -> list[tuple[str, str]]:
    """Method and path of every route of the product, its variables filled in."""
    folder = tmp_path_factory.mktemp("routes")
    urls = {"database_url": f"sqlite:///{folder}/a.db", "sandbox_database_url": f"sqlite:///{folder}/s.db"}
    parts = open_parts(Settings(secret_key="k" * 40, **urls))
    app = create_app(parts)
    found = {
        (method, VARIABLE.sub(_sample, rule.rule))
        for rule in app.url_map.iter_rules()
        for method in rule.methods or ()
        if method not in ("HEAD", "OPTIONS")
    }
    parts.close()
    return sorted(one for one in found if not one[1].startswith(tuple(SKIPPED)))


def test_unknown_callers_get_no_5xx(world: World, endpoints: list[tuple[str, str]]) -> None:
    assert send_everything(world, endpoints, {}) == ""
    assert_the_bank_goes_on(world)


def test_a_partner_with_a_token_gets_no_5xx(world: World, endpoints: list[tuple[str, str]]) -> None:
    of_the_api = [
        (method, path.replace("acc_0", world.account_id))
        for method, path in endpoints
        if path.startswith("/v1/") and method != "DELETE"
    ]
    headers = {"Authorization": f"Bearer {world.partner.access_token}"}
    assert send_everything(world, of_the_api, headers) == ""
    assert_the_bank_goes_on(world)


def test_people_who_are_logged_in_get_no_5xx(world: World, endpoints: list[tuple[str, str]]) -> None:
    """Reading only: what changes something asks for the token of its form first."""
    staff = next(one for one in world.bank.logins["staff"] if one["role"] == "auditor")
    browser = world.new_browser()
    page = browser.open("/admin")
    code = pyotp.TOTP(staff["totp_secret"]).now()
    values = {"login": staff["login"], "password": staff["password"], "code": code}
    assert browser.submit(page, page.form(having="password"), values).status == 200
    for person, start in ((browser, "/admin"), (world.customer, "/customer"), (world.customer, "/sandbox")):
        pages = [(method, path) for method, path in endpoints if method == "GET" and path.startswith(start)]
        assert pages
        assert send_everything(world, pages, {"Cookie": cookies_of(person)}) == ""
    assert browser.open("/admin").status == 200


@pytest.mark.parametrize(
    ("address", "field"), [("/apply", "legal_name"), ("/apply/status", "receipt"), ("/admin", "login")]
)
def test_odd_texts_in_forms_get_no_5xx(world: World, address: str, field: str) -> None:
    for what, text in TEXTS.items():
        browser = world.new_browser()
        page = browser.open(address)
        form = page.form(having=field)
        fields = {one.name for one in form.fields if one.kind in ("text", "password", "email", "url", "textarea")}
        assert field in fields
        assert browser.submit(page, form, dict.fromkeys(fields, text)).status < 500, what


def cookies_of(browser: Browser) -> str:
    return "; ".join(f"{one.name}={one.value}" for one in browser._http.cookies.jar)


def send_everything(world: World, endpoints: list[tuple[str, str]], headers: dict[str, str]) -> str:
    """What was answered by a 5xx or not at all."""
    port = urlsplit(world.bank.url).port
    assert port
    failed = []
    for method, path in endpoints:
        for odd in list_odd_requests(method, path, headers):
            try:
                status = ask(port, odd.data)
            except TimeoutError:
                status = 599
            if status >= 500 and not (status == 503 and path == "/health/ready"):
                failed.append(f"{method} {path}: {odd.what}: {status}")
    return "\n".join(failed)


def assert_the_bank_goes_on(world: World) -> None:
    assert httpx2.get(f"{world.bank.url}/health/ready", timeout=30).status_code == 200
    assert world.partner.call("GET", "/v1/accounts").status == 200


def _sample(variable: re.Match[str]) -> str:
    return variable["first"] or {"account_id": "acc_0"}.get(variable["name"], "odd_0")


def _make_database(server_url: str) -> str:
    name = f"odd_{uuid.uuid4().hex[:12]}"
    with psycopg.connect(server_url, autocommit=True) as connection:
        connection.execute(f"CREATE DATABASE {name}")
    url = make_url(server_url).set(drivername="postgresql+psycopg", database=name)
    return url.render_as_string(hide_password=False)
