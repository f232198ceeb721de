"""The exchange of the demo accounting service with a bank that answers as told."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import httpx2
import pytest
from bank_api import Attempt, Bank, BankSilent, ConnectionLost, ConnectionRefused, Refused, Tokens
from exchange import Exchange
from joserfc.jwk import ECKey
from ledger import LedgerFile
from orders import draft_order, errors_by_field

BANK = "https://bank.example"
REDIRECT = "https://service.example/callback"
ATTEMPT = Attempt(url="", state="s-1", verifier="v-1")
FOREVER = 4e9
Answer = Callable[[httpx2.Request], httpx2.Response]


class TellingBank:
    """Answers by path; `asked` keeps the requests.  A token that is not in `tokens` is refused."""

    def __init__(self, issuer: str = BANK) -> None:
        self.asked: list[httpx2.Request] = []
        self.tokens = {"at_1"}
        self.answers: dict[str, Answer] = {
            "/.well-known/oauth-authorization-server": told({"issuer": issuer, "token_endpoint": f"{BANK}/token"}),
            "/token": told({"access_token": "at_2", "expires_in": 1800}),
            "/v1/accounts": told({"accounts": []}),
            "/v1/payments": told({"payments": [], "next_cursor": "p1", "has_more": False}),
        }

    def __call__(self, request: httpx2.Request) -> httpx2.Response:
        self.asked.append(request)
        if request.url.path.startswith("/v1/") and request.headers["Authorization"][7:] not in self.tokens:
            return httpx2.Response(401, json={"code": "unauthorized"})
        return self.answers[request.url.path](request)

    def client(self) -> Bank:
        http = httpx2.Client(transport=httpx2.MockTransport(self))
        return Bank(BANK, "pc_1", ECKey.generate_key("P-256", {"kid": "k"}), http)


def told(body: Mapping[str, Any], status: int = 200, **headers: str) -> Answer:
    return lambda _: httpx2.Response(status, json=body, headers=headers)


def page(*added: str, cursor: str, has_more: bool = False) -> dict[str, Any]:
    entries = [{"id": entry, "account_id": "acc_1", "booking_date": "2026-11-20"} for entry in added]
    return {
        "added": entries,
        "changed": [],
        "removed": [],
        "next_cursor": cursor,
        "has_more": has_more,
        "as_of": None,
    }


def connected(bank: TellingBank, tmp_path: Path, expires_at: float = FOREVER) -> tuple[Exchange, LedgerFile]:
    ledger_file = LedgerFile(tmp_path / "state.json")
    with ledger_file.change() as ledger:
        ledger.tokens = Tokens(access="at_1", refresh="rt_1", expires_at=expires_at)
    return Exchange(bank.client(), ledger_file), ledger_file


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"state": "s-2"}, "wrong_state"),
        ({"iss": "https://other.example"}, "wrong_issuer"),
        ({"error": "access_denied"}, "access_denied"),
    ],
)
def test_a_reply_that_is_not_this_banks_answer_to_this_attempt_is_refused(wrong: dict[str, str], reason: str) -> None:
    bank = TellingBank()
    reply = {"state": "s-1", "iss": BANK, "code": "ac_1"}
    with pytest.raises(ConnectionRefused, match=reason):
        bank.client().finish(ATTEMPT, REDIRECT, reply | wrong)
    assert not any(request.url.path == "/token" for request in bank.asked)
    bank.answers["/token"] = told({"access_token": "at_1", "refresh_token": "rt_1", "expires_in": 1800})
    assert bank.client().finish(ATTEMPT, REDIRECT, reply).refresh == "rt_1"


def test_metadata_of_another_issuer_are_not_used() -> None:
    with pytest.raises(BankSilent):
        TellingBank(issuer="https://other.example").client().begin(REDIRECT, "")


def test_pages_are_read_to_the_end_and_the_next_time_only_news_is_asked_for(tmp_path: Path) -> None:
    bank = TellingBank()
    exchange, ledger_file = connected(bank, tmp_path)
    pages = iter([page("e1", cursor="c1", has_more=True), page("e2", cursor="c2")])
    bank.answers["/v1/changes"] = lambda _: httpx2.Response(200, json=next(pages), headers={"ETag": '"1-2"'})
    assert exchange.refresh().added == 2
    assert set(ledger_file.read().entries) == {"e1", "e2"}
    bank.answers["/v1/changes"] = lambda _: httpx2.Response(304)
    assert exchange.refresh().is_nothing
    last = [request for request in bank.asked if request.url.path == "/v1/changes"][-1]
    assert (last.url.params["cursor"], last.headers["If-None-Match"]) == ("c2", '"1-2"')


def test_a_crash_between_two_pages_repeats_a_page_and_loses_none(tmp_path: Path) -> None:
    bank = TellingBank()
    exchange, ledger_file = connected(bank, tmp_path)
    answers = iter([httpx2.Response(200, json=page("e1", cursor="c1", has_more=True)), httpx2.Response(503)])
    bank.answers["/v1/changes"] = lambda _: next(answers)
    with pytest.raises(BankSilent):
        exchange.refresh()
    stored = ledger_file.read()
    assert (set(stored.entries), stored.entries_cursor) == ({"e1"}, "c1")


@pytest.mark.parametrize("expires_at", [FOREVER, 0.0])
def test_a_token_that_ended_is_renewed_once_and_kept(tmp_path: Path, expires_at: float) -> None:
    bank = TellingBank()
    bank.tokens = {"at_2"}
    bank.answers["/v1/changes"] = lambda _: httpx2.Response(304)
    exchange, ledger_file = connected(bank, tmp_path, expires_at)
    exchange.refresh()
    kept = ledger_file.read().tokens
    assert kept
    assert (kept.access, kept.refresh) == ("at_2", "rt_1")
    assert sum(request.url.path == "/token" for request in bank.asked) == 1


def test_a_permission_that_is_over_is_told_as_such(tmp_path: Path) -> None:
    bank = TellingBank()
    bank.tokens = set()
    bank.answers["/token"] = told({"error": "invalid_grant"}, 400)
    exchange, _ = connected(bank, tmp_path)
    with pytest.raises(ConnectionLost, match="invalid_grant"):
        exchange.refresh()


def test_errors_of_the_bank_stand_at_their_fields() -> None:
    refusal = Refused(
        {"errors": [{"pointer": "/payee/account", "message": "Не сходится"}, {"pointer": "", "message": "!"}]}
    )
    assert errors_by_field(refusal) == {"payee.account": ["Не сходится"], "": ["!"]}


def test_an_order_leaves_out_what_was_left_empty() -> None:
    form = {"amount": "1 500,50", "number": "5", "payee.name": " ООО ", "payee.account": "40702 810", "payee.kpp": ""}
    assert draft_order(form) == {
        "number": "5",
        "amount": "1500.50",
        "currency": "RUB",
        "payee": {"name": "ООО", "account": "40702810"},
    }
