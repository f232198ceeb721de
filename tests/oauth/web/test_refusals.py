"""Rarer refusals: what is safe to tell the partner, odd decisions, and two presses at the very same time."""

from __future__ import annotations

import threading

import pytest
import sqlalchemy as sa

import oauth
from adapter.store.database import Database
from oauth import partners
from oauth.context import EXTENSION
from oauth.models import codes as codes_table
from tests.oauth.web import actors
from tests.oauth.web.actors import ISSUER, Browser, answer_of, csrf_of, text_of
from tests.oauth.web.conftest import make_site
from tests.oauth.web.fakes import FakeBank


@pytest.mark.parametrize(
    ("wrong", "error"),
    [
        ({"scope": "statements admin"}, "invalid_scope"),
        ({"response_type": "token"}, "unsupported_response_type"),
        ({"code_challenge_method": "plain"}, "invalid_request"),
    ],
)
def test_an_error_of_a_known_partner_is_told_by_redirect(
    browser: Browser, partner: partners.Partner, wrong: dict[str, str], error: str
) -> None:
    """Z08: with state and iss, to the registered address."""
    answer = answer_of(browser.authorize(partner, **wrong))
    assert (answer["error"], answer["state"], answer["iss"]) == (error, "af0ifjsldkj", ISSUER)
    assert "code" in answer_of(browser.decide(browser.come_to_consent(partner)))


@pytest.mark.parametrize("decision", ["", "ALLOW", "yes"])
def test_only_the_two_buttons_decide(browser: Browser, partner: partners.Partner, decision: str) -> None:
    path = browser.come_to_consent(partner)
    assert browser.decide(path, decision).status_code == 400
    assert "code" in answer_of(browser.decide(path))


@pytest.mark.race
def test_pressing_twice_at_once_gives_one_code(postgres: Database, bank: FakeBank) -> None:
    """Z17."""
    site = make_site(postgres, bank)
    server = site.extensions[EXTENSION]
    actors.open_staff(server)
    partner = actors.approve(server, actors.apply(server)[0])
    browser = Browser.of(site, bank)
    path = browser.come_to_consent(partner)
    form = {"decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    form["csrf"], cookie = csrf_of(browser.open(path)), browser.session_cookie()
    together, statuses = threading.Barrier(8), []

    def press() -> None:
        same = Browser.of(site, bank)
        same.plant(cookie)
        together.wait()
        statuses.append(same.send(path, dict(form)).status_code)

    threads = [threading.Thread(target=press) for _number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses.count(303) == 1
    assert set(statuses) <= {303, 400, 409}
    with postgres.reading() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(codes_table)).scalar_one() == 1


def test_a_crash_is_told_without_details(sqlite: Database, bank: FakeBank) -> None:
    site = make_site(sqlite, bank)
    site.testing = False
    oauth.metadata.tables["staff_sessions"].drop(sqlite.writer)
    client = site.test_client()
    client.set_cookie("bank-staff", "ss_x", domain=actors.HOST)
    page = client.get("/admin", base_url=ISSUER)
    assert page.status_code == 500
    assert "У нас что-то сломалось" in text_of(page)
    assert "staff_sessions" not in page.text
