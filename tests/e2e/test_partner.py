"""«Бухгалтерия Онлайн» and the bank together, clicked through in Debian's chromium without JavaScript."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from adapter.demo.bank_process import RunningBank
from adapter.demo.exchange_files import BAD, GOOD, write_file
from adapter.demo.payments import PAYER
from adapter.demo.world import ACCOUNT, today
from tests.e2e.server import started_bank

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
PHONE = {"width": 360, "height": 740}
DESK = {"width": 1280, "height": 900}


@dataclass
class Accountant:
    """A person at a browser, with the accounting service and the bank in it."""

    page: Page
    bank: RunningBank

    @property
    def service(self) -> str:
        return f"http://127.0.0.1:{self.bank.logins['partner']['port']}"

    def open(self, path: str) -> None:
        self.page.goto(f"{self.service}{path}")

    def press(self, name: str) -> None:
        self.page.get_by_role("button", name=name, exact=True).first.click()

    def connect(self) -> None:
        self.open("/")
        self.page.fill("#account", "40702 810 4 0017 0001001")
        self.press("Продолжить в банке")
        self.page.fill("#login", "ivanova")
        self.press("Получить код")
        self.page.fill("#code", self.page.inner_text("#sms-code"))
        self.press("Войти")
        self.page.check("input[name=customer][value=vega]")
        self.page.locator("label", has=self.page.locator("input[name=account]")).filter(
            has_text=re.compile(r"0001001")
        ).click()
        self.press("Разрешить")

    def check_fit(self, name: str) -> None:
        """Nothing is wider than a phone."""
        shots = os.environ.get("BANK_ADAPTER_TEST_SCREENSHOTS")
        for size in (DESK, PHONE):
            self.page.set_viewport_size(size)  # type: ignore[arg-type]
            if shots:
                self.page.screenshot(path=Path(shots) / f"partner-{name}-{size['width']}.png", full_page=True)
            widest = self.page.evaluate("document.documentElement.scrollWidth")
            assert widest <= size["width"], f"{name} is {widest} px wide in a window of {size['width']} px"


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningBank]:
    with started_bank(tmp_path_factory.mktemp("bank"), "--with-demo-partner", "--partner-port", "0") as found:
        yield found


@pytest.fixture
def accountant(bank: RunningBank) -> Iterator[Accountant]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        context = browser.new_context(viewport=DESK, locale="ru-RU", java_script_enabled=False)  # type: ignore[arg-type]
        context.set_default_timeout(15_000)
        yield Accountant(context.new_page(), bank)
        browser.close()


def test_an_accountant_works_with_the_bank_until_the_customer_stops_the_service(accountant: Accountant) -> None:
    page = accountant.page
    accountant.open("/")
    accountant.check_fit("connect")
    accountant.connect()
    expect(page.locator(".note")).to_have_text("Банк подключён. Операции загружены.")
    expect(page.locator(".account")).to_have_count(1)
    accountant.check_fit("accounts")

    accountant.press("Обновить")
    expect(page.locator(".note")).to_have_text("Новых операций нет.")

    page.locator(".account").click()
    expect(page.locator(".badge.locked").first).to_have_text("Получен из банка")
    accountant.check_fit("entries")
    page.locator(".entries a").first.click()
    expect(page.locator(".is-locked input[readonly]")).to_have_count(7)
    expect(page.locator(".box input:not([readonly])")).to_have_count(0)
    accountant.check_fit("entry")
    page.fill("#note", "Оплата поставщику")
    accountant.press("Сохранить")
    expect(page.locator("#note")).to_have_value("Оплата поставщику")

    send_payment(accountant)
    upload_files(accountant)
    stop_in_the_bank(accountant)


def send_payment(accountant: Accountant) -> None:
    page = accountant.page
    accountant.open("/payments/new")
    good = GOOD[1]
    fields = {
        "number": "5",
        "amount": "1 500,50",
        "payee.name": good.payee,
        "payee.inn": good.inn,
        "payee.bic": good.bic,
    }
    for name, value in {**fields, "payee.account": BAD.account, "purpose": good.purpose}.items():
        page.fill(f'[name="{name}"]', value)
    accountant.press("Отправить в банк")
    expect(page.locator('[id="payee.account-error"]')).to_contain_text("контрольный ключ")
    accountant.check_fit("payment-error")
    page.fill('[name="payee.account"]', good.account)
    accountant.press("Отправить в банк")
    expect(page.locator(".payments li")).to_have_count(1)
    expect(page.locator(".payments .amount")).to_have_text("−1\u00a0500,50")


def upload_files(accountant: Accountant) -> None:
    page = accountant.page
    good, bad = write_file(PAYER, GOOD, today()), write_file(PAYER, (GOOD[0], BAD), today())
    for data in (bad, good, good):
        accountant.open("/payments/upload")
        page.set_input_files("#file", files=[{"name": "orders.txt", "mimeType": "text/plain", "buffer": data}])
        accountant.press("Отправить в банк")
        if data is bad:
            expect(page.locator("tbody tr")).to_have_count(1)
            expect(page.locator("tbody tr")).to_contain_text(re.compile(r"35\s*Счёт получателя\s*Поле 17"))
            accountant.check_fit("file-error")
    expect(page.locator(".note")).to_have_text("Этот файл банк уже принимал: новых платежей нет.")
    expect(page.locator(".payments li")).to_have_count(1 + len(GOOD))
    accountant.check_fit("payments")


def stop_in_the_bank(accountant: Accountant) -> None:
    page = accountant.page
    page.goto(f"{accountant.bank.url}/customer")
    page.locator("a[href$='/stop']").click()
    accountant.press("Остановить")
    expect(page.locator("#receipt-number")).to_be_visible()
    accountant.open("/")
    accountant.press("Обновить")
    expect(page.locator("h1")).to_have_text("Банк больше не даёт нам данные")
    accountant.check_fit("lost")
    page.click("text=Подключить снова")
    expect(page.locator("h1")).to_have_text("Подключите банк")


def test_a_customer_who_refuses_reads_why_nothing_is_connected(accountant: Accountant) -> None:
    page = accountant.page
    accountant.open("/")
    page.fill("#account", ACCOUNT)
    accountant.press("Продолжить в банке")
    page.click("text=Отказаться")
    page.get_by_role("button", name=re.compile("Вернуться|Отказ")).first.click()
    expect(page.locator(".note")).to_contain_text("Вы не дали согласия в банке")


def test_a_reply_to_another_attempt_is_refused(accountant: Accountant) -> None:
    page = accountant.page
    accountant.open("/")
    accountant.press("Продолжить в банке")
    accountant.open(f"/callback?code=ac_stolen&state=of-somebody-else&iss={accountant.bank.url}")
    expect(page.locator(".note")).to_contain_text("не подходит к этому подключению")
