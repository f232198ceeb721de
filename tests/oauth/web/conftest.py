"""The pages on an empty SQLite database with a fake bank; what the database must guard is tested on both databases."""

from __future__ import annotations

import pytest
from flask import Flask

import oauth
from adapter.store.database import Database
from oauth import partners
from oauth.context import EXTENSION, Context
from tests.conftest import FakeClock
from tests.oauth.web import actors
from tests.oauth.web.actors import ISSUER, Browser, Desk
from tests.oauth.web.fakes import FakeBank


@pytest.fixture
def bank(clock: FakeClock) -> FakeBank:
    return FakeBank(clock)


def make_site(database: Database, bank: FakeBank, **settings: object) -> Flask:
    """A Flask application with nothing but the authorization server."""
    values: dict[str, object] = {
        "issuer": ISSUER,
        "secret_key": "k" * 40,
        "bank_name": "Банк «Заря»",
        "usage_flush_s": 0,
    }
    site = Flask("pages")
    site.testing = True  # a crash is a failed test, not a page
    oauth.init_app(
        site,
        settings=oauth.OAuthSettings(**(values | settings)),  # type: ignore[arg-type]
        reader=database.reader,
        writer=database.writer,
        customer_login=bank,
        directory=bank,
        statement_desk=bank.desk,
        operations_desk=bank.operations,
        clock=bank.clock,
    )
    return site


@pytest.fixture
def site(sqlite: Database, bank: FakeBank) -> Flask:
    return make_site(sqlite, bank)


@pytest.fixture
def server(site: Flask) -> Context:
    found: Context = site.extensions[EXTENSION]
    return found


@pytest.fixture
def browser(site: Flask, bank: FakeBank) -> Browser:
    return Browser.of(site, bank)


@pytest.fixture
def other_browser(site: Flask, bank: FakeBank) -> Browser:
    return Browser.of(site, bank)


@pytest.fixture
def codes(server: Context) -> dict[str, str]:
    """Employees exist; the secret of each one's one-time codes by login."""
    return actors.open_staff(server)


@pytest.fixture
def partner(server: Context, codes: dict[str, str]) -> partners.Partner:
    partner_id, _receipt = actors.apply(server)
    return actors.approve(server, partner_id)


@pytest.fixture
def desk(site: Flask, bank: FakeBank) -> Desk:
    return Desk(site, bank, site.test_client())
