"""Who lets a service prepare payments has logged in strongly and just now; the consent keeps how."""

from __future__ import annotations

import pytest
import sqlalchemy as sa

from oauth import partners
from oauth.context import Context
from oauth.models import audit, consents
from oauth.ports import LoginRequest, LoginUnavailable
from tests.oauth.web.actors import Browser, answer_of, csrf_of, text_of
from tests.oauth.web.fakes import FakeBank

WEAK = "Нужен вход с подтверждением"


@pytest.mark.parametrize(
    ("scope", "strong", "max_age_s"),
    [("statements", False, 300), ("statements payments", True, 0), ("payments", True, 0)],
)
def test_payments_ask_for_a_strong_login_made_anew(
    browser: Browser, partner: partners.Partner, bank: FakeBank, scope: str, strong: bool, max_age_s: int
) -> None:
    browser.authorize(partner, scope=scope)
    assert (bank.asked[-1].needs_strong, bank.asked[-1].max_age_s) == (strong, max_age_s)


def test_a_weaker_login_than_asked_is_told_and_leads_nowhere_by_itself(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    bank.is_strong = False
    returned = browser.log_in(browser.authorize(partner))
    page = browser.open(returned.headers["Location"])
    assert page.status_code == 403
    assert WEAK in text_of(page)
    path = returned.headers["Location"].split("?")[0]
    again = browser.open(path)  # the button: a login that asks for strength once more
    assert again.status_code == 303
    assert bank.asked[-1].needs_strong
    bank.is_strong = True
    browser.log_in(again)
    assert "code" in answer_of(browser.decide(path))


def test_after_a_weaker_login_the_person_can_go_back_to_the_service(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    bank.is_strong = False
    returned = browser.log_in(browser.authorize(partner))
    page = browser.open(returned.headers["Location"])
    path = returned.headers["Location"].split("?")[0]
    answer = browser.send(path, {"csrf": csrf_of(page), "decision": "refuse"})
    assert answer_of(answer)["error"] == "access_denied"


def test_a_weak_login_is_enough_to_give_statements(browser: Browser, partner: partners.Partner, bank: FakeBank) -> None:
    bank.is_strong = False
    assert "code" in answer_of(browser.decide(browser.come_to_consent(partner, scope="statements")))


def test_a_form_sent_past_the_page_gives_no_payments_after_a_weak_login(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    """The page is not the guard: the decision is."""
    bank.is_strong = False
    shown = browser.open(browser.come_to_consent(partner, scope="statements"))
    path = browser.log_in(browser.authorize(partner)).headers["Location"].split("?")[0]
    form = {
        "csrf": csrf_of(shown),
        "decision": "allow",
        "customer": "cu_romashka",
        "account": "acc_main",
        "days": "180",
    }
    refused = browser.send(path, form)
    assert refused.status_code == 403
    assert "Location" not in refused.headers
    bank.is_strong = True
    browser.log_in(browser.open(path))
    assert "code" in answer_of(browser.decide(path))


def test_a_strong_login_of_a_while_ago_is_asked_for_again(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    path = browser.come_to_consent(partner)
    bank.clock.advance(minutes=5, seconds=1)
    again = browser.open(path)
    assert again.status_code == 303
    browser.log_in(again)
    assert "code" in answer_of(browser.decide(path))


def test_who_saw_the_page_in_time_has_time_to_read_it(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    path = browser.come_to_consent(partner)
    token = csrf_of(browser.open(path))
    bank.clock.advance(minutes=25)
    form = {"csrf": token, "decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    assert "code" in answer_of(browser.send(path, form))


def test_giving_up_a_second_login_is_told_and_leads_nowhere_by_itself(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    """Somebody is logged in, yet not well enough: that must not send the browser round."""
    bank.is_strong = False
    path = browser.log_in(browser.authorize(partner)).headers["Location"].split("?")[0]
    returned = browser.return_from_login(browser.open(path), "wrong ticket")
    assert browser.open(returned.headers["Location"]).status_code == 403
    bank.is_strong = True
    browser.log_in(browser.open(path))
    assert "code" in answer_of(browser.decide(path))


def test_the_consent_and_its_record_keep_how_the_person_logged_in(
    browser: Browser, partner: partners.Partner, server: Context, bank: FakeBank
) -> None:
    browser.decide(browser.come_to_consent(partner))
    with server.reading() as connection:
        kept = connection.execute(sa.select(consents)).one()
        told = connection.execute(sa.select(audit.c.detail).where(audit.c.action == "consent.given")).scalar_one()
    assert (kept.acr, kept.amr, kept.authenticated_at) == ("sms", ["pwd", "otp"], bank.clock.now())
    assert (told["acr"], told["amr"]) == ("sms", ["pwd", "otp"])
    assert told["authenticated_at"] == bank.clock.now().isoformat()


def test_a_bank_whose_login_is_down_is_a_page_that_says_so(
    browser: Browser, partner: partners.Partner, bank: FakeBank, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_request: LoginRequest) -> str:
        raise LoginUnavailable

    with monkeypatch.context() as patched:
        patched.setattr(bank, "begin", fail)
        for page in (browser.authorize(partner), browser.open("/customer")):
            assert page.status_code == 503
            assert "Интернет-банк сейчас не отвечает" in text_of(page)
            assert page.headers["Retry-After"] == "30"
    assert "code" in answer_of(browser.decide(browser.come_to_consent(partner)))
