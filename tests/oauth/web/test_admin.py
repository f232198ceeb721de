"""The bank's staff at work: signing in, four eyes, stopping at once, looking (which is recorded)."""

from __future__ import annotations

import re

import pyotp
import pytest
import sqlalchemy as sa

from oauth import audit, consents, partners
from oauth.context import Context
from oauth.models import partner_changes
from oauth.web.admin.changes import QUEUE_PAGE_SIZE
from tests.oauth.web import actors
from tests.oauth.web.actors import PASSWORD, Browser, Desk, csrf_of, text_of
from tests.oauth.web.fakes import FakeBank


@pytest.fixture
def application(server: Context, codes: dict[str, str]) -> partners.Change:
    partner_id, _receipt = actors.apply(server)
    return change_of(server, partner_id)


@pytest.fixture
def consent_id(browser: Browser, partner: partners.Partner, server: Context) -> str:
    browser.decide(browser.come_to_consent(partner))
    with server.reading() as connection:
        [consent] = consents.list_for_partner(connection, partner.id, now=server.now())
    return consent.id


def change_of(server: Context, partner_id: str) -> partners.Change:
    with server.reading() as connection:
        [change] = partners.list_changes(connection, partner_id=partner_id)
    return change


def state_of(server: Context, partner_id: str) -> str:
    with server.reading() as connection:
        return partners.read_partner(connection, partner_id).state


def consent_state(server: Context, consent_id: str) -> str:
    with server.reading() as connection:
        return consents.read_consent(connection, consent_id, now=server.now()).state


def actions(server: Context) -> list[str]:
    with server.reading() as connection:
        return [event.action for event in audit.list_events(connection)]


def approve(desk: Desk, change: partners.Change, **changes: object) -> actors.TestResponse:
    form = {"csrf": csrf_of(desk.open("/admin/audit")), "digest": change.digest} | changes
    return desk.send(f"/admin/changes/{change.id}/approve", form)


def act(desk: Desk, path: str, **form: object) -> actors.TestResponse:
    return desk.send(path, {"csrf": csrf_of(desk.open("/admin/audit"))} | form)


# Signing in


def test_password_and_code_open_the_desk(desk: Desk, codes: dict[str, str]) -> None:
    assert desk.open("/admin").headers["Location"] == "/admin/login"
    assert desk.sign_in("olga", codes["olga"]).headers["Location"] == "/admin"
    page = text_of(desk.open("/admin"))
    assert "Ольга Согласующая · согласующий" in page


@pytest.mark.parametrize(
    "wrong", [{"password": "wrong"}, {"code": "000000"}, {"login": "nobody"}, {"login": "", "password": "", "code": ""}]
)
def test_every_refused_login_looks_the_same(desk: Desk, codes: dict[str, str], wrong: dict[str, str]) -> None:
    """X05."""
    form = {"login": "olga", "password": PASSWORD, "code": pyotp.TOTP(codes["olga"]).at(desk.bank.clock.now())}
    page = desk.send("/admin/login", form | wrong | {"csrf": csrf_of(desk.open("/admin/login"))})
    assert page.status_code == 403
    assert "Войти не удалось." in text_of(page)
    assert desk.open("/admin").status_code == 303
    assert desk.sign_in("olga", codes["olga"]).status_code == 303


def test_a_code_works_once(desk: Desk, codes: dict[str, str], bank: FakeBank) -> None:
    code = pyotp.TOTP(codes["olga"]).at(bank.clock.now())
    assert desk.sign_in("olga", "", code=code).status_code == 303
    assert desk.sign_in("olga", "", code=code).status_code == 403
    bank.clock.advance(seconds=30)
    assert desk.sign_in("olga", codes["olga"]).status_code == 303


def test_guessing_is_throttled_with_the_same_text(desk: Desk, codes: dict[str, str], bank: FakeBank) -> None:
    """X05."""
    for _attempt in range(5):
        refused = desk.sign_in("olga", codes["olga"], password="wrong")
    throttled = desk.sign_in("olga", codes["olga"])
    assert (throttled.status_code, text_of(throttled)) == (refused.status_code, text_of(refused))
    assert desk.sign_in("pavel", codes["pavel"]).status_code == 303
    bank.clock.advance(minutes=16)
    assert desk.sign_in("olga", codes["olga"]).status_code == 303


def test_the_desk_closes_when_idle_and_after_a_working_day(desk: Desk, codes: dict[str, str], bank: FakeBank) -> None:
    """X03."""
    desk.sign_in("olga", codes["olga"])
    bank.clock.advance(minutes=14)
    assert desk.open("/admin").status_code == 200
    bank.clock.advance(minutes=16)
    assert desk.open("/admin").status_code == 303
    desk.sign_in("olga", codes["olga"])
    for _quarter in range(60):
        bank.clock.advance(minutes=10)
        last = desk.open("/admin")
    assert last.status_code == 303


def test_signing_out_ends_the_session_on_the_server(desk: Desk, codes: dict[str, str]) -> None:
    desk.sign_in("olga", codes["olga"])
    cookie = desk.session_cookie("bank-staff")
    act(desk, "/admin/logout")
    desk.plant(cookie, "bank-staff")
    assert desk.open("/admin").status_code == 303


@pytest.mark.parametrize(
    "path", ["/admin", "/admin/partners", "/admin/audit", "/admin/consents/cn_x", "/admin/changes/x"]
)
def test_without_signing_in_there_is_nothing_to_see(desk: Desk, codes: dict[str, str], path: str) -> None:
    assert desk.open(path).headers["Location"] == "/admin/login"
    assert desk.send("/admin/partners/pa_x/suspend", {"reason": "x"}).status_code == 403


# Four eyes


def test_one_person_alone_cannot_approve(
    desk: Desk, codes: dict[str, str], application: partners.Change, server: Context, bank: FakeBank
) -> None:
    """C12."""
    desk.sign_in("olga", codes["olga"])
    page = text_of(desk.open(f"/admin/changes/{application.id}"))
    for words in ("https://platrum.example/bank/callback", "203.0.113.0/28", application.digest, "Олег Смирнов"):
        assert words in page
    assert approve(desk, application).status_code == 303
    assert "Вы одобрили первым. Подтвердить должен другой сотрудник." in text_of(
        desk.open(f"/admin/changes/{application.id}")
    )
    assert approve(desk, application).status_code == 403
    assert state_of(server, application.partner_id) == "applied"
    desk.sign_in("pavel", codes["pavel"])
    assert approve(desk, application).status_code == 303
    assert state_of(server, application.partner_id) == "approved"


def test_the_database_itself_refuses_one_person_twice(application: partners.Change, server: Context) -> None:
    """C12: even code that forgets to ask cannot store it."""
    both = partner_changes.update().values(first_by="st_olga", second_by="st_olga", outcome="approved")
    with pytest.raises(sa.exc.IntegrityError), server.transaction() as tx:
        tx.execute(both)


def test_an_approval_is_bound_to_what_was_seen(
    desk: Desk, codes: dict[str, str], application: partners.Change, server: Context
) -> None:
    desk.sign_in("olga", codes["olga"])
    assert approve(desk, application, digest="0" * 64).status_code == 409
    assert change_of(server, application.partner_id).first_by is None
    assert approve(desk, application).status_code == 303


@pytest.mark.parametrize("login", ["oper", "audit"])
def test_only_approvers_approve(
    desk: Desk, codes: dict[str, str], application: partners.Change, server: Context, login: str
) -> None:
    desk.sign_in(login, codes[login])
    assert "Одобрить" not in text_of(desk.open(f"/admin/changes/{application.id}"))
    assert approve(desk, application).status_code == 403
    assert act(desk, f"/admin/changes/{application.id}/refuse", reason="нет").status_code == 403
    assert change_of(server, application.partner_id).first_by is None


def test_refusing_needs_a_reason_that_the_applicant_sees(
    desk: Desk, browser: Browser, server: Context, codes: dict[str, str]
) -> None:
    partner_id, receipt = actors.apply(server)
    change = change_of(server, partner_id)
    desk.sign_in("olga", codes["olga"])
    assert act(desk, f"/admin/changes/{change.id}/refuse").status_code == 422
    assert act(desk, f"/admin/changes/{change.id}/refuse", reason="Нет договора").status_code == 303
    form = {"csrf": csrf_of(browser.open("/apply/status")), "receipt": receipt}
    assert "Нет договора" in text_of(browser.send("/apply/status", form))


def test_the_queue_tells_what_waits_for_whom(desk: Desk, codes: dict[str, str], application: partners.Change) -> None:
    desk.sign_in("olga", codes["olga"])
    assert "первого решения" in text_of(desk.open("/admin"))
    approve(desk, application)
    assert "второго решения первое: Ольга Согласующая (вы)" in text_of(desk.open("/admin"))


def test_a_heap_of_applications_hides_no_other_change_and_is_shown_by_page(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, server: Context, bank: FakeBank
) -> None:
    for number in range(QUEUE_PAGE_SIZE):
        actors.apply(server, name=f"Заявка-{number:02}")
        bank.clock.advance(seconds=1)
    desk.sign_in("olga", codes["olga"])
    act(desk, f"/admin/partners/{partner.id}/reissue", reason="утерян секрет")
    first, second = (re.findall(r"<b>([^<]+)</b>", desk.open(f"/admin?page={page}").text) for page in (1, 2))
    assert first == ["Platrum"] + [f"Заявка-{number:02}" for number in range(QUEUE_PAGE_SIZE - 1)]
    assert second == [f"Заявка-{QUEUE_PAGE_SIZE - 1:02}"]
    assert 'href="/admin?page=2" rel="next"' in desk.open("/admin").text


# Partners


def test_an_operator_stops_a_partner_and_two_approvers_bring_it_back(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, server: Context
) -> None:
    path = f"/admin/partners/{partner.id}"
    desk.sign_in("oper", codes["oper"])
    assert act(desk, f"{path}/suspend").status_code == 422
    assert act(desk, f"{path}/suspend", reason="Подозрительные запросы").status_code == 303
    assert state_of(server, partner.id) == "suspended"
    assert act(desk, f"{path}/resume", reason="разобрались").status_code == 403
    desk.sign_in("olga", codes["olga"])
    assert act(desk, f"{path}/resume", reason="разобрались").status_code == 303
    assert state_of(server, partner.id) == "suspended"
    change = change_of(server, partner.id)
    assert approve(desk, change).status_code == 403
    desk.sign_in("pavel", codes["pavel"])
    assert "Подозрительные запросы" in text_of(desk.open(f"/admin/changes/{change.id}"))
    assert approve(desk, change).status_code == 303
    assert state_of(server, partner.id) == "approved"


@pytest.mark.parametrize("action", ["suspend", "resume", "reissue", "close"])
def test_an_auditor_changes_nothing(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, server: Context, action: str
) -> None:
    desk.sign_in("audit", codes["audit"])
    assert desk.open(f"/admin/partners/{partner.id}").status_code == 200
    assert act(desk, f"/admin/partners/{partner.id}/{action}", reason="x").status_code == 403
    assert state_of(server, partner.id) == "approved"


def test_new_keys_are_checked_and_need_two(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, server: Context
) -> None:
    path = f"/admin/partners/{partner.id}/reissue"
    desk.sign_in("olga", codes["olga"])
    for wrong in ("no", "[]", '{"keys": []}'):
        assert act(desk, path, reason="x", jwks=wrong).status_code == 422
    assert act(desk, path).status_code == 422
    assert act(desk, path, reason="утерян секрет").status_code == 303
    assert act(desk, path, reason="ещё раз").status_code == 409
    change = change_of(server, partner.id)
    assert (change.kind, change.payload["compromised"]) == ("reissue", False)


def test_the_second_approver_of_a_reissue_gets_a_receipt_code_to_pass_on(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, server: Context
) -> None:
    desk.sign_in("olga", codes["olga"])
    act(desk, f"/admin/partners/{partner.id}/reissue", reason="утечка", compromised="on")
    change = change_of(server, partner.id)
    desk.sign_in("pavel", codes["pavel"])
    assert "отозваны сразу" in text_of(desk.open(f"/admin/changes/{change.id}"))
    shown = re.search(r'id="receipt-code">(rc_[^<]+)<', approve(desk, change).text)
    assert shown
    assert approve(desk, change).status_code == 409
    with server.reading() as connection:
        assert partners.read_by_receipt(connection, shown[1]).claim_open


def test_partners_are_found_by_name_inn_and_state(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, server: Context
) -> None:
    actors.apply(server, name="Другой сервис", inn="500100732259")
    desk.sign_in("audit", codes["audit"])
    assert "Platrum" in text_of(desk.open("/admin/partners?q=platr"))
    found = text_of(desk.open("/admin/partners?q=500100732259"))
    assert "Другой сервис" in found
    assert "Platrum" not in found
    assert "Platrum" not in text_of(desk.open("/admin/partners?state=applied"))
    assert "Никого не нашлось" in text_of(desk.open("/admin/partners?q=%25"))


def test_a_long_list_has_pages(desk: Desk, codes: dict[str, str], server: Context) -> None:
    for number in range(27):
        actors.apply(server, name=f"Сервис {number}")
    desk.sign_in("audit", codes["audit"])
    first, second = desk.open("/admin/partners"), desk.open("/admin/partners?page=2")
    assert first.text.count('client_id"><code') == 25
    assert second.text.count('client_id"><code') == 2
    assert "page=2" in first.text
    assert "page=1" in second.text


@pytest.mark.parametrize("page", ["0", "-1", "x", "99999999999999999999"])
def test_odd_page_numbers_are_harmless(desk: Desk, codes: dict[str, str], page: str) -> None:
    desk.sign_in("audit", codes["audit"])
    assert desk.open(f"/admin/partners?page={page}").status_code == 200
    assert desk.open(f"/admin/audit?before={page}").status_code == 200


# Consents and the audit log


def test_looking_at_customers_is_recorded(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, consent_id: str, server: Context
) -> None:
    desk.sign_in("audit", codes["audit"])
    assert "ООО «Ромашка»" in text_of(desk.open(f"/admin/partners/{partner.id}/consents"))
    assert actions(server)[0] == "customer_data.viewed"
    assert "Иванова" in text_of(desk.open(f"/admin/consents/{consent_id}"))
    with server.reading() as connection:
        seen = audit.list_events(connection, consent_id=consent_id)[0]
    assert (seen.action, seen.actor.id) == ("customer_data.viewed", "st_audit")


def test_the_bank_suspends_resumes_and_ends_a_consent(
    desk: Desk, codes: dict[str, str], consent_id: str, server: Context
) -> None:
    path = f"/admin/consents/{consent_id}"
    desk.sign_in("oper", codes["oper"])
    assert act(desk, f"{path}/suspend").status_code == 422
    assert act(desk, f"{path}/suspend", reason="Звонок клиента").status_code == 303
    assert consent_state(server, consent_id) == "suspended"
    assert "Звонок клиента" in text_of(desk.open(path))
    assert act(desk, f"{path}/resume", reason="разобрались").status_code == 403
    desk.sign_in("olga", codes["olga"])
    assert act(desk, f"{path}/resume").status_code == 422
    assert actions(server)[0] == "customer_data.viewed"
    assert act(desk, f"{path}/resume", reason="разобрались").status_code == 303
    assert consent_state(server, consent_id) == "active"
    assert act(desk, f"{path}/revoke", reason="Просьба клиента").status_code == 303
    assert consent_state(server, consent_id) == "revoked"
    assert act(desk, f"{path}/resume", reason="ещё раз").status_code == 409


def test_an_auditor_cannot_touch_a_consent(desk: Desk, codes: dict[str, str], consent_id: str, server: Context) -> None:
    desk.sign_in("audit", codes["audit"])
    for action in ("suspend", "resume", "revoke"):
        assert act(desk, f"/admin/consents/{consent_id}/{action}", reason="x").status_code == 403
    assert consent_state(server, consent_id) == "active"


def test_the_log_is_filtered_and_its_chain_checked(
    desk: Desk, codes: dict[str, str], consent_id: str, server: Context
) -> None:
    desk.sign_in("audit", codes["audit"])
    found = text_of(desk.open("/admin/audit?action=consent.given"))
    assert "consent.given" in found
    assert "staff.signed_in" not in found
    assert "Журнал цел." in text_of(act(desk, "/admin/audit/check"))
    with server.transaction() as tx:
        tx.execute(audit.audit.update().where(audit.audit.c.number == 2).values(actor_id="somebody else"))
    assert "Журнал нарушен!" in text_of(act(desk, "/admin/audit/check"))


@pytest.mark.parametrize(
    "path", ["/admin/partners/pa_x", "/admin/consents/cn_x", "/admin/changes/pg_x", "/admin/partners/pa_x/consents"]
)
def test_unknown_things_are_404(desk: Desk, codes: dict[str, str], path: str) -> None:
    desk.sign_in("audit", codes["audit"])
    assert desk.open(path).status_code == 404


def test_forms_need_the_token_of_the_session(
    desk: Desk, codes: dict[str, str], partner: partners.Partner, server: Context
) -> None:
    desk.sign_in("oper", codes["oper"])
    path = f"/admin/partners/{partner.id}/suspend"
    assert desk.send(path, {"reason": "x", "csrf": "wrong"}).status_code == 403
    right = {"reason": "x", "csrf": csrf_of(desk.open("/admin"))}
    assert desk.send(path, right, Origin="https://evil.example").status_code == 403
    assert state_of(server, partner.id) == "approved"
    assert desk.send(path, right).status_code == 303


@pytest.mark.parametrize("path", ["/admin/partners?q=%00", "/admin/audit?action=%00", "/admin/partners/%00"])
def test_nul_characters_are_a_bad_request(desk: Desk, codes: dict[str, str], path: str) -> None:
    desk.sign_in("audit", codes["audit"])
    assert desk.open(path).status_code == 400


def test_a_huge_form_is_refused(desk: Desk, codes: dict[str, str]) -> None:
    form = {"login": "x" * 300_000, "csrf": csrf_of(desk.open("/admin/login"))}
    assert desk.send("/admin/login", form).status_code == 413
