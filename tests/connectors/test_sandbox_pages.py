"""The sandbox's internet bank as a person meets it, its operator's page, its control interface and its commands."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from html import unescape
from urllib.parse import parse_qsl, urlsplit

import pytest
from click.testing import CliRunner
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.serving import make_server
from werkzeug.test import TestResponse

from adapter.connectors.sandbox.commands import build_group
from adapter.connectors.sandbox.opening import Sandbox
from adapter.domain.core import Accepted, DocumentState
from adapter.domain.payments import PaymentStatus
from oauth import LoginRefused, LoginRequest
from tests.connectors.conftest import BASE_URL
from tests.connectors.core_contract import soon
from tests.fakes import FakeClock, core_document, payment_order

ACCOUNT = "40702810400170001001"


class Person:
    """Somebody at a browser without JavaScript."""

    def __init__(self, site: Flask) -> None:
        self.client: FlaskClient = site.test_client()
        self.page: TestResponse = self.client.get("/sandbox/login")

    def open(self, path: str) -> TestResponse:
        self.page = self.client.get(path)
        if self.page.location:
            assert self.page.status_code == 303
            self.page = self.client.get(self.page.location)
        return self.page

    def send(self, action: str, **fields: str) -> TestResponse:
        """Send a form of the page to `action` with its hidden fields; redirects are not followed."""
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', self.page.text))
        data = {name: unescape(value) for name, value in hidden.items()} | fields
        return self.client.post(action, data=data)

    def code(self) -> str:
        found = re.search(r'id="sms-code">(\d{6})<', self.page.text)
        assert found
        return found[1]

    def log_in(self, login: str, start: str = "/sandbox/login") -> TestResponse:
        self.open(start)
        self.open(self.send("/sandbox/login", login=login).location)
        return self.send("/sandbox/login/code", code=self.code())


@pytest.fixture
def site(sandbox: Sandbox) -> Flask:
    """Not named `app`: pytest-flask would push one context around the test, and `g` would survive from call to call."""
    site = Flask(__name__)
    site.register_blueprint(sandbox.blueprint)
    return site


@pytest.fixture
def person(site: Flask) -> Person:
    return Person(site)


@pytest.fixture
def director(site: Flask) -> Person:
    person = Person(site)
    assert person.log_in("ivanova").location == "/sandbox/"
    return person


def submit(sandbox: Sandbox, document_id: str, account: str = "vega-main", purpose: str = "Оплата по счету 5") -> None:
    document = core_document(
        document_id, account=account, customer=account.split("-")[0], order=payment_order(purpose=purpose)
    )
    assert isinstance(sandbox.banking.submit_documents([document], soon())[0], Accepted)


def status_of(sandbox: Sandbox, document_id: str) -> PaymentStatus:
    (state,) = sandbox.banking.find_documents([document_id], soon())
    assert isinstance(state, DocumentState)
    return state.status


def ask_to_log_in(sandbox: Sandbox, service: str = "Учёт онлайн") -> str:
    request = LoginRequest(return_url=f"{BASE_URL}/back", state="s-1", service_name=service)
    return sandbox.login.begin(request).removeprefix(BASE_URL)


def reply_in(location: str) -> dict[str, str]:
    return dict(parse_qsl(urlsplit(location).query))


# --- login ------------------------------------------------------------------------------------------------------------


def test_a_person_sent_by_a_service_logs_in_and_goes_back_with_a_ticket(sandbox: Sandbox, person: Person) -> None:
    start = ask_to_log_in(sandbox)
    assert "Учёт онлайн" in person.open(start).text
    back = person.log_in("ivanova", start).location
    assert back.startswith(f"{BASE_URL}/back?")
    assert reply_in(back)["state"] == "s-1"
    assert sandbox.login.finish(reply_in(back)).user_id == "u-ivanova"


def test_a_login_request_ends_with_its_login(sandbox: Sandbox, person: Person) -> None:
    start = ask_to_log_in(sandbox)
    person.log_in("ivanova", start)
    assert person.open(start).status_code == 404
    assert person.open(ask_to_log_in(sandbox)).status_code == 200


def test_giving_up_goes_back_and_is_told(sandbox: Sandbox, person: Person) -> None:
    person.open(ask_to_log_in(sandbox))
    refusal = re.search(r'href="(/sandbox/login/refusal[^"]+)"', person.page.text)
    assert refusal
    back = person.client.get(unescape(refusal[1])).location
    assert reply_in(back) == {"state": "s-1", "error": "access_denied"}
    with pytest.raises(LoginRefused):
        sandbox.login.finish(reply_in(back))


def test_a_name_of_a_service_is_text_and_not_markup(sandbox: Sandbox, person: Person) -> None:
    text = person.open(ask_to_log_in(sandbox, "<script>alert(1)</script>")).text
    assert "<script>" not in text
    assert "&lt;script&gt;" in text


def test_an_unknown_login_is_told_and_a_known_one_works(person: Person) -> None:
    answer = person.send("/sandbox/login", login="nobody")
    assert answer.status_code == 422
    assert "Такого логина нет" in answer.text
    assert person.log_in("ivanova").status_code == 303


def test_a_code_has_three_tries(person: Person) -> None:
    person.open(person.send("/sandbox/login", login="ivanova").location)
    right = person.code()
    wrong = "000000" if right != "000000" else "111111"
    for _ in range(3):
        assert person.send("/sandbox/login/code", code=wrong).status_code == 422
    assert person.send("/sandbox/login/code", code=right).status_code == 422
    assert person.log_in("ivanova").status_code == 303


def test_a_code_lives_five_minutes(person: Person, bank_clock: FakeClock) -> None:
    person.open(person.send("/sandbox/login", login="ivanova").location)
    bank_clock.advance(minutes=5, seconds=1)
    assert person.send("/sandbox/login/code", code=person.code()).status_code == 422
    assert person.log_in("ivanova").status_code == 303


def test_a_code_serves_only_the_browser_that_asked(site: Flask, person: Person) -> None:
    person.open(person.send("/sandbox/login", login="ivanova").location)
    thief = Person(site)
    assert thief.send("/sandbox/login/code", code=person.code()).status_code == 422
    assert person.send("/sandbox/login/code", code=person.code()).status_code == 303


def test_a_code_serves_once(person: Person) -> None:
    person.open(person.send("/sandbox/login", login="ivanova").location)
    code = person.code()
    assert person.send("/sandbox/login/code", code=code).status_code == 303
    person.open("/sandbox/login")
    assert person.send("/sandbox/login/code", code=code).status_code == 422


def test_login_changes_the_session_cookie(person: Person) -> None:
    before = person.client.get_cookie("sandbox_session", path="/sandbox")
    person.log_in("ivanova")
    after = person.client.get_cookie("sandbox_session", path="/sandbox")
    assert before
    assert after
    assert before.value != after.value
    assert after.http_only
    assert after.same_site == "Lax"


@pytest.mark.parametrize("elsewhere", ["https://evil.example/", "//evil.example/sandbox/", "/sandbox/\\evil", "/admin"])
def test_login_never_leads_to_another_site(person: Person, elsewhere: str) -> None:
    person.open("/sandbox/login")
    person.open(person.send("/sandbox/login", login="ivanova").location)
    assert person.send("/sandbox/login/code", code=person.code(), next=elsewhere).location == "/sandbox/"


def test_a_link_to_a_document_survives_the_login(sandbox: Sandbox, person: Person) -> None:
    submit(sandbox, "p-1")
    assert person.log_in("ivanova", "/sandbox/documents/p-1").location == "/sandbox/documents/p-1"


def test_after_leaving_the_bank_asks_to_log_in(director: Person) -> None:
    director.open("/sandbox/")
    director.send("/sandbox/logout")
    assert director.client.get("/sandbox/").location.startswith("/sandbox/login")


# --- protection -------------------------------------------------------------------------------------------------------


def test_a_form_without_the_token_of_the_session_does_nothing(sandbox: Sandbox, director: Person) -> None:
    submit(sandbox, "p-1")
    director.open("/sandbox/documents/p-1")
    assert director.send("/sandbox/documents/p-1/refusal", csrf="x").status_code == 400
    assert status_of(sandbox, "p-1") is PaymentStatus.AWAITING_SIGNATURE
    assert director.send("/sandbox/documents/p-1/refusal").status_code == 303
    assert status_of(sandbox, "p-1") is PaymentStatus.CANCELLED


@pytest.mark.parametrize(
    "path", ["/sandbox/login", "/sandbox/operator/", "/sandbox/documents/none", "/sandbox/static/bank.css"]
)
def test_pages_carry_a_strict_policy_and_no_script(person: Person, path: str) -> None:
    page = person.open(path)
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["X-Content-Type-Options"] == "nosniff"
    assert "<script" not in page.text
    assert " style=" not in page.text


@pytest.mark.parametrize("path", ["/sandbox/accounts/kedr-main", "/sandbox/accounts/none", "/sandbox/documents/p-kedr"])
def test_foreign_and_unknown_things_are_the_same_404(sandbox: Sandbox, director: Person, path: str) -> None:
    submit(sandbox, "p-kedr", "kedr-main")
    unknown = re.sub(r"/[^/]+$", "/unknown", path)
    assert director.open(path).status_code == director.open(unknown).status_code == 404
    assert director.open(path).text == director.open(unknown).text


# --- accounts and documents -------------------------------------------------------------------------------------------


def test_home_shows_the_accounts_of_both_companies(director: Person) -> None:
    page = director.open("/sandbox/").text
    assert "Вега" in page
    assert "Лира-Сервис" in page
    assert ACCOUNT in page
    assert "Кедр" not in page


def test_an_account_shows_its_entries_by_pages(director: Person) -> None:
    first = director.open("/sandbox/accounts/vega-main").text
    second = director.open("/sandbox/accounts/vega-main?page=2").text
    assert first.count("<tr>") == second.count("<tr>") == 51
    assert first != second
    assert director.open("/sandbox/accounts/vega-main?page=9999").status_code == 200
    assert director.open("/sandbox/accounts/vega-main?page=0").status_code == 404


def test_a_draft_is_signed_with_a_code_and_executed(sandbox: Sandbox, director: Person) -> None:
    submit(sandbox, "p-1")
    page = director.open("/sandbox/documents/p-1").text
    assert "Учёт онлайн" in page  # who imported it
    director.open(director.send("/sandbox/documents/p-1/code").location)
    assert director.send("/sandbox/documents/p-1/signature", code=director.code()).status_code == 303
    assert status_of(sandbox, "p-1") is PaymentStatus.SIGNED
    assert sandbox.clock_step() == 1
    assert "Исполнен" in director.open("/sandbox/documents/p-1").text


def test_a_wrong_code_signs_nothing(sandbox: Sandbox, director: Person) -> None:
    submit(sandbox, "p-1")
    submit(sandbox, "p-2")
    director.open("/sandbox/documents/p-1")
    director.open(director.send("/sandbox/documents/p-1/code").location)
    code = director.code()
    assert director.send("/sandbox/documents/p-2/signature", code=code).status_code == 409  # it is for p-1
    wrong = "000000" if code != "000000" else "111111"
    assert director.send("/sandbox/documents/p-1/signature", code=wrong).status_code == 409
    assert status_of(sandbox, "p-1") is status_of(sandbox, "p-2") is PaymentStatus.AWAITING_SIGNATURE
    assert director.send("/sandbox/documents/p-1/signature", code=code).status_code == 303


def test_two_people_sign_where_two_must(sandbox: Sandbox, site: Flask) -> None:
    submit(sandbox, "p-1", "kedr-main")
    for login, status in (("petrov", PaymentStatus.AWAITING_SIGNATURE), ("sidorova", PaymentStatus.SIGNED)):
        person = Person(site)
        person.log_in(login)
        person.open("/sandbox/documents/p-1")
        person.open(person.send("/sandbox/documents/p-1/code").location)
        person.send("/sandbox/documents/p-1/signature", code=person.code())
        assert status_of(sandbox, "p-1") is status


def test_who_may_only_look_sees_no_button_and_cannot_sign(sandbox: Sandbox, person: Person) -> None:
    submit(sandbox, "p-1")
    person.log_in("kuznetsova")
    assert "У вас нет права подписи" in person.open("/sandbox/documents/p-1").text
    person.send("/sandbox/documents/p-1/code")
    person.open("/sandbox/documents/p-1")
    assert person.send("/sandbox/documents/p-1/refusal").status_code == 409
    assert status_of(sandbox, "p-1") is PaymentStatus.AWAITING_SIGNATURE


def test_an_edit_is_shown_and_told(sandbox: Sandbox, director: Person) -> None:
    submit(sandbox, "p-1")
    director.open("/sandbox/documents/p-1/edit")
    same = {"number": "101", "purpose": "Оплата по счету 5"}
    assert director.send("/sandbox/documents/p-1/edit", amount="ноль", **same).status_code == 409
    assert director.send("/sandbox/documents/p-1/edit", amount="1 700,50", **same).status_code == 303
    (state,) = sandbox.banking.find_documents(["p-1"], soon())
    assert isinstance(state, DocumentState)
    assert state.edited == {"amount": "1700.50"}
    assert "Изменено в банке" in director.open("/sandbox/documents/p-1").text


def test_what_a_partner_writes_is_text_and_not_markup(sandbox: Sandbox, director: Person) -> None:
    submit(sandbox, "p-1", purpose="<img src=x onerror=alert(1)>")
    for path in ("/sandbox/documents", "/sandbox/documents/p-1", "/sandbox/documents/p-1/edit"):
        assert "<img" not in director.open(path).text


# --- operator, control, commands --------------------------------------------------------------------------------------


def test_the_operator_lets_money_in_and_takes_it_back(sandbox: Sandbox, person: Person) -> None:
    before = sandbox.banking.read_balances(["vega-main"], soon())[0].booked.amount
    person.open("/sandbox/operator/?account=vega-main")
    fields = {"account": "vega-main", "payer": "0", "purpose": "Оплата 17"}
    assert person.send("/sandbox/operator/incoming", amount="0", **fields).status_code == 422
    assert person.send("/sandbox/operator/incoming", amount="100,50", **fields).status_code == 303
    assert float(sandbox.banking.read_balances(["vega-main"], soon())[0].booked.amount - before) == 100.5
    entry = re.search(r'name="entry" value="([^"]+)"', person.open("/sandbox/operator/?account=vega-main").text)
    assert entry
    assert person.send("/sandbox/operator/reversal", entry=entry[1], account="vega-main").status_code == 303
    assert sandbox.banking.read_balances(["vega-main"], soon())[0].booked.amount == before
    assert person.send("/sandbox/operator/reversal", entry="none").status_code == 404


def test_the_operator_turns_a_memo_order_into_a_payment_order(person: Person) -> None:
    person.open("/sandbox/operator/?account=vega-main")
    person.send("/sandbox/operator/memo", account="vega-main")
    page = person.open("/sandbox/operator/?account=vega-main").text
    assert "Мемориальный ордер № 1" in page
    entry = re.search(r'name="entry" value="([^"]+)"', page)
    assert entry
    person.send("/sandbox/operator/memo/settlement", account="vega-main", entry=entry[1])
    assert "Платёжное поручение № 77" in person.open("/sandbox/operator/?account=vega-main").text


def test_control_does_all_that_a_test_needs(sandbox: Sandbox, site: Flask) -> None:
    client = site.test_client()

    def control(act: str, **body: object) -> tuple[int, dict[str, object]]:
        answer = client.post(f"/sandbox/control/{act}", json=body)
        assert answer.json is not None
        return answer.status_code, answer.json

    code, answer = control("incoming", account=ACCOUNT, amount="10.00", payer=1)
    assert code == 201
    assert control("reversal", entry_id=answer["entry_id"])[0] == 201
    code, answer = control("memo", account=ACCOUNT, amount="10.00")
    assert control("memo-settlement", entry_id=answer["entry_id"], number="5") == (200, {})
    submit(sandbox, "p-1")
    assert control("edit", document_id="p-1", changes={"amount": "7.00"}) == (200, {})
    assert control("signature", document_id="p-1", login="ivanova") == (200, {"complete": True})
    assert control("clock") == (200, {"executed": 1})
    assert status_of(sandbox, "p-1") is PaymentStatus.EXECUTED
    submit(sandbox, "p-2")
    assert control("expiry", document_id="p-2") == (200, {})
    assert status_of(sandbox, "p-2") is PaymentStatus.EXPIRED


@pytest.mark.parametrize(
    ("act", "body", "code"),
    [
        ("incoming", {"account": "4" * 20, "amount": "1.00"}, 404),
        ("incoming", {"account": ACCOUNT, "amount": "1.001"}, 400),
        ("incoming", {"account": ACCOUNT, "amount": "-1"}, 400),
        ("incoming", {"account": ACCOUNT, "amount": 1}, 400),
        ("incoming", {"account": ACCOUNT, "amount": "1.00", "payer": 999}, 400),
        ("incoming", ["x"], 400),
        ("reversal", {"entry_id": "none"}, 404),
        ("edit", {"document_id": "none", "changes": {}}, 404),
        ("edit", {"document_id": "none", "changes": "x"}, 400),
        ("signature", {"document_id": "none", "login": "ivanova"}, 404),
        ("signature", {"document_id": "none", "login": "nobody"}, 400),
        ("expiry", {"document_id": "none"}, 404),
    ],
)
def test_a_wrong_control_is_refused(sandbox: Sandbox, site: Flask, act: str, body: object, code: int) -> None:
    mark = sandbox.banking.pull_entries("vega-main", None, 100_000, soon()).mark
    assert site.test_client().post(f"/sandbox/control/{act}", json=body).status_code == code
    assert not sandbox.banking.pull_entries("vega-main", mark, 10, soon()).entries


def test_control_takes_no_form_of_a_foreign_site(site: Flask) -> None:
    assert site.test_client().post("/sandbox/control/clock", data="{}", content_type="text/plain").status_code == 400
    assert site.test_client().post("/sandbox/control/clock", json={}).status_code == 200


def test_the_commands_drive_the_bank(sandbox: Sandbox) -> None:
    group, runner = build_group(lambda: sandbox), CliRunner()
    assert "ivanova" in runner.invoke(group, ["logins"]).output
    submit(sandbox, "p-1")
    came = runner.invoke(group, ["incoming", ACCOUNT, "12,50"])
    assert came.output.startswith("vega-main-")
    assert runner.invoke(group, ["incoming", "4" * 20, "1"]).exit_code == 1
    assert runner.invoke(group, ["incoming", ACCOUNT, "0"]).exit_code == 2
    assert runner.invoke(group, ["step"]).output == "0 orders.\n"
    assert runner.invoke(group, ["seed"]).exit_code == 0
    assert runner.invoke(group, ["reset", "--yes"]).exit_code == 0
    assert len(sandbox.banking.find_documents(["p-1"], soon())) == 1
    assert not isinstance(sandbox.banking.find_documents(["p-1"], soon())[0], DocumentState)


# --- in a browser -----------------------------------------------------------------------------------------------------


@pytest.fixture
def address(site: Flask) -> Iterator[str]:
    server = make_server("127.0.0.1", 0, site, threaded=True)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/sandbox"
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.mark.browser
@pytest.mark.parametrize("width", [360, 1280])
def test_the_pages_work_without_script_and_fit_the_screen(sandbox: Sandbox, address: str, width: int) -> None:
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    submit(sandbox, "p-1")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path="/usr/bin/chromium", args=["--no-sandbox"])
        page = browser.new_page(viewport={"width": width, "height": 800}, java_script_enabled=False)
        looking = browser.new_context(
            viewport={"width": width, "height": 800}
        )  # measuring needs script, using does not

        def check() -> None:
            looking.add_cookies([{**cookie, "sameSite": "Lax"} for cookie in page.context.cookies()])  # type: ignore[typeddict-item]
            twin = looking.new_page()
            twin.goto(page.url)
            assert twin.evaluate("document.documentElement.scrollWidth <= window.innerWidth"), page.url
            if width == 360:  # once is enough: the page is the same, and the check is slow
                assert Axe().run(twin).violations_count == 0, page.url
            twin.close()

        page.goto(f"{address}/documents/p-1")
        check()
        page.click("button:has-text('ivanova')")
        check()
        page.fill("#code", page.inner_text("#sms-code"))
        page.click("button:has-text('Войти')")
        page.click("button:has-text('Подписать')")
        check()
        page.fill("#code", page.inner_text("#sms-code"))
        page.click("button:has-text('Подписать')")
        assert "Подписан" in page.inner_text("main")
        for path in ("/", "/accounts/vega-main", "/documents", "/operator/"):
            page.goto(address + path)
            check()
        browser.close()
    assert status_of(sandbox, "p-1") is PaymentStatus.SIGNED
