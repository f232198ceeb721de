"""A customer looks after the services that have access."""

from __future__ import annotations

import pytest

from oauth import consents, partners
from oauth.context import Context
from tests.oauth.web.actors import Browser, csrf_of, text_of
from tests.oauth.web.fakes import FakeBank


@pytest.fixture
def consent(browser: Browser, partner: partners.Partner, server: Context) -> consents.Consent:
    """Given for two accounts in this browser, which stays logged in."""
    browser.decide(browser.come_to_consent(partner), account=["acc_main", "acc_taxes"])
    with server.reading() as connection:
        [found] = consents.list_for_user(connection, "u_ivanova", now=server.now())
    return found


def state_of(server: Context, consent: consents.Consent) -> consents.Consent:
    with server.reading() as connection:
        return consents.read_consent(connection, consent.id, now=server.now())


def test_connected_services_show_what_until_when_and_how_often(browser: Browser, consent: consents.Consent) -> None:
    page = text_of(browser.open_customer())
    for words in ("Platrum", "ООО «Ромашка»", "Действует", "до 19 мая 2027 г.", "2 счёта", "ещё не обращался"):
        assert words in page
    page = text_of(browser.open_customer(f"/customer/consents/{consent.id}"))
    for words in (
        "ООО «Платрум»",
        "Иванова Мария Петровна",
        "40702 810 7 0000 0012346",
        consent.id,
        "Получать выписки",
    ):
        assert words in page


def test_stopping_works_at_once_and_gives_a_receipt(
    browser: Browser, consent: consents.Consent, server: Context
) -> None:
    page = browser.open_customer(f"/customer/consents/{consent.id}/stop")
    done = browser.send(f"/customer/consents/{consent.id}/stop", {"csrf": csrf_of(page)})
    assert state_of(server, consent).state == "revoked"
    receipt = browser.open(done.headers["Location"])
    assert f"{consent.id}-3" in text_of(receipt)
    assert "Закончились" in text_of(browser.open("/customer"))


def test_stopping_twice_is_harmless(browser: Browser, consent: consents.Consent, server: Context) -> None:
    form = {"csrf": csrf_of(browser.open_customer(f"/customer/consents/{consent.id}/stop"))}
    browser.send(f"/customer/consents/{consent.id}/stop", form)
    assert browser.send(f"/customer/consents/{consent.id}/stop", form).status_code == 409
    assert state_of(server, consent).ended_by == "customer"


def test_stopping_takes_as_many_clicks_as_looking(browser: Browser, consent: consents.Consent) -> None:
    page = browser.open_customer().text
    assert page.count("button--plain") == 2
    assert f"/customer/consents/{consent.id}/stop" in page


def test_accounts_can_only_become_fewer(browser: Browser, consent: consents.Consent, server: Context) -> None:
    path = f"/customer/consents/{consent.id}/accounts"
    token = csrf_of(browser.open_customer(path))
    assert browser.send(path, {"csrf": token, "account": ["acc_main", "acc_sole"]}).status_code == 409
    assert browser.send(path, {"csrf": token, "account": ["acc_main", "acc_taxes"]}).status_code == 409
    empty = browser.send(path, {"csrf": token})
    assert empty.status_code == 422
    assert "Оставьте хотя бы один счёт" in text_of(empty)
    assert len(state_of(server, consent).accounts) == 2
    assert browser.send(path, {"csrf": token, "account": ["acc_taxes"]}).status_code == 303
    assert [account.account_id for account in state_of(server, consent).accounts] == ["acc_taxes"]


def test_foreign_consents_look_like_unknown_ones(
    browser: Browser, other_browser: Browser, consent: consents.Consent, bank: FakeBank, server: Context
) -> None:
    """C08."""
    own = csrf_of(browser.open_customer())
    bank.user_id, bank.user_name = "u_other", "Другой Человек"
    token = csrf_of(other_browser.open_customer())
    for path in ("", "/stop", "/accounts", "/receipt"):
        foreign = other_browser.open(f"/customer/consents/{consent.id}{path}")
        unknown = other_browser.open(f"/customer/consents/cn_000000000000000000000000{path}")
        assert foreign.status_code == unknown.status_code == 404
    assert "Platrum" not in text_of(other_browser.open("/customer"))
    assert other_browser.send(f"/customer/consents/{consent.id}/stop", {"csrf": token}).status_code == 404
    narrowed = other_browser.send(f"/customer/consents/{consent.id}/accounts", {"csrf": token, "account": ["acc_main"]})
    assert narrowed.status_code == 404
    assert state_of(server, consent).version == consent.version
    assert browser.send(f"/customer/consents/{consent.id}/stop", {"csrf": own}).status_code == 303


@pytest.mark.parametrize("headers", [{}, {"Origin": "https://evil.example"}])
def test_a_form_from_elsewhere_stops_nothing(
    browser: Browser, consent: consents.Consent, server: Context, headers: dict[str, str]
) -> None:
    token = csrf_of(browser.open_customer())
    form = {"csrf": token if headers else "wrong"}
    assert browser.send(f"/customer/consents/{consent.id}/stop", form, **headers).status_code == 403
    assert state_of(server, consent).state == "active"
    assert browser.send(f"/customer/consents/{consent.id}/stop", {"csrf": token}).status_code == 303


def test_without_a_login_a_form_does_nothing(
    browser: Browser, other_browser: Browser, consent: consents.Consent, server: Context
) -> None:
    form = {"csrf": csrf_of(browser.open_customer())}
    assert other_browser.send(f"/customer/consents/{consent.id}/stop", form).status_code == 403
    assert state_of(server, consent).state == "active"
    assert browser.send(f"/customer/consents/{consent.id}/stop", form).status_code == 303


def test_an_idle_session_logs_in_again(browser: Browser, consent: consents.Consent, bank: FakeBank) -> None:
    """X03."""
    assert browser.open_customer().status_code == 200
    bank.clock.advance(minutes=9)
    assert browser.open("/customer").status_code == 200
    bank.clock.advance(minutes=11)
    assert browser.open("/customer").status_code == 303
    assert browser.open_customer().status_code == 200


def test_a_busy_session_ends_after_an_hour(browser: Browser, consent: consents.Consent, bank: FakeBank) -> None:
    browser.open_customer()
    for _minutes in range(8):
        bank.clock.advance(minutes=8)
        last = browser.open("/customer")
    assert last.status_code == 303


def test_logging_out_ends_the_session_on_the_server(browser: Browser, consent: consents.Consent) -> None:
    page = browser.open_customer()
    cookie = browser.session_cookie()
    browser.send("/customer/logout", {"csrf": csrf_of(page)})
    browser.plant(cookie)
    assert browser.open("/customer").status_code == 303
    assert browser.open_customer().status_code == 200


def test_the_session_id_changes_at_login(browser: Browser, partner: partners.Partner) -> None:
    """X01."""
    start = browser.authorize(partner)
    before = browser.session_cookie()
    browser.log_in(start)
    assert browser.session_cookie() != before
    browser.plant(before)
    assert browser.open("/customer").headers["Location"].startswith("https://bank.example/login")


def test_a_refused_login_is_told(browser: Browser) -> None:
    returned = browser.return_from_login(browser.open("/customer"), "wrong ticket")
    page = browser.open(returned.headers["Location"])
    assert page.status_code == 403
    assert "Войти ещё раз" in text_of(page)
    assert browser.open_customer().status_code == 200


def test_there_is_no_receipt_before_the_end(browser: Browser, consent: consents.Consent) -> None:
    assert browser.open_customer(f"/customer/consents/{consent.id}/receipt").status_code == 404
