"""X02: cookies and transport security under https and, for the sandbox, under http on loopback."""

from __future__ import annotations

from adapter.store.database import Database
from tests.oauth.web.conftest import make_site
from tests.oauth.web.fakes import FakeBank


def test_cookies_are_bound_to_the_host_under_https(sqlite: Database, bank: FakeBank) -> None:
    client = make_site(sqlite, bank, issuer="https://bank.example").test_client()
    answer = client.get("/customer", base_url="https://bank.example")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("__Host-bank-customer=cs_")
    for attribute in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
        assert attribute in cookie
    assert "Domain" not in cookie
    assert answer.headers["Strict-Transport-Security"].startswith("max-age=63072000")


def test_the_sandbox_has_plain_cookies_on_loopback(sqlite: Database, bank: FakeBank) -> None:
    client = make_site(sqlite, bank).test_client()
    answer = client.get("/admin/login", base_url="http://127.0.0.1:8000")
    cookie = answer.headers["Set-Cookie"]
    assert cookie.startswith("bank-form=")
    assert "Secure" not in cookie
    assert "HttpOnly" in cookie
    assert "Strict-Transport-Security" not in answer.headers


def test_styles_and_fonts_come_from_here(sqlite: Database, bank: FakeBank) -> None:
    client = make_site(sqlite, bank).test_client()
    styles = client.get("/oauth/static/pages.css")
    assert styles.mimetype == "text/css"
    assert "max-age=3600" in styles.headers["Cache-Control"]
    assert "http" not in styles.text.replace("https://github.com", "")
    assert client.get("/oauth/static/fonts/golos-cyrillic.woff2").status_code == 200
