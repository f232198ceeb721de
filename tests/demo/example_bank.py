"""The bank that answers as the examples in api_specs show: the sandbox at one fixed moment.

    python -m tests.demo.example_bank        # writes the examples anew; then look at the difference and commit it

Random parts (ids, cursors) differ from run to run; `without_random` hides them for a comparison.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import re
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from adapter import migrations
from adapter.app import create_app, oauth_settings
from adapter.connectors.sandbox.sample import bank_directory
from adapter.domain.core import Deadline
from adapter.formats.ed807 import parse_directory
from adapter.parts import open_parts
from adapter.settings import Settings
from adapter.store.banks import StoredBanks
from adapter.store.database import open_database
from tests.fakes import FakeClock
from tests.oauth.actors import ISSUER, Bank, account

EXAMPLES = Path(__file__).parents[2] / "api_specs" / "examples"
NOW = dt.datetime(2026, 11, 22, 7, tzinfo=dt.UTC)
NUMBER = "40702810400170001001"
TODAY = "from=2026-11-22&to=2026-11-22"
RANDOM = re.compile(
    r"\b(?:(?P<kind>acc|pay|imp|sto|cn)_[0-9a-f]{16,}|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|[0-9a-f]{32}\b"
    r'|(?<="request_id": ")[0-9a-f]+|(?<="next_cursor": ")[^"]+)'
)


def without_random(text: bytes) -> str:
    return RANDOM.sub(lambda found: found["kind"] or "random", text.decode("latin-1"))


class Partner:
    """An accounting service with the whole consent of «Вега» for its main account."""

    def __init__(self, directory: str) -> None:
        settings = Settings(
            database_url=f"sqlite:///{directory}/adapter.db",
            sandbox_database_url=f"sqlite:///{directory}/core.db",
            issuer=ISSUER,
            secret_key="k" * 32,
        )
        database = open_database(settings.database_url)
        migrations.upgrade(database.writer)
        database.close()
        clock = FakeClock(NOW)
        self.parts = open_parts(settings, clock)
        self.client = create_app(self.parts).test_client()
        StoredBanks(self.parts.database).replace(parse_directory(bank_directory()), NOW)
        self.account_id = next(
            offer.account.id for offer in self.parts.directory.accounts("vega") if offer.account.number == NUMBER
        )
        agreed = {
            "customer_id": "vega",
            "accounts": [account(self.account_id)],
            "history_from": dt.date(2025, 11, 22),
            "expires_at": dt.datetime(2027, 5, 21, 20, 59, 59, tzinfo=dt.UTC),
        }
        tokens = Bank(self.parts.database, clock, oauth_settings(settings)).partner().tokens(agreed)
        self.headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    def get(self, path: str) -> bytes:
        answer = self.client.get(path, base_url=ISSUER, headers=self.headers)
        assert answer.status_code == 200, answer.text
        return bytes(answer.data)

    def post(self, path: str, body: bytes, content_type: str, status: int) -> Any:
        headers = self.headers | {"Idempotency-Key": hashlib.sha256(body).hexdigest(), "Content-Type": content_type}
        answer = self.client.post(path, data=body, base_url=ISSUER, headers=headers)
        assert answer.status_code == status, answer.text
        return answer.json

    def receive(self, amount: str, purpose: str, payer: int) -> None:
        """At the bank, a payment comes in."""
        body = {"account": NUMBER, "amount": amount, "purpose": purpose, "payer": payer}
        assert self.client.post("/sandbox/control/incoming", json=body, base_url=ISSUER).status_code == 201
        self.parts.services.feeds.refresh(self.account_id, Deadline.after(10))


def make_examples() -> Mapping[str, bytes]:
    """Every answer among the examples, by the name of its file; what is sent is read from the files beside them."""
    with tempfile.TemporaryDirectory() as directory:
        partner = Partner(directory)
        try:
            return _read(partner) | _order_statement(partner) | _pay(partner)
        finally:
            partner.parts.close()


def _read(partner: Partner) -> dict[str, bytes]:
    path = f"/v1/accounts/{partner.account_id}"
    cursor = ""
    while (page := json.loads(partner.get(f"{path}/changes?limit=500{cursor}"))) and page["has_more"]:
        cursor = f"&cursor={page['next_cursor']}"
    partner.receive("42000.00", "Оплата по договору N 15-П, в том числе НДС 22% - 7573.77", payer=0)
    changes = partner.get(f"{path}/changes?cursor={page['next_cursor']}")
    partner.receive("15300.00", "Оплата по счету N 77. НДС не облагается", payer=1)
    return {
        "accounts.json": _pretty(partner.get("/v1/accounts")),
        "balances.json": _pretty(partner.get(f"{path}/balances")),
        "consent.json": _pretty(partner.get("/v1/consent")),
        "changes.json": _pretty(changes),
        "statement.json": _pretty(partner.get(f"{path}/statement?{TODAY}")),
        "statement-1c.txt": partner.get(f"{path}/statement?{TODAY}&format=1c"),
    }


def _order_statement(partner: Partner) -> dict[str, bytes]:
    wish = {"account_id": partner.account_id, "from": "2026-11-22", "to": "2026-11-22", "format": "1c"}
    order = partner.post("/v1/statement-orders", json.dumps(wish).encode(), "application/json", 202)
    assert partner.parts.maker.make_next()
    return {"statement-order.json": _pretty(partner.get(f"/v1/statement-orders/{order['id']}"))}


def _pay(partner: Partner) -> dict[str, bytes]:
    order = json.loads((EXAMPLES / "payment-order.json").read_text("utf-8")) | {"account_id": partner.account_id}
    wrong = order | {"payee": order["payee"] | {"account": "40702810400970078665"}}
    payment = partner.post("/v1/payments", json.dumps(order).encode(), "application/json", 201)
    problem = partner.post("/v1/payments", json.dumps(wrong).encode(), "application/json", 422)
    onec = (EXAMPLES / "orders-1c.txt").read_bytes()
    batch = partner.post("/v1/payment-imports", onec, "text/plain; charset=windows-1251", 202)
    xml = (EXAMPLES / "orders-pain001.xml").read_bytes().replace(b"40802810400810091843", b"40802810400810091844")
    other = partner.post("/v1/payment-imports?mode=valid_only", xml, "application/xml", 202)
    while partner.parts.delivery.send_due():
        pass
    return {
        "payment-order.json": _pretty(json.dumps(order).encode()),
        "payment.json": _pretty(partner.get(f"/v1/payments/{payment['id']}")),
        "problem.json": _pretty(json.dumps(problem).encode()),
        "payment-import.json": _pretty(json.dumps(batch).encode()),
        "payment-import-pain002.xml": partner.get(f"/v1/payment-imports/{other['id']}?format=pain002"),
    }


def _pretty(body: bytes) -> bytes:
    return json.dumps(json.loads(body), ensure_ascii=False, indent=2).encode() + b"\n"


if __name__ == "__main__":
    for name, text in make_examples().items():
        (EXAMPLES / name).write_bytes(text)
