"""What there is to judge by: the history, the adapter's database and the core's, read with SQL of our own.

Nothing here comes from the product: a mistake that it makes in reading would else be made twice.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg

from tests.faults.history import Attempt, Content, content_of, read_history

TABLES_OF_DOCUMENTS = ("careless_inbox", "sandbox_documents")
PAYMENTS = """
    SELECT p.id, p.external_id, p.status, a.core_id, p."order"
    FROM payments p JOIN accounts a ON a.id = p.account_id ORDER BY p.created_at, p.id
"""


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the adapter has it and tells it to its partner."""

    id: str
    external_id: str
    status: str
    content: Content


@dataclass(frozen=True, slots=True)
class Document:
    """A document as the core has it; `id` is ours."""

    id: str
    status: str
    content: Content


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """`arrived` is the core's inbox in the order of arrival, with each document as often as it is there."""

    attempts: Sequence[Attempt]
    payments: Sequence[Payment]
    errands: Mapping[str, bool]  # payment → whether it waits for a person
    alarms: Mapping[str, int]
    arrived: Sequence[Document]


def read_facts(history: Path, adapter_dsn: str, core: Path) -> Facts:
    with psycopg.connect(adapter_dsn) as connection:
        rows = connection.execute(PAYMENTS).fetchall()
        errands = connection.execute("SELECT payment_id, needs_person FROM outbox").fetchall()
        alarms = connection.execute("SELECT kind, count(*) FROM alarms GROUP BY kind").fetchall()
    return Facts(
        attempts=list(read_history(history)),
        payments=[_read_payment(*row) for row in rows],
        errands=dict(errands),
        alarms=dict(alarms),
        arrived=_read_arrived(core),
    )


def _read_payment(payment_id: str, external_id: str, status: str, account: str, order: dict[str, Any]) -> Payment:
    return Payment(payment_id, external_id, status, content_of(account, order["amount"], order))


def _read_arrived(core: Path) -> list[Document]:
    with closing(sqlite3.connect(f"file:{core}?mode=ro", uri=True)) as books:
        tables = {name for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        table = next(name for name in TABLES_OF_DOCUMENTS if name in tables)
        rows = books.execute(f"SELECT id, status, account_id, payment_order FROM {table} ORDER BY number").fetchall()
    return [_read_document(*row) for row in rows]


def _read_document(document_id: str, status: str, account: str, text: str) -> Document:
    order = json.loads(text)
    return Document(document_id, status, content_of(account, order["amount"]["amount"], order))
