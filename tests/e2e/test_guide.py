"""The guide for partners' developers, tried as written: its commands in a shell, its people at browsers."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pyotp
import pytest

from adapter.demo.bank_process import RunningBank
from adapter.demo.browser import Browser, Page
from adapter.demo.connecting import log_in, read_sms
from adapter.demo.telling import Teller
from tests.e2e.guide import GUIDE, Block, Deed, Shell, fill_in, matches, read_guide
from tests.e2e.server import started_bank

ACCOUNT = "40702810400170001001"
REDIRECT = "https://buh.example/bank/callback"
WITHIN_S = 60.0

APPLICATION = {
    "name": "Сервис по руководству",
    "legal_name": 'ООО "Сервис по руководству"',
    "inn": "9722888007",
    "website": "https://buh.example",
    "purpose": "Проверяем руководство для разработчиков.",
    "contact_name": "Разработчик",
    "contact_email": "api@buh.example",
    "scopes": ["statements", "payments"],
    "redirect_uris": REDIRECT,
}


class Reader:
    """Follows the guide: `values` are the samples of the guide and what stands in their place here."""

    def __init__(self, bank: RunningBank, folder: Path) -> None:
        self._tell = Teller(lambda _: None)
        self._folder = folder
        self._bank = bank
        self._customer = Browser(bank.url, self._tell)
        self._shell = Shell(folder)
        self._last = ""
        self.values = {"https://openapi.bank.example": bank.url}
        self.deeds: Mapping[str, Callable[[], None]] = {
            "the bank approves": self._get_approved,
            "the customer agrees": self._agree,
            "a payment comes in": self._receive,
            "the drafts reach the core": self._await_drafts,
            "the customer signs": self._sign,
        }

    def close(self) -> None:
        self._shell.close()
        self._customer.close()

    def do(self, deed: Deed) -> None:
        self.deeds[deed.name]()

    def run(self, block: Block) -> None:
        self._last = self._shell.run(fill_in(block.commands, self.values))
        expected = fill_in(block.printed or "", self.values)
        assert matches(self._last, expected), f"guide.md:{block.line} printed\n{self._last}\nexpected\n{expected}"

    def _get_approved(self) -> None:
        """One application with the guide's key, one with a secret from this machine."""
        key = {"auth_method": "private_key_jwt", "jwks": (self._folder / "jwks.json").read_text()}
        secret = {"auth_method": "client_secret_basic", "ip_ranges": "127.0.0.1/32"}
        applicants = [self._apply(key), self._apply(secret)]
        for employee in [one for one in self._bank.logins["staff"] if one["role"] == "approver"][:2]:
            self._approve_all(employee)
        with_key, with_secret = (self._claim(*one) for one in applicants)
        self.values["pc_0123456789abcdef01234567"] = with_key.marked("client-id")
        self.values["pc_89abcdef0123456789abcdef"] = with_secret.marked("client-id")
        self.values["cs_0123456789"] = with_secret.marked("client-secret")

    def _apply(self, proof: Mapping[str, str]) -> tuple[Browser, str]:
        browser = Browser(self._bank.url, self._tell)
        page = browser.open("/apply")
        page = browser.submit(page, page.form(having="legal_name"), {**APPLICATION, **proof})
        return browser, page.marked("receipt-code")

    def _approve_all(self, employee: Mapping[str, Any]) -> None:
        browser = Browser(self._bank.url, self._tell)
        page = browser.open("/admin")
        code = pyotp.TOTP(employee["totp_secret"]).now()
        values = {"login": employee["login"], "password": employee["password"], "code": code}
        page = browser.submit(page, page.form(having="password"), values)
        links = [address for address, words in page.parsed.links if APPLICATION["name"] in words]
        assert len(links) == 2
        for link in links:
            change = browser.open(link)
            assert browser.submit(change, change.form(action="/approve"), {}).status == 200
        browser.close()

    def _claim(self, browser: Browser, receipt: str) -> Page:
        page = browser.open("/apply/status")
        page = browser.submit(page, page.form(having="receipt"), {"receipt": receipt})
        page = browser.submit(page, page.form(having="receipt", action="/claim"), {})
        browser.close()
        return page

    def _agree(self) -> None:
        page = log_in(self._customer, self._customer.open(self._last))
        form = page.form(having="account")
        (box,) = (box for box in form.choices("account") if ACCOUNT in box.words.replace(" ", ""))
        (company,) = (one for one in form.choices("customer") if "Вега" in one.words)
        values = {"customer": company.value, "account": box.value}
        page = self._customer.submit(page, form, values, press=("decision", "allow"))
        assert page.left_for
        reply = httpx2.URL(page.left_for)
        assert (str(reply).split("?")[0], reply.params["iss"]) == (REDIRECT, self._bank.url)
        self.values["ac_0123456789"] = reply.params["code"]

    def _receive(self) -> None:
        self._control("incoming", account=ACCOUNT, amount="15300.00")

    def _await_drafts(self) -> None:
        self._await_statuses(["awaiting_signature", "awaiting_signature"])

    def _sign(self) -> None:
        """In the bank, by the link that the payment names."""
        page = self._customer.open(self._shell.run("member sign_url < payment-now.json"))
        page = self._customer.submit(page, page.form(action="/code"), {})
        page = self._customer.submit(page, page.form(having="code"), {"code": read_sms(page)})
        assert page.status == 200
        self._await_statuses(["cancelled", "executed"])

    def _await_statuses(self, wanted: list[str]) -> None:
        ask = """api GET /v1/payments | python3 -c 'import json, sys
print(*sorted(one["status"] for one in json.load(sys.stdin)["payments"]))'"""
        deadline = time.monotonic() + WITHIN_S
        while (told := self._shell.run(ask).split()) != wanted:
            assert time.monotonic() < deadline, f"the payments are {told}, not {wanted}"
            self._control("clock")
            time.sleep(0.5)

    def _control(self, path: str, **members: str) -> None:
        assert httpx2.post(f"{self._bank.url}/sandbox/control/{path}", json=members).is_success


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[Reader]:
    folder = tmp_path / "partner"
    folder.mkdir()
    bank_folder = tmp_path / "bank"
    bank_folder.mkdir()
    with started_bank(bank_folder) as bank:
        found = Reader(bank, folder)
        yield found
        found.close()


def test_the_guide_works_as_written(reader: Reader) -> None:
    for program in ("bash", "curl", "openssl", "python3", "iconv"):
        assert shutil.which(program), f"the guide needs {program}"
    parts = list(read_guide(GUIDE.read_text("utf-8")))
    assert {part.name for part in parts if isinstance(part, Deed)} == set(reader.deeds)
    for part in parts:
        if isinstance(part, Deed):
            reader.do(part)
        else:
            reader.run(part)


def test_a_sample_that_prints_something_else_is_noticed() -> None:
    assert matches("a\nrequest_uri:xyz", "a\nrequest_uri:…")
    assert not matches("a\nb", "a")
    assert not matches("a", "a\nb")
    (block,) = read_guide("# T\n\n```sh\necho 1\n```\n\n```text\n1\n```\n")
    assert block == Block(3, "echo 1\n", "1\n")
