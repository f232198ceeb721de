"""The pages in Debian's chromium, on a phone and on a desk.

Scripts are allowed only so that axe can look at the page: the policy lets no page have any, and the whole way to a
consent is walked once more with JavaScript switched off.  Each page fits into its window, has no accessibility finding
(axe, WCAG 2.2 AA) and is not blocked by its own policy.
`BANK_ADAPTER_TEST_SCREENSHOTS=folder` keeps pictures.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pyotp
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

import oauth
from adapter.store.database import open_database
from oauth import ActionRefused, StatementNotReady, StatementTooLong
from tests.conftest import FakeClock
from tests.e2e.bank_site import OpenBank, fill, serve
from tests.oauth.web.actors import CHALLENGE, PASSWORD
from tests.oauth.web.fakes import DEPOSIT, FOREIGN, MAIN, PETROVA, ROMASHKA, SOLE, TAXES
from tests.oauth.web.operations import ALARM, DOCUMENT, LINK, MISMATCH, TROUBLED, UNREADABLE, FakeOperations

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
SIZES = {"phone": {"width": 360, "height": 740}, "desk": {"width": 1280, "height": 900}}


@dataclass
class Site:
    """The running site and what is in it."""

    address: str
    bank: OpenBank
    content: dict[str, Any]

    def authorize(self, **values: str) -> str:
        parameters = {
            "client_id": self.content["partner"].client_id,
            "response_type": "code",
            "redirect_uri": f"{self.address}/partner",
            "scope": "statements payments",
            "state": "xyz",
            "code_challenge": CHALLENGE,
            "code_challenge_method": "S256",
        }
        return f"{self.address}/oauth/authorize?{urlencode(parameters | values)}"


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    database = open_database(f"sqlite:///{tmp_path_factory.mktemp('pages')}/pages.db")
    oauth.metadata.create_all(database.writer)
    bank = OpenBank(
        FakeClock(),
        companies=[ROMASHKA, PETROVA, FOREIGN],
        accounts_of={"cu_romashka": [MAIN, TAXES, DEPOSIT], "cu_petrova": [SOLE]},
    )
    with serve(database, bank) as (address, app):
        yield Site(address, bank, fill(app, address))
    database.close()


@pytest.fixture(scope="module")
def chromium() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture(params=SIZES)
def window(request: pytest.FixtureRequest, chromium: Browser) -> Iterator[BrowserContext]:
    """A fresh browser of that size that speaks Russian."""
    context = chromium.new_context(viewport=SIZES[request.param], locale="ru-RU")
    context.set_default_timeout(10_000)
    yield context
    context.close()


def check(page: Page, name: str) -> None:
    """The page fits, is accessible, and loaded everything it asked for."""
    assert name == "error" or page.locator("#error-id").count() == 0, page.inner_text("main")
    width = page.viewport_size["width"] if page.viewport_size else 0
    shots = os.environ.get("BANK_ADAPTER_TEST_SCREENSHOTS")
    if shots:
        page.screenshot(path=Path(shots) / f"{name}-{width}.png", full_page=True)
    widest = page.evaluate("document.documentElement.scrollWidth")
    assert widest <= width, f"{name} is {widest} px wide in a window of {width} px"
    findings = Axe().run(page)
    assert findings.violations_count == 0, f"{name}: {findings.generate_report()}"


def sign_in(page: Page, site: Site, login: str) -> None:
    site.bank.clock.advance(seconds=31)  # each one-time code works once
    page.goto(f"{site.address}/admin")
    page.fill("#login", login)
    page.fill("#password", PASSWORD)
    page.fill("#code", pyotp.TOTP(site.content["codes"][login]).at(site.bank.clock.now()))
    page.click("button")


def test_a_customer_agrees_in_a_browser(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(site.authorize(account=MAIN.number))
    check(page, "consent")
    page.click("button[value=allow]")  # nothing is chosen yet: the browser or the bank asks
    assert "/oauth/consent/" in page.url
    page.check(f"input[value={ROMASHKA.customer_id}]")
    page.click("button[value=allow]")
    assert page.locator("[role=alert]").is_visible()
    check(page, "consent-problem")
    page.check(f"input[value={MAIN.account_id}]")
    page.click("button[value=allow]")
    page.wait_for_url("**/partner?*code=*")


def test_a_login_too_weak_for_payments_is_told_in_a_browser(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    site.bank.is_strong = False
    try:
        page.goto(site.authorize())
        assert "Нужен вход с подтверждением" in page.inner_text("main")
        check(page, "login-weak")
    finally:
        site.bank.is_strong = True
    page.click("text=Войти ещё раз")
    check(page, "consent-after-step-up")
    assert page.locator("button[value=allow]").is_visible()


def test_going_back_after_the_decision_explains_itself(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(site.authorize(scope="statements"))
    page.check(f"input[value={PETROVA.customer_id}]")
    page.check(f"input[value={SOLE.account_id}]")
    page.click("button[value=allow]")
    page.wait_for_url("**/partner?*code=*")
    page.go_back()
    assert "Вы уже ответили" in page.inner_text("main")


def test_the_way_to_a_consent_needs_no_javascript(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(viewport=SIZES["phone"], java_script_enabled=False)
    page = context.new_page()
    page.goto(site.authorize())
    page.check(f"input[value={PETROVA.customer_id}]")
    page.check(f"input[value={SOLE.account_id}]")
    page.click("button[value=allow]")
    page.wait_for_url("**/partner?*code=*")
    context.close()


def test_refusing_goes_back_to_the_partner(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(site.authorize())
    page.click("button[value=refuse]")
    page.wait_for_url("**/partner?*error=access_denied*")


def test_allow_and_refuse_have_the_same_size(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(site.authorize())
    allow, refuse = (page.locator(f"button[value={value}]").bounding_box() for value in ("allow", "refuse"))
    assert allow is not None
    assert refuse is not None
    assert (allow["width"], allow["height"], allow["y"]) == (refuse["width"], refuse["height"], refuse["y"])


def test_connected_services_can_be_seen_and_narrowed_and_stopped(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(f"{site.address}/customer")
    page.goto(f"{site.address}/customer")
    check(page, "customer")
    consent = site.content["consent"]
    page.goto(f"{site.address}/customer/consents/{consent}")
    page.click("summary >> nth=0")
    check(page, "customer-consent")
    page.goto(f"{site.address}/customer/consents/{consent}/accounts")
    check(page, "customer-accounts")
    page.goto(f"{site.address}/customer/consents/{consent}/stop")
    check(page, "customer-stop")


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_a_customer_downloads_statements(chromium: Browser, site: Site, width: int, tmp_path: Path) -> None:
    context = chromium.new_context(viewport={"width": width, "height": 800}, locale="ru-RU")
    page, complaints = context.new_page(), []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{site.address}/customer")
    page.click("nav >> text=Выписки")
    check(page, "statements")
    page.click(f"text={PETROVA.name}")
    assert not page.is_visible("select >> nth=0")  # no shape with options is chosen yet
    page.check("input[value='1c']")
    page.select_option("select[name='1c.encoding']", "cp866")
    page.check("input[value=own]")
    page.fill("#from", "2026-11-20")
    page.fill("#to", "2026-11-01")
    check(page, "statements-filled")
    page.click("button:has-text('Скачать')")
    assert page.inner_text("#to-error") == "Последний день раньше первого."
    assert page.input_value("select[name='1c.encoding']") == "cp866"
    check(page, "statements-problem")
    page.fill("#from", "2026-10-20")
    with page.expect_download() as download:
        page.click("button:has-text('Скачать')")
    download.value.save_as(tmp_path / "file")
    assert (tmp_path / "file").read_bytes() == f"{SOLE.account_id} 2026-10-20 2026-11-01".encode()
    assert download.value.suggested_filename == "statement.1c"
    assert [text for text in complaints if "422" not in text] == []  # chromium notes the refused form by its status
    context.close()


def test_statements_are_told_to_be_late_or_long(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(f"{site.address}/customer/statements")
    for name, trouble in {"late": StatementNotReady(), "long": StatementTooLong(2000, 31_415)}.items():
        site.bank.desk.trouble = trouble
        page.click("button:has-text('Скачать')")
        check(page, f"statements-{name}")
        assert page.locator("[role=alert]").is_visible()
    site.bank.desk.trouble = None
    with page.expect_download():
        page.click("button:has-text('Скачать')")


def test_statements_are_downloaded_without_javascript(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(viewport=SIZES["phone"], java_script_enabled=False, locale="ru-RU")
    page = context.new_page()
    page.goto(f"{site.address}/customer/statements")
    with page.expect_download() as download:
        page.click("button:has-text('Скачать')")
    assert download.value.suggested_filename == "statement.pdf"
    context.close()


def test_a_partner_applies(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(f"{site.address}/apply")
    check(page, "apply")
    page.fill("#name", "Platrum")
    page.click("button")
    assert page.locator("[role=alert]").is_visible()
    assert page.input_value("#name") == "Platrum"
    check(page, "apply-problems")
    page.goto(f"{site.address}/apply/status")
    page.fill("#receipt", site.content["receipt"])
    page.click("button")
    check(page, "apply-status")


def test_staff_at_work(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(f"{site.address}/admin/login")
    check(page, "admin-login")
    sign_in(page, site, "olga")
    check(page, "admin-queue")
    page.click("table a >> nth=0")
    check(page, "admin-change")
    for name, path in {
        "admin-partners": "/admin/partners",
        "admin-partner": f"/admin/partners/{site.content['partner'].id}",
        "admin-consents": f"/admin/partners/{site.content['partner'].id}/consents",
        "admin-consent": f"/admin/consents/{site.content['consent']}",
        "admin-audit": "/admin/audit",
    }.items():
        page.goto(site.address + path)
        check(page, name)


@pytest.fixture
def work(site: Site) -> FakeOperations:
    """Fresh work on the staff's desk, with names as long as life has them."""
    of_partner = {"partner_id": site.content["partner"].id, "consent_id": site.content["consent"]}
    long_one = replace(
        DOCUMENT,
        payment_id="pay_01kd2x3y4z5a6b7c8d9e0f1g2h",
        company="Общество с ограниченной ответственностью «Торгово-производственная компания «Северо-Запад Логистика»",
        payee_name="Казначейство России (ФНС России), Межрегиональное операционное управление",
        **of_partner,
    )
    desk = site.bank.operations
    desk.documents, desk.done, desk.trouble = [replace(DOCUMENT, **of_partner), long_one, UNREADABLE], [], None
    desk.alarms = [
        ALARM,
        replace(ALARM, id=8, kind="day_mismatch", subject="acc_01kd2x3y4z5a6b7c8d9e0f1g2h 2027-05-20"),
    ]
    desk.mismatches = [MISMATCH, replace(MISMATCH, kind="entry_of_another", entry_id="0" * 36)]
    desk.link = LINK
    return desk


def test_staff_look_at_documents_and_decide(window: BrowserContext, site: Site, work: FakeOperations) -> None:
    page = window.new_page()
    sign_in(page, site, "olga")
    page.click("nav >> text=Документы")
    check(page, "admin-documents")
    page.click("table a >> nth=1")
    check(page, "admin-document-long")
    page.goto(f"{site.address}/admin/documents/pay_unreadable")
    check(page, "admin-document-unreadable")
    page.goto(f"{site.address}/admin/documents/pay_waits")
    for place in range(3):
        page.click(f"details summary >> nth={place}")
    check(page, "admin-document")
    work.trouble = ActionRefused("not_found")
    page.fill("#adopt-reason", "видим в АБС")
    page.click("button:has-text('Принять как есть')")
    check(page, "admin-document-refused")
    work.trouble = None
    page.click("details summary >> nth=1")
    page.fill("#send-reason", "в АБС нет, проверено с дежурным")
    page.click("button:has-text('Отправить снова')")
    assert work.done == [], "the browser asks for the confirmation first"
    page.check("input[name=confirmed]")
    page.click("button:has-text('Отправить снова')")
    page.wait_for_selector("text=Решения по этому документу не требуется.")
    assert [done[0] for done in work.done] == ["send"]
    check(page, "admin-document-done")
    work.documents = []
    page.goto(f"{site.address}/admin/documents")
    check(page, "admin-documents-none")


def test_staff_look_at_the_link_and_what_does_not_match(
    window: BrowserContext, site: Site, work: FakeOperations
) -> None:
    page = window.new_page()
    sign_in(page, site, "oper")
    for name, link in {"up": LINK, "down": TROUBLED, "degraded": replace(TROUBLED, status="degraded")}.items():
        work.link = link
        page.goto(f"{site.address}/admin/core")
        check(page, f"admin-core-{name}")
    page.click("button:has-text('Принято') >> nth=0")
    page.wait_for_load_state()
    assert len(work.alarms) == 1
    page.click("nav >> text=Сверка")
    check(page, "admin-reconciliation")
    work.mismatches, work.alarms = [], []
    page.goto(f"{site.address}/admin/reconciliation")
    check(page, "admin-reconciliation-none")
    page.goto(f"{site.address}/admin/core")
    check(page, "admin-core-quiet")


def test_dark_pages_keep_their_contrast(chromium: Browser, site: Site) -> None:
    context = chromium.new_context(viewport=SIZES["desk"], color_scheme="dark", locale="en-US")
    page = context.new_page()
    page.goto(site.authorize())
    check(page, "consent-dark")
    page.goto(f"{site.address}/customer/consents/{site.content['consent']}")
    check(page, "customer-consent-dark")
    page.goto(f"{site.address}/customer/statements")
    check(page, "statements-dark")
    context.close()


def test_an_error_page_is_readable(window: BrowserContext, site: Site) -> None:
    page = window.new_page()
    page.goto(site.authorize(client_id="pc_nobody"))
    assert "/partner" not in page.url
    check(page, "error")
