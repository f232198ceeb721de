"""Statement, «nothing new», and one incoming payment that comes through the feed alone."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal
from typing import Any

from adapter.demo.telling import DemoFailed
from adapter.demo.world import ACCOUNT, Part, World, today

PERIOD_DAYS = 30
LOCKED = ["amount", "number", "date", "booking_date", "account", "counterparty.account", "counterparty.inn"]
INCOMING_AMOUNT = "15300.00"
INCOMING_PURPOSE = "Оплата по счету N 77. НДС не облагается"


def read_statement(world: World) -> None:
    period = f"from={today() - dt.timedelta(days=PERIOD_DAYS)}&to={today()}"
    path = f"/v1/accounts/{world.account_id}/statement?{period}"
    tell = ("opening_balance", "total_credits", "total_debits", "closing_balance", "entries", "complete_through")
    statement = world.partner.call("GET", path, tell=tell).body
    computed = (
        _amount(statement, "opening_balance") + _amount(statement, "total_credits") - _amount(statement, "total_debits")
    )
    world.tell.check("opening + credits - debits = closing", computed, _amount(statement, "closing_balance"))
    entry = statement["entries"][-1]
    world.tell.check("each entry names what must not be edited", sorted(entry["locked_fields"]), sorted(LOCKED))
    text = world.partner.call("GET", f"{path}&format=1c&encoding=windows-1251")
    world.tell.check("the same period as a 1C file", "1CClientBankExchange" in str(text.body)[:40], True)
    xml = world.partner.call("GET", f"{path}&format=camt053")
    world.tell.check("and as ISO 20022 camt.053", "camt.053.001.02" in str(xml.body)[:200], True)


def download_by_hand(world: World) -> None:
    world.tell.say("The customer opens «Выписки» in the bank, chooses account, quarter and 1C, presses «Скачать».")
    page = world.customer.open("/customer/statements")
    choice = {"account": world.account_id, "period": "last_quarter", "shape": "1c"}
    file = world.customer.submit(page, page.form(having="shape"), choice)
    world.tell.check("the file is the statement for 1C", file.html.startswith("1CClientBankExchange"), True)
    world.tell.check("and it is of this account", f"РасчСчет={ACCOUNT}" in file.html, True)


def read_feed(world: World) -> None:
    seen = 0
    path = f"/v1/accounts/{world.account_id}/changes?limit=500"
    while True:
        page = _changes(world, path)
        seen += len(page["added"])
        if not page["has_more"]:
            break
        path = f"/v1/accounts/{world.account_id}/changes?limit=500&cursor={page['next_cursor']}"
    world.tell.check("the feed brought the history", seen > PERIOD_DAYS, True)
    answer = world.partner.call("GET", _feed_path(world), headers={"If-None-Match": world.etag})
    world.tell.check("nothing new: 304 and no body", (answer.status, answer.body), (304, ""))


def receive_payment(world: World) -> None:
    world.tell.say("At the bank, a payment comes in.")
    world.control("incoming", account=ACCOUNT, amount=INCOMING_AMOUNT, purpose=INCOMING_PURPOSE, payer=1)
    world.tell.say("The service waits for news (wait=20): the bank answers when there is some.")
    page = wait_for_news(world)
    world.tell.check(
        "only the new entry comes", [len(page[part]) for part in ("added", "changed", "removed")], [1, 0, 0]
    )
    entry = page["added"][0]
    got = (entry["direction"], entry["amount"], entry["purpose"])
    world.tell.check("and it is that payment", got, ("credit", INCOMING_AMOUNT, INCOMING_PURPOSE))


def wait_for_news(world: World, rounds: int = 6) -> dict[str, Any]:
    """Hold a request at the bank until the account changes."""
    for _ in range(rounds):
        answer = world.partner.call(
            "GET",
            f"{_feed_path(world)}&wait=20",
            tell=("added", "changed", "removed", "as_of"),
            headers={"If-None-Match": world.etag},
        )
        if answer.status == 200:
            world.cursor, world.etag = answer.body["next_cursor"], answer.headers["ETag"]
            return dict(answer.body)
    raise DemoFailed("no news came through the feed")


def _changes(world: World, path: str) -> dict[str, Any]:
    answer = world.partner.call("GET", path, tell=("added", "changed", "removed", "has_more", "as_of"))
    world.tell.check("the feed answers", answer.status, 200)
    world.cursor, world.etag = answer.body["next_cursor"], answer.headers["ETag"]
    return dict(answer.body)


def _feed_path(world: World) -> str:
    return f"/v1/accounts/{world.account_id}/changes?cursor={world.cursor}"


def _amount(statement: dict[str, Any], name: str) -> Decimal:
    return Decimal(statement[name])


STEPS: Part = (
    ("The service takes a statement", read_statement),
    ("The customer downloads a statement without any service", download_by_hand),
    ("The service asks whether there is anything new: nothing", read_feed),
    ("A payment comes in, and only it comes through the feed", receive_payment),
)
