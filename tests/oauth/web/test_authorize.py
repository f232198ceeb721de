"""From the partner to the bank's login, the consent page, and back.

Letters and numbers in docstrings (Z07, C01 …) are the product's list of what an attacker or an accident may try.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from itertools import product

import pytest
import sqlalchemy as sa
from flask import Flask

from oauth import consents, partners, requests
from oauth.context import Context
from oauth.models import authorization_requests as requests_table
from oauth.models import codes as codes_table
from oauth.models import consents as consents_table
from tests.oauth.web import actors
from tests.oauth.web.actors import ISSUER, REDIRECT_URI, Browser, answer_of, csrf_of, text_of
from tests.oauth.web.fakes import DEPOSIT, FOREIGN, MAIN, PETROVA, ROMASHKA, SOLE, TAXES, FakeBank


def count(server: Context, table: sa.Table) -> int:
    with server.reading() as connection:
        return int(connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one())


def given(server: Context) -> consents.Consent:
    with server.reading() as connection:
        [consent] = consents.list_for_user(connection, "u_ivanova", now=server.now())
    return consent


def test_a_customer_agrees_and_the_partner_gets_one_code(browser: Browser, partner: partners.Partner) -> None:
    """Z07-Z09: 303 with state and iss."""
    path = browser.come_to_consent(partner)
    answer = answer_of(browser.decide(path))
    assert answer["code"].startswith("ac_")
    assert answer["state"] == "af0ifjsldkj"
    assert answer["iss"] == ISSUER


def test_the_consent_holds_what_was_chosen(browser: Browser, partner: partners.Partner, server: Context) -> None:
    browser.decide(browser.come_to_consent(partner), account=["acc_taxes"], days="30")
    consent = given(server)
    assert [account.account_id for account in consent.accounts] == ["acc_taxes"]
    assert consent.customer_id == ROMASHKA.customer_id
    assert consent.expires_at == datetime(2026, 12, 20, 20, 59, 59, tzinfo=UTC)  # the end of the day in Moscow
    assert consent.user_name == "Иванова Мария Петровна"


def test_the_page_says_who_asks_for_what_and_until_when(browser: Browser, partner: partners.Partner) -> None:
    """C01."""
    page = text_of(browser.open(browser.come_to_consent(partner)))
    for words in (
        "Platrum",
        "ООО «Платрум»",
        "7707083893",
        "управленческий учёт",
        "40702 810 4 0000 0012345",
        "до 19 мая 2027 г.",
        "Сервис не может отправить деньги",
        "platrum.example",
        DEPOSIT.reason or "",
    ):
        assert words in page


def test_names_with_markup_are_shown_as_text(browser: Browser, server: Context, codes: dict[str, str]) -> None:
    """C01."""
    hostile = actors.approve(server, actors.apply(server, name="<script>alert(1)</script>")[0])
    page = browser.open(browser.come_to_consent(hostile))
    assert "<script" not in page.text
    assert "&lt;script&gt;" in page.text


def test_nothing_is_ticked_beforehand(browser: Browser, partner: partners.Partner) -> None:
    page = browser.open(browser.come_to_consent(partner, account=MAIN.number))
    assert page.text.count('type="checkbox"') == 2
    assert '<input type="checkbox" name="account" value="acc_main" checked' not in page.text
    assert "Сервис назвал счёт 40702 810 4 0000 0012345" in text_of(page)


def test_the_only_account_is_ticked(browser: Browser, partner: partners.Partner, bank: FakeBank) -> None:
    bank.accounts_of["cu_romashka"] = [MAIN, DEPOSIT]
    page = browser.open(browser.come_to_consent(partner))
    assert 'value="acc_main" checked' in page.text


def test_a_hint_of_a_foreign_account_is_told_and_not_offered(browser: Browser, partner: partners.Partner) -> None:
    """P25."""
    page = browser.open(browser.come_to_consent(partner, account="40702810900000099999"))
    assert "среди ваших счетов, которые можно открыть, его нет" in text_of(page)
    assert page.text.count('type="checkbox"') == 2


def test_without_an_account_the_page_comes_again_with_the_choices_kept(
    browser: Browser, partner: partners.Partner, server: Context
) -> None:
    path = browser.come_to_consent(partner)
    page = browser.decide(path, account=[], days="30")
    assert page.status_code == 422
    assert "Отметьте хотя бы один счёт" in text_of(page)
    assert 'value="30" required checked' in page.text
    assert count(server, codes_table) == 0
    assert "code" in answer_of(browser.decide(path))


def test_too_many_accounts_are_told_on_the_form(
    browser: Browser, partner: partners.Partner, bank: FakeBank, server: Context
) -> None:
    ids = [f"acc_{number}" for number in range(consents.ACCOUNTS_MAX + 1)]
    bank.accounts_of["cu_romashka"] = [replace(MAIN, account_id=account_id) for account_id in ids]
    path = browser.come_to_consent(partner)
    page = browser.decide(path, account=ids)
    assert page.status_code == 422
    assert f"не больше {consents.ACCOUNTS_MAX} счетов" in text_of(page)
    assert count(server, consents_table) == 0
    assert "code" in answer_of(browser.decide(path, account=ids[1:]))


def test_a_company_is_chosen_among_several_and_the_barred_one_has_its_reason(
    browser: Browser, partner: partners.Partner, bank: FakeBank, server: Context
) -> None:
    bank.companies = [ROMASHKA, PETROVA, FOREIGN]
    path = browser.come_to_consent(partner)
    page = browser.open(path)
    assert "подключать сервисы может только руководитель" in text_of(page)
    assert 'type="radio" name="customer" value="cu_romashka" required>' in page.text
    assert browser.decide(path, customer="").status_code == 422
    # A tick left under the other company does not count.
    answer_of(browser.decide(path, customer=PETROVA.customer_id, account=[MAIN.account_id, SOLE.account_id]))
    assert [account.account_id for account in given(server).accounts] == [SOLE.account_id]


def test_a_person_without_the_right_cannot_speak_for_a_company(
    browser: Browser, partner: partners.Partner, bank: FakeBank, server: Context
) -> None:
    """C07."""
    bank.companies = [ROMASHKA, FOREIGN]
    bank.accounts_of[FOREIGN.customer_id] = [TAXES]
    path = browser.come_to_consent(partner)
    assert browser.decide(path, customer=FOREIGN.customer_id, account=["acc_taxes"]).status_code == 403
    assert count(server, consents_table) == 0
    assert "code" in answer_of(browser.decide(path))


@pytest.mark.parametrize("account", ["acc_deposit", "acc_unknown", "acc_sole"])
def test_an_account_that_was_not_offered_is_refused(
    browser: Browser, partner: partners.Partner, server: Context, account: str
) -> None:
    path = browser.come_to_consent(partner)
    assert browser.decide(path, account=["acc_main", account]).status_code == 422
    assert count(server, consents_table) == 0
    assert "code" in answer_of(browser.decide(path))


def test_a_term_that_was_not_offered_is_refused(browser: Browser, partner: partners.Partner, server: Context) -> None:
    path = browser.come_to_consent(partner)
    assert browser.decide(path, days="99999").status_code == 422
    assert count(server, consents_table) == 0
    assert "code" in answer_of(browser.decide(path))


def test_who_speaks_for_nobody_can_only_go_back(browser: Browser, partner: partners.Partner, bank: FakeBank) -> None:
    bank.companies = [FOREIGN]
    path = browser.come_to_consent(partner)
    page = browser.open(path)
    assert "Вы не можете дать доступ" in text_of(page)
    assert "allow" not in page.text
    assert answer_of(browser.decide(path, "refuse"))["error"] == "access_denied"


def test_refusing_tells_the_partner_and_gives_nothing(
    browser: Browser, partner: partners.Partner, server: Context
) -> None:
    """Z07."""
    answer = answer_of(browser.decide(browser.come_to_consent(partner), "refuse"))
    assert answer == {"error": "access_denied", "state": "af0ifjsldkj", "iss": ISSUER}
    assert count(server, codes_table) == 0


def test_giving_up_at_the_login_can_go_back_to_the_partner(browser: Browser, partner: partners.Partner) -> None:
    returned = browser.return_from_login(browser.authorize(partner), "wrong ticket")
    page = browser.open(returned.headers["Location"])
    assert page.status_code == 403
    assert "Вход не выполнен" in text_of(page)
    path = returned.headers["Location"].split("?")[0]
    answer = browser.send(path, {"csrf": csrf_of(page), "decision": "refuse"})
    assert answer_of(answer)["error"] == "access_denied"


def test_logging_in_again_after_a_refused_login_works(browser: Browser, partner: partners.Partner) -> None:
    returned = browser.return_from_login(browser.authorize(partner), "wrong ticket")
    path = returned.headers["Location"].split("?")[0]
    browser.log_in(browser.open(path))
    assert "code" in answer_of(browser.decide(path))


@pytest.mark.parametrize(
    "wrong",
    [
        {"client_id": "pc_nobody"},
        {"redirect_uri": "https://evil.example/"},
        {"redirect_uri": REDIRECT_URI + "/x"},
        {"request_uri": "urn:ietf:params:oauth:request_uri:unknown"},
        {"request_uri": "https://evil.example/request"},
    ],
)
def test_what_cannot_be_trusted_ends_on_a_page_of_the_bank(
    browser: Browser, partner: partners.Partner, wrong: dict[str, str]
) -> None:
    """Z01, Z03, Z14, L02: 400 with an error number, no redirect."""
    page = browser.authorize(partner, **wrong)
    assert page.status_code == 400
    assert "Location" not in page.headers
    assert "evil" not in page.text
    assert 'id="error-id"' in page.text
    assert "code" in answer_of(browser.decide(browser.come_to_consent(partner)))


def test_a_page_opened_twice_can_still_be_answered(browser: Browser, partner: partners.Partner) -> None:
    """Z04."""
    path = browser.come_to_consent(partner)
    browser.open(path)
    assert "code" in answer_of(browser.decide(path))


def test_a_second_tab_does_not_break_the_first(browser: Browser, partner: partners.Partner) -> None:
    first = browser.come_to_consent(partner, state="one")
    second = browser.come_to_consent(partner, state="two")
    assert answer_of(browser.decide(first))["state"] == "one"
    assert answer_of(browser.decide(second))["state"] == "two"


def test_another_browser_cannot_answer(
    browser: Browser, other_browser: Browser, partner: partners.Partner, server: Context
) -> None:
    """Z15."""
    path = browser.come_to_consent(partner)
    other = other_browser.come_to_consent(partner)
    token = csrf_of(other_browser.open(other))
    form = {"csrf": token, "decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    assert other_browser.send(path, form).status_code == 403
    assert other_browser.open(path).status_code == 403
    assert count(server, consents_table) == 0
    assert "code" in answer_of(browser.decide(path))


@pytest.mark.parametrize(
    ("csrf", "headers"),
    [
        (None, {}),
        ("", {}),
        ("wrong", {}),
        ("right", {"Origin": "https://evil.example"}),
        ("right", {"Sec-Fetch-Site": "cross-site", "Origin": "null"}),
        ("right", {"Sec-Fetch-Site": "same-site"}),
    ],
)
def test_a_form_from_elsewhere_is_refused(
    browser: Browser, partner: partners.Partner, server: Context, csrf: str | None, headers: dict[str, str]
) -> None:
    """Z16."""
    path = browser.come_to_consent(partner)
    token = csrf_of(browser.open(path))
    form: dict[str, object] = {"decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    if csrf is not None:
        form["csrf"] = token if csrf == "right" else csrf
    assert browser.send(path, form, **headers).status_code == 403
    assert count(server, consents_table) == 0
    assert "code" in answer_of(browser.send(path, form | {"csrf": token}))


def test_a_browser_that_hides_its_origin_is_served(browser: Browser, partner: partners.Partner) -> None:
    path = browser.come_to_consent(partner)
    form = {"decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    form["csrf"] = csrf_of(browser.open(path))
    answer = browser.send(path, form, Origin="null", **{"Sec-Fetch-Site": "same-origin"})
    assert "code" in answer_of(answer)


def test_a_decision_cannot_be_made_by_get(browser: Browser, partner: partners.Partner, server: Context) -> None:
    """Z16."""
    path = browser.come_to_consent(partner)
    browser.open(f"{path}?decision=allow&customer=cu_romashka&account=acc_main&days=180")
    assert count(server, consents_table) == 0
    put = browser.client.put(path, base_url=ISSUER)
    assert put.status_code == 405
    assert "POST" in put.headers["Allow"]


def test_the_same_form_sent_twice_gives_one_code(browser: Browser, partner: partners.Partner, server: Context) -> None:
    """Z17, Z05."""
    path = browser.come_to_consent(partner)
    form = {"decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    form["csrf"] = csrf_of(browser.open(path))
    assert "code" in answer_of(browser.send(path, form))
    again = browser.send(path, form)
    assert again.status_code == 400
    assert "Вы уже ответили" in text_of(again)
    assert "Location" not in again.headers
    assert count(server, codes_table) == 1


def test_an_answer_too_late_is_refused(
    browser: Browser, partner: partners.Partner, server: Context, bank: FakeBank
) -> None:
    path = browser.come_to_consent(partner)
    form = {"decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    form["csrf"] = csrf_of(browser.open(path))
    bank.clock.advance(minutes=31)
    assert browser.send(path, form).status_code in (400, 403)
    assert count(server, codes_table) == 0
    assert "code" in answer_of(browser.decide(browser.come_to_consent(partner)))


def test_an_old_login_is_asked_for_again(browser: Browser, partner: partners.Partner, bank: FakeBank) -> None:
    """FAPI: a consent needs a login of the last ten minutes."""
    path = browser.come_to_consent(partner)
    bank.clock.advance(minutes=11)
    again = browser.open(path)
    assert again.status_code == 303
    assert again.headers["Location"].startswith("https://bank.example/login")
    browser.log_in(again)
    assert "code" in answer_of(browser.decide(path))


def test_an_abandoned_browser_agrees_to_nothing_without_a_new_login(
    browser: Browser, partner: partners.Partner, server: Context, bank: FakeBank
) -> None:
    """Opening request after request neither keeps a session awake nor stands in for a login."""
    token = csrf_of(browser.open(browser.come_to_consent(partner)))
    form = {"decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180", "csrf": token}
    bank.clock.advance(minutes=9)
    browser.authorize(partner)  # and the bank's login is left alone
    path = f"/oauth/consent/{opened_last(server)}"
    answer = browser.send(path, form)
    assert answer.status_code == 403
    assert "Войти ещё раз" in text_of(answer)
    assert count(server, codes_table) == 0
    browser.log_in(browser.open(path))
    assert "code" in answer_of(browser.decide(path))


def test_asking_for_a_login_keeps_no_session_awake(browser: Browser, partner: partners.Partner, bank: FakeBank) -> None:
    browser.come_to_consent(partner)
    bank.clock.advance(minutes=9)
    browser.authorize(partner)
    bank.clock.advance(minutes=2)
    assert browser.open("/customer").headers["Location"].startswith("https://bank.example/login")
    assert browser.open_customer().status_code == 200


def opened_last(server: Context) -> str:
    table = requests_table
    with server.reading() as connection:
        return str(connection.execute(sa.select(table.c.id).order_by(table.c.created_at.desc())).scalars().first())


def test_of_two_browsers_with_one_link_the_first_login_keeps_it(
    browser: Browser, other_browser: Browser, partner: partners.Partner, server: Context, bank: FakeBank
) -> None:
    uri = push(server, partner)
    link = f"/oauth/authorize?client_id={partner.client_id}&request_uri={uri}"
    first, second = browser.open(link), other_browser.open(link)
    path = browser.log_in(first).headers["Location"]
    assert other_browser.log_in(second).headers["Location"] == path
    assert other_browser.open(path).status_code == 403
    assert "code" in answer_of(browser.decide(path))


def push(server: Context, partner: partners.Partner) -> str:
    """A request_uri, as the partner's own program gets it."""
    asked = {"redirect_uri": REDIRECT_URI, "scope": "statements payments", "code_challenge": actors.CHALLENGE}
    with server.transaction() as tx:
        return requests.push(tx, partner.id, asked, settings=server.settings, now=server.now())


def test_a_suspended_partner_gets_no_consent(browser: Browser, partner: partners.Partner, server: Context) -> None:
    """P28 in the browser: the page that was open dies too."""
    path = browser.come_to_consent(partner)
    token = csrf_of(browser.open(path))
    with server.transaction() as tx:
        partners.suspend(tx, partner.id, staff_id="st_oper", role="operator", reason="проверка", now=server.now())
    form = {"csrf": token, "decision": "allow", "customer": "cu_romashka", "account": "acc_main", "days": "180"}
    assert browser.send(path, form).status_code == 400
    assert browser.authorize(partner).status_code == 400
    assert count(server, codes_table) == 0


def test_a_silent_bank_is_told_and_can_be_tried_again(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    path = browser.come_to_consent(partner)
    bank.is_down = True
    page = browser.open(path)
    assert page.status_code == 503
    assert "Интернет-банк сейчас не отвечает" in text_of(page)
    bank.is_down = False
    assert "code" in answer_of(browser.decide(path))


def test_the_login_reply_must_belong_to_this_browser(
    browser: Browser, other_browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    """Login CSRF: an attacker's ticket and state in a victim's browser log nobody in."""
    theirs = other_browser.authorize(partner)
    returned = browser.return_from_login(theirs, bank.ticket())
    assert returned.headers["Location"].endswith("?login=refused")
    assert browser.open(returned.headers["Location"]).status_code == 403
    other_browser.log_in(theirs)


@pytest.mark.parametrize("state", ["", "x", "//evil.example", "eyJhIjoxfQ.aaaa.bbbb"])
def test_a_made_up_login_state_is_refused(browser: Browser, partner: partners.Partner, state: str) -> None:
    """L03."""
    path = browser.come_to_consent(partner)
    answer = browser.open(f"/oauth/login/callback?state={state}&ticket=t")
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "code" in answer_of(browser.decide(path))


def test_the_way_back_from_the_login_by_the_back_button_is_harmless(
    browser: Browser, partner: partners.Partner, bank: FakeBank
) -> None:
    start = browser.authorize(partner)
    ticket = bank.ticket()
    path = browser.return_from_login(start, ticket).headers["Location"]
    again = browser.return_from_login(start, ticket)
    assert browser.open(again.headers["Location"]).status_code == 200
    assert "code" in answer_of(browser.decide(path))


def test_no_page_redirects_where_a_parameter_says(browser: Browser) -> None:
    """L02, L03."""
    names = ("url", "next", "return_to", "redirect_uri", "return_url")
    pages = ("/customer", "/apply", "/apply/status", "/admin", "/admin/login", "/oauth/authorize")
    for name, page, target in product(names, pages, ("//evil.example", "/\\evil.example", "https:evil.example")):
        answer = browser.client.get(page, base_url=ISSUER, query_string={name: target})
        assert "evil" not in answer.headers.get("Location", "")


def test_renewal_keeps_the_consent(browser: Browser, partner: partners.Partner, server: Context) -> None:
    browser.decide(browser.come_to_consent(partner), days="30")
    first = given(server)
    browser.decide(browser.come_to_consent(partner, consent_id=first.id), account=["acc_main", "acc_taxes"])
    renewed = given(server)
    assert renewed.id == first.id
    assert len(renewed.accounts) == 2


def test_who_connects_again_reads_that_the_new_decision_replaces_the_old_one(
    browser: Browser, partner: partners.Partner
) -> None:
    assert "заменит прежнее" not in text_of(browser.open(browser.come_to_consent(partner)))
    browser.decide(browser.come_to_consent(partner), account=["acc_taxes"])
    page = browser.open(browser.come_to_consent(partner))
    assert "Новое решение заменит прежнее" in text_of(page)
    assert page.text.count("открыт сейчас") == 1
    assert 'value="acc_taxes" checked' not in page.text  # open now is no reason to tick it for the customer


def test_every_answer_of_the_site_is_guarded(site: Flask, browser: Browser, partner: partners.Partner) -> None:
    """H03, H04, Z18."""
    for path in (browser.come_to_consent(partner), "/customer", "/apply", "/admin/login", "/oauth/authorize"):
        headers = browser.open(path).headers
        policy = headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "script" not in policy
        assert headers["X-Content-Type-Options"] == "nosniff"
        assert headers["Referrer-Policy"] == "no-referrer"
        assert headers["Cache-Control"] == "no-store"
        assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
        assert not [name for name, _value in headers.items() if name.startswith("Access-Control")]


def test_only_the_consent_page_may_lead_a_form_to_the_partner(browser: Browser, partner: partners.Partner) -> None:
    consent = browser.open(browser.come_to_consent(partner)).headers["Content-Security-Policy"]
    assert "form-action 'self' https://platrum.example;" in consent
    assert "form-action 'self';" in browser.open("/apply").headers["Content-Security-Policy"]
