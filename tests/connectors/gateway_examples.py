"""Examples for a bank's team, made from a run of the reference server: `python -m tests.connectors.gateway_examples`.

The bank in memory stands behind it, so that every run gives the same.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import flask

from adapter.connectors.gateway.app import init_app
from adapter.domain.core import CoreStatementOrder
from adapter.domain.moscow import moscow_day
from adapter.domain.statements import Direction
from adapter.schemas.core_gateway.documents import dump_documents
from adapter.schemas.core_gateway.statements import dump_statement_order
from tests.fakes import FakeClock, MemoryBank, core_document, entry_details

EXAMPLES = Path(__file__).parents[2] / "api_specs" / "core-gateway" / "examples"

Example = Mapping[str, Any]


def make_examples() -> dict[str, Example]:
    """By name: the request and the answer to it."""
    clock = FakeClock()
    bank = MemoryBank(clock, life="a5c20f11")
    fee = bank.book("acc-1", entry_details("25.00", Direction.DEBIT, purpose="Комиссия за ведение счёта"))
    bank.book("acc-1", entry_details())
    bank.remove("acc-1", fee)
    document = core_document("pay_0f6e2c41")
    today = moscow_day(clock.now())
    order = CoreStatementOrder(id="so_51c0a7", core_account_id="acc-1", date_from=today, date_to=today)
    asked: dict[str, tuple[str, str, Any]] = {
        "capabilities": ("GET", "capabilities", None),
        "health": ("GET", "health", None),
        "customers": ("GET", "users/user-1/customers", None),
        "accounts": ("GET", "customers/cus-1/accounts", None),
        "balances": ("POST", "balances/query", {"account_ids": ["acc-2", "unknown", "acc-1"]}),
        "entries": ("GET", "accounts/acc-1/entries?limit=2", None),
        "entries-of-a-mark-not-known": ("GET", "accounts/acc-1/entries?limit=2&after=999%202030-01-01", None),
        "documents": ("POST", "documents", dump_documents([document])),
        "documents-once-more": ("POST", "documents", dump_documents([document])),
        "documents-wrong": ("POST", "documents", {"documents": [{"document_id": "pay_1"}]}),
        "documents-query": ("POST", "documents/query", {"document_ids": [document.id, "pay_unknown"]}),
        "withdrawal": ("PUT", f"documents/{document.id}/withdrawals/wd_1", None),
        "document-events": ("GET", "document-events?limit=100", None),
        "statement-order": ("PUT", f"statement-orders/{order.id}", dump_statement_order(order)),
        "statement": ("GET", f"statement-orders/{order.id}", None),
    }
    app = flask.Flask("core")
    init_app(app, bank, clock, None)
    client = app.test_client()
    return {name: _ask(client, *one) for name, one in asked.items()}


def _ask(client: Any, method: str, path: str, body: Any) -> Example:
    answer = client.open(f"/core/v1/{path}", method=method, json=body if body is not None or method == "GET" else {})
    request = {"method": method, "path": f"/core/v1/{path}", "body": body}
    return {"request": request, "response": {"status": answer.status_code, "body": answer.get_json()}}


def write_text(example: Example) -> str:
    return json.dumps(example, ensure_ascii=False, indent=2) + "\n"


def main() -> None:
    EXAMPLES.mkdir(parents=True, exist_ok=True)
    for name, example in make_examples().items():
        (EXAMPLES / f"{name}.json").write_text(write_text(example), "utf-8")


if __name__ == "__main__":
    main()
