"""The worst core that keeps the contract, as a process: `python -m tests.faults.careless_core DATABASE_URL PORT`.

It is the sandbox bank with an inbox that takes everything it is sent, as often as it is sent: what is submitted twice
is there twice.  Only asking before sending, and waiting until a NotFound is proof, keeps it clean.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
import time
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from adapter.connectors.sandbox.opening import open_sandbox
from adapter.domain.core import (
    Accepted,
    Capabilities,
    CoreDocument,
    Deadline,
    DocumentState,
    EventPage,
    Mark,
    NotFound,
    Result,
)
from adapter.domain.payments import PaymentStatus
from adapter.ports import CoreBanking

FINAL_AFTER_S = 5.0  # longer than any call is under way

INBOX = """
    CREATE TABLE IF NOT EXISTS careless_inbox (number INTEGER PRIMARY KEY AUTOINCREMENT, id TEXT NOT NULL, at REAL);
    CREATE INDEX IF NOT EXISTS careless_inbox_id ON careless_inbox (id)
"""


class CarelessBank:
    """Meets CoreBanking; all but documents is the sandbox's."""

    def __init__(self, bank: CoreBanking, inbox: Path) -> None:
        self._bank = bank
        self._inbox = inbox
        with self._open() as connection:
            connection.executescript(INBOX)

    def __getattr__(self, name: str) -> object:
        return getattr(self._bank, name)

    def capabilities(self) -> Capabilities:
        return replace(
            self._bank.capabilities(),
            name="careless",
            can_withdraw=False,
            submit_is_idempotent=False,
            not_found_is_final_after_s=FINAL_AFTER_S,
            can_tell_documents=False,
        )

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        with self._open() as connection:
            rows = [(document.id, time.time()) for document in documents]
            connection.executemany("INSERT INTO careless_inbox (id, at) VALUES (?, ?)", rows)
        return [Accepted(document_id=document.id, core_reference="in") for document in documents]

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        with self._open() as connection:
            marks = ",".join("?" * len(document_ids))
            rows = connection.execute(f"SELECT id FROM careless_inbox WHERE id IN ({marks})", list(document_ids))
            held = {row[0] for row in rows}
        now = dt.datetime.now(dt.UTC)
        return [
            DocumentState(document_id=one, status=PaymentStatus.AWAITING_SIGNATURE, at=now)
            if one in held
            else NotFound(document_id=one)
            for one in document_ids
        ]

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        return EventPage(events=(), mark=after or Mark("0"), has_more=False)

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self._inbox, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection


class SystemClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


def open_careless(database_url: str) -> CarelessBank:
    """The bank with its inbox in the same SQLite file."""
    bank = open_sandbox(database_url, base_url="http://127.0.0.1", bank_name="Банк", clock=SystemClock())
    return CarelessBank(bank.banking, Path(database_url.removeprefix("sqlite:///")))
