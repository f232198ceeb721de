"""Cores that outlive the processes that talk to them, so that they can judge what arrived.

`CarelessCore` is the worst that a bank may have: what is sent twice is there twice.  Only asking before sending, and
waiting until a NotFound is proof, keeps it clean.
"""

from __future__ import annotations

import datetime as dt
import sqlite3
from collections.abc import Sequence
from dataclasses import replace

from adapter.connectors.sandbox.opening import open_sandbox
from adapter.domain.core import (
    Accepted,
    Capabilities,
    CoreAccount,
    CoreDocument,
    Deadline,
    DocumentState,
    EventPage,
    Mark,
    NotFound,
    Probe,
    Result,
)
from adapter.domain.payments import PaymentStatus
from adapter.ports import CoreBanking
from tests.fakes import FaultyCore, MemoryBank

BATCH = 4  # documents in one call, so that a run meets many calls
FINAL_AFTER_S = 0.2


class SystemClock:
    def now(self) -> dt.datetime:
        return dt.datetime.now(dt.UTC)


class CarelessCore:
    """An inbox in an SQLite file that takes everything it is sent, as often as it is sent."""

    def __init__(self, path: str) -> None:
        self.path = path
        with self._open() as inbox:
            inbox.execute("CREATE TABLE IF NOT EXISTS inbox (document_id TEXT NOT NULL)")

    def capabilities(self) -> Capabilities:
        return Capabilities(
            name="careless",
            batch_size_max=BATCH,
            can_withdraw=False,
            submit_is_idempotent=False,
            not_found_is_final_after_s=FINAL_AFTER_S,
            history_days=0,
            can_tell_documents=False,
            can_order_statements=False,
        )

    def probe(self, deadline: Deadline) -> Probe:
        return Probe(is_up=True)

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        return MemoryBank().list_accounts("cus-1", deadline)

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        with self._open() as inbox:
            inbox.executemany("INSERT INTO inbox VALUES (?)", [(document.id,) for document in documents])
        return [Accepted(document_id=document.id, core_reference="in") for document in documents]

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        held = set(self.arrived())
        now = dt.datetime.now(dt.UTC)
        return [
            DocumentState(document_id=one, status=PaymentStatus.AWAITING_SIGNATURE, at=now)
            if one in held
            else NotFound(document_id=one)
            for one in document_ids
        ]

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        return EventPage(events=(), mark=after or Mark("0"), has_more=False)

    def arrived(self) -> list[str]:
        """Every document as often as it came."""
        with self._open() as inbox:
            return [row[0] for row in inbox.execute("SELECT document_id FROM inbox")]

    def _open(self) -> sqlite3.Connection:
        connection = sqlite3.connect(self.path, timeout=30)
        connection.execute("PRAGMA journal_mode=WAL")
        return connection


class SmallCalls(FaultyCore):
    """Faults around a core that takes few documents in one call."""

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), batch_size_max=BATCH)


def open_core(kind: str, place: str) -> CoreBanking:
    """`careless` or `sandbox`, at a path."""
    if kind == "careless":
        return CarelessCore(place)  # type: ignore[return-value]  # the calls that payments make
    bank = open_sandbox(f"sqlite:///{place}", base_url="http://127.0.0.1", bank_name="Банк", clock=SystemClock())
    return bank.banking


def list_arrived(kind: str, place: str) -> list[str]:
    """The judge: every document in the core's own database, as often as it is there."""
    if kind == "careless":
        return CarelessCore(place).arrived()
    with sqlite3.connect(place) as books:
        return [row[0] for row in books.execute("SELECT id FROM sandbox_documents")]
