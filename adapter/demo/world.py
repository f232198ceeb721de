"""Who plays in the demo and what they have learned so far; each step reads and writes this."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Any

import httpx2

from adapter.demo.bank_process import RunningBank
from adapter.demo.browser import Browser
from adapter.demo.partner_client import PartnerClient
from adapter.demo.telling import Teller, tell_members

MOSCOW = dt.timezone(dt.timedelta(hours=3))
CUSTOMER = "ivanova"  # acts for two companies, one of them has three accounts
COMPANY = "Вега"
ACCOUNT = "40702810400170001001"
BANK_BIC = "044525987"


@dataclass(slots=True, kw_only=True)
class World:
    """The bank, the people at their browsers, the partner's program, and facts that later steps need."""

    bank: RunningBank
    tell: Teller
    partner: PartnerClient
    applicant: Browser
    customer: Browser
    closing: ExitStack
    receipt: str = ""
    partner_id: str = ""
    account_id: str = ""
    other_account_id: str = ""  # an account of the same company that the customer did not choose
    cursor: str = ""
    etag: str = ""
    file: bytes = b""
    payment_ids: list[str] = field(default_factory=list)

    def new_browser(self) -> Browser:
        """A browser of another person; closed when the story ends."""
        browser = Browser(self.bank.url, self.tell, internet_bank=self.bank.core_url)
        self.closing.callback(browser.close)
        return browser

    def control(self, path: str, **members: Any) -> Any:
        """Make something happen in the sandbox bank."""
        response = httpx2.post(f"{self.bank.internet_bank}/sandbox/control/{path}", json=members, timeout=30)
        sent = ", ".join(f"{name}={value}" for name, value in members.items())
        body = response.json() if response.content else {}
        self.tell.exchange(
            f"POST /sandbox/control/{path}", sent, str(response.status_code), tell_members(body, tuple(body))
        )
        self.tell.check("the sandbox bank did it", response.is_success, True)
        return body


Step = Callable[[World], None]
Part = Sequence[tuple[str, Step]]  # the step's title and the step


def today() -> dt.date:
    """The bank's date."""
    return dt.datetime.now(MOSCOW).date()
