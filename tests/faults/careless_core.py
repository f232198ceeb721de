"""The worst core that keeps the contract, as a process: `python -m tests.faults.careless_core PORT`.

It is the sandbox bank with an inbox that takes everything it is sent, as often as it is sent: what is submitted twice
is there twice.  Only asking before sending, and waiting until a NotFound is proof, keeps it clean.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import flask

from adapter.bank_server import BankOptions, BankServer, open_bank
from adapter.connectors.gateway import app as gateway
from adapter.connectors.records import dump_order
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
from adapter.logs import set_up_logs
from adapter.parts import SystemClock
from adapter.ports import CoreBanking
from adapter.settings import read_settings

FINAL_AFTER_S = 5.0  # longer than any call is under way
BATCH = 4  # documents in one call, so that a row meets many calls

INBOX = """
    CREATE TABLE IF NOT EXISTS careless_inbox (
        number INTEGER PRIMARY KEY AUTOINCREMENT,
        id TEXT NOT NULL, status TEXT NOT NULL, account_id TEXT NOT NULL, payment_order TEXT NOT NULL
    );
    CREATE INDEX IF NOT EXISTS careless_inbox_id ON careless_inbox (id)
"""
TAKE = "INSERT INTO careless_inbox (id, status, account_id, payment_order) VALUES (?, ?, ?, ?)"


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
            batch_size_max=BATCH,
            can_withdraw=False,
            submit_is_idempotent=False,
            not_found_is_final_after_s=FINAL_AFTER_S,
            can_tell_documents=False,
        )

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        with self._open() as connection:
            connection.executemany(TAKE, [_row_of(document) for document in documents])
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


def _row_of(document: CoreDocument) -> tuple[str, ...]:
    order = json.dumps(dump_order(document.order), ensure_ascii=False)
    return document.id, PaymentStatus.AWAITING_SIGNATURE, document.core_account_id, order


class CarelessServer(BankServer):
    """The sandbox bank's server around the careless bank, in the same file."""

    def load(self) -> flask.Flask:
        sandbox = open_bank(self._settings, self._options, SystemClock())
        bank = CarelessBank(sandbox.banking, Path(self._settings.sandbox_database_url.removeprefix("sqlite:///")))
        app = flask.Flask("careless_bank", static_folder=None)
        gateway.init_app(app, bank, sandbox.clock, callers=None)  # type: ignore[arg-type]
        return app


def main(port: int) -> None:
    settings = read_settings()
    set_up_logs(settings.log_level)
    url = f"http://127.0.0.1:{port}"
    options = BankOptions(host="127.0.0.1", port=port, url=url, adapter_url=settings.issuer)
    CarelessServer(settings, options).run()


if __name__ == "__main__":
    port = int(sys.argv.pop())  # gunicorn reads the rest
    main(port)
