"""A company applies, follows its application and takes its credentials once."""

from __future__ import annotations

import json
import re

import pytest
from cryptography.hazmat.primitives.asymmetric import ec

from oauth import audit, partners
from oauth.context import Context
from oauth.staff import read_staff
from oauth.web.apply import APPLICATIONS_MAX
from tests.oauth.web import actors
from tests.oauth.web.actors import Browser, csrf_of, text_of

FORM: dict[str, object] = {
    "name": "Platrum",
    "legal_name": "ООО «Платрум»",
    "inn": "7707083893",
    "website": "https://platrum.example",
    "purpose": "Загружаем выписку в управленческий учёт.",
    "expected_volume": "",
    "contact_name": "Олег Смирнов",
    "contact_email": "bank@platrum.example",
    "redirect_uris": "https://platrum.example/bank/callback\r\n",
    "scopes": ["statements", "payments"],
    "auth_method": "client_secret_basic",
    "ip_ranges": "203.0.113.0/28",
    "jwks": "",
}


def send(browser: Browser, **changes: object) -> actors.TestResponse:
    return browser.send("/apply", FORM | {"csrf": csrf_of(browser.open("/apply"))} | changes)


def marked(page: actors.TestResponse, id_: str) -> str:
    found = re.search(rf'id="{id_}">([^<]+)<', page.text)
    assert found, page.text
    return found[1]


def ask(browser: Browser, path: str, receipt: str) -> actors.TestResponse:
    return browser.send(path, {"csrf": csrf_of(browser.open("/apply/status")), "receipt": receipt})


def applied(server: Context) -> list[partners.Partner]:
    with server.reading() as connection:
        return list(partners.list_partners(connection))


def test_from_the_application_to_the_credentials(browser: Browser, server: Context, codes: dict[str, str]) -> None:
    page = send(browser)
    assert page.status_code == 201
    partner_id, receipt = marked(page, "application-number"), marked(page, "receipt-code")
    assert "рассматривают" in text_of(ask(browser, "/apply/status", receipt))
    assert ask(browser, "/apply/claim", receipt).status_code == 409
    actors.approve(server, partner_id)
    assert "Банк одобрил подключение" in text_of(ask(browser, "/apply/status", receipt))
    credentials = ask(browser, "/apply/claim", receipt)
    assert marked(credentials, "client-id").startswith("pc_")
    assert len(marked(credentials, "client-secret")) > 40
    again = ask(browser, "/apply/claim", receipt)
    assert again.status_code == 409
    assert "client-secret" not in again.text
    assert "уже получены" in text_of(ask(browser, "/apply/status", receipt))


def test_new_credentials_can_be_taken_after_two_people_agreed(
    browser: Browser, server: Context, codes: dict[str, str]
) -> None:
    partner_id, receipt = actors.apply(server)
    actors.approve(server, partner_id)
    first = marked(ask(browser, "/apply/claim", receipt), "client-secret")
    with server.transaction() as tx:
        olga = read_staff(tx, "olga")
        partners.request_reissue(tx, partner_id, staff_id=olga.id, role=olga.role, reason="утерян", now=server.now())
    assert ask(browser, "/apply/claim", receipt).status_code == 409
    with server.transaction() as tx:
        [change] = partners.list_changes(tx, partner_id=partner_id)
        pavel = read_staff(tx, "pavel")
        asked = {"staff_id": pavel.id, "role": pavel.role, "seen_digest": change.digest, "now": server.now()}
        renewed = partners.approve(tx, change.id, **asked).receipt_code
    assert ask(browser, "/apply/claim", receipt).status_code == 404
    assert marked(ask(browser, "/apply/claim", str(renewed)), "client-secret") != first
    with server.reading() as connection:
        [claim, _first] = audit.list_events(connection, action="partner.credentials_claimed")
    assert claim.ip == "127.0.0.1"


def test_a_partner_with_keys_gets_no_secret(browser: Browser, server: Context, codes: dict[str, str]) -> None:
    page = send(browser, auth_method="private_key_jwt", jwks=json.dumps({"keys": [public_key()]}), ip_ranges="")
    actors.approve(server, marked(page, "application-number"))
    credentials = ask(browser, "/apply/claim", marked(page, "receipt-code"))
    assert "client-secret" not in credentials.text
    assert "Секрета нет" in text_of(credentials)


def public_key() -> dict[str, str]:
    numbers = ec.generate_private_key(ec.SECP256R1()).public_key().public_numbers()
    x, y = (actors.urlsafe_b64encode(n.to_bytes(32)).rstrip(b"=").decode() for n in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "kid": "k1", "x": x, "y": y}


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"inn": "7707083894"}, "ИНН неверный"),
        ({"name": "  "}, "Заполните это поле"),
        ({"name": "я" * 61}, "Слишком длинно"),
        ({"name": "evil\u202etxt"}, "недопустимые знаки"),
        ({"contact_email": "not mail"}, "не похоже на адрес почты"),
        ({"website": "javascript:alert(1)"}, "Укажите адрес полностью"),
        ({"redirect_uris": "http://platrum.example/cb"}, "должен начинаться с https"),
        ({"redirect_uris": "https://platrum.example/cb#x"}, "не должно быть #"),
        ({"redirect_uris": "javascript:alert(1)"}, "должен начинаться с https"),
        ({"redirect_uris": ""}, "от одного до десяти"),
        ({"scopes": []}, "Отметьте хотя бы одно"),
        ({"scopes": ["statements", "admin"]}, "Отметьте хотя бы одно"),
        ({"auth_method": "none"}, "Выберите один из способов"),
        ({"ip_ranges": ""}, "Заполните это поле"),
        ({"ip_ranges": "0.0.0.0/0"}, "слишком широкая"),
        ({"ip_ranges": "203.0.113.5/28"}, "Это не IP-адрес"),
        ({"auth_method": "private_key_jwt", "jwks": "not json"}, "Нужен набор ключей"),
        ({"auth_method": "private_key_jwt", "jwks": "[" * 50_000}, "Нужен набор ключей"),
        ({"auth_method": "private_key_jwt", "jwks": '{"keys": [{"kty": "EC", "d": "x"}]}'}, "закрытый ключ"),
    ],
)
def test_what_is_wrong_is_said_beside_the_field_and_input_is_kept(
    browser: Browser, server: Context, changes: dict[str, object], words: str
) -> None:
    page = send(browser, **changes)
    assert page.status_code == 422
    assert words in text_of(page)
    assert 'value="bank@platrum.example"' in page.text or "contact_email" in changes
    assert applied(server) == []
    assert send(browser).status_code == 201


def test_all_errors_are_told_at_once(browser: Browser) -> None:
    page = send(browser, inn="1", name="", scopes=[])
    assert "Проверьте 3 поля" in text_of(page)


def test_markup_in_a_field_comes_back_as_text(browser: Browser) -> None:
    page = send(browser, name='"><script>alert(1)</script>', inn="1")
    assert "<script" not in page.text


def test_the_form_needs_its_token_and_its_cookie(browser: Browser, other_browser: Browser, server: Context) -> None:
    token = csrf_of(other_browser.open("/apply"))
    assert browser.send("/apply", FORM | {"csrf": token}).status_code == 403
    assert send(browser, csrf=token).status_code == 403
    assert browser.send("/apply", FORM, Origin="https://evil.example").status_code == 403
    assert applied(server) == []
    assert send(browser).status_code == 201


def test_sending_the_same_page_again_does_not_apply_twice(browser: Browser, server: Context) -> None:
    form = FORM | {"csrf": csrf_of(browser.open("/apply"))}
    assert browser.send("/apply", form).status_code == 201
    assert browser.send("/apply", form).status_code == 403
    assert len(applied(server)) == 1


def test_one_address_applies_so_often_an_hour_and_no_more(browser: Browser, server: Context) -> None:
    for _application in range(APPLICATIONS_MAX):
        assert send(browser, inn="1").status_code == 422  # not stored, so not counted
        assert send(browser).status_code == 201
    page = send(browser)
    assert page.status_code == 429
    assert "Слишком много попыток" in text_of(page)
    assert len(applied(server)) == APPLICATIONS_MAX
    browser.bank.clock.advance(minutes=61)
    assert send(browser).status_code == 201


@pytest.mark.parametrize("receipt", ["", "rc_unknown", "' OR 1=1 --", "я" * 5000])
def test_a_wrong_code_shows_nothing(browser: Browser, server: Context, receipt: str) -> None:
    _partner_id, right = actors.apply(server)
    for path in ("/apply/status", "/apply/claim"):
        page = ask(browser, path, receipt)
        assert page.status_code == 404
        assert "Platrum" not in page.text
    assert ask(browser, "/apply/status", right).status_code == 200
