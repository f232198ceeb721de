"""A partner that reads accounts over HTTP from the whole application; the core is in memory."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from adapter.app import create_app, oauth_settings
from adapter.connectors import Core
from adapter.domain.core import Deadline
from adapter.parts import Parts, open_parts
from adapter.settings import Settings
from oauth.scopes import parse_scope
from tests.fakes import FakeClock, FakeCore
from tests.oauth.actors import Bank, NobodyLogsIn, account

ISSUER = "https://bank.example"


@dataclass
class Books:
    """An accounting service with a token for the account `acc-1` of the core; `acc-2` is outside its consent."""

    parts: Parts
    app: Flask
    core: FakeCore
    clock: FakeClock
    bank: Bank
    account_id: str
    other_account_id: str
    token: str

    def get(self, path: str, token: str | None = None, **headers: str) -> TestResponse:
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        sent = {"Authorization": f"Bearer {token or self.token}"} | named
        return self.app.test_client().get(path, base_url=ISSUER, headers=sent)

    def account(self, path: str = "", **headers: str) -> TestResponse:
        return self.get(f"/v1/accounts/{self.account_id}{path}", **headers)

    def changes(self, cursor: str | None = None, query: str = "", **headers: str) -> TestResponse:
        given = "&".join(filter(None, [f"cursor={cursor}" if cursor else "", query]))
        return self.account(f"/changes?{given}", **headers)

    def refresh(self) -> None:
        for account_id in (self.account_id, self.other_account_id):
            assert self.parts.services.feeds.refresh(account_id, Deadline.after(5))

    def give(
        self,
        *account_ids: str,
        history_from: dt.date | None = None,
        scope: str = "statements payments",
        customer_id: str = "cus-1",
    ) -> str:
        """The token of another partner for these accounts."""
        agreed: dict[str, Any] = {
            "customer_id": customer_id,
            "accounts": [account(one) for one in account_ids],
            "scopes": parse_scope(scope),
        }
        if history_from:
            agreed["history_from"] = history_from
        token: str = self.bank.partner().tokens(agreed, scope=scope)["access_token"]
        return token


@pytest.fixture
def books(sqlite_url: str) -> Iterator[Books]:
    clock = FakeClock()
    core = FakeCore(clock)
    found = open_books(sqlite_url, clock, core, Core(banking=core, login=NobodyLogsIn()))
    yield found
    stop_counting(found.app)
    found.parts.close()


def stop_counting(app: Flask) -> None:
    """The thread that writes uses every few seconds must not outlive its database.

    What it logs of that is parsed (traceback), and CPython 3.11 takes no two parsers at a time: werkzeug, making the
    next test's routes, gets "SystemError: AST constructor recursion depth mismatch".
    """
    app.extensions["oauth"].uses.close()


def open_books(url: str, clock: FakeClock, core: FakeCore, opened: Core) -> Books:
    """The service over `opened`, which stands before `core`."""
    settings = Settings(database_url=url, issuer=ISSUER, secret_key="k" * 32, core="fake", feed_wait_max_s=5.0)
    parts = open_parts(settings, clock, opened)
    first, second = (offer.account.id for offer in parts.directory.accounts("cus-1"))
    found = Books(
        parts=parts,
        app=create_app(parts),
        core=core,
        clock=clock,
        bank=Bank(parts.database, clock, oauth_settings(settings)),
        account_id=first,
        other_account_id=second,
        token="",
    )
    found.token = found.give(first)
    return found
