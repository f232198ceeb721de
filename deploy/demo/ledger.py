"""What the accounting service remembers: the connection, accounts, entries and payments, in one JSON file.

A real service has a database here.  What matters is the same: tokens are readable by the service alone, and a cursor
is stored together with the entries that it stands behind, so that a crash repeats a page and never loses one.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from threading import Lock
from typing import Any

from bank_api import Tokens


@dataclass(slots=True, kw_only=True)
class Ledger:
    """`accounts`, `entries` and `payments` hold the bank's own objects by id; `notes` is what the accountant added."""

    tokens: Tokens | None = None
    accounts: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries: dict[str, dict[str, Any]] = field(default_factory=dict)
    notes: dict[str, str] = field(default_factory=dict)
    payments: dict[str, dict[str, Any]] = field(default_factory=dict)
    entries_cursor: str | None = None
    entries_etag: str | None = None
    payments_cursor: str | None = None
    as_of: str | None = None

    def entries_of(self, account_id: str) -> list[dict[str, Any]]:
        """Newest first."""
        found = [entry for entry in self.entries.values() if entry["account_id"] == account_id]
        return sorted(found, key=lambda entry: (entry["booking_date"], entry["id"]), reverse=True)

    def list_payments(self) -> list[dict[str, Any]]:
        """Newest first."""
        return sorted(self.payments.values(), key=lambda payment: payment["created_at"], reverse=True)

    def take_page(self, page: Mapping[str, Any], etag: str | None) -> None:
        """A page of changes and the cursor after it: stored together or not at all."""
        for entry in (*page["added"], *page["changed"]):
            self.entries[entry["id"]] = entry
        for entry in page["removed"]:
            self.entries.pop(entry["id"], None)
        self.entries_cursor, self.entries_etag, self.as_of = page["next_cursor"], etag, page["as_of"]

    def take_payments(self, payments: Iterable[dict[str, Any]]) -> None:
        """The latest word of the bank on these payments."""
        self.payments.update({payment["id"]: payment for payment in payments})

    def disconnect(self) -> None:
        """Forget the permission and where reading stood; entries and notes stay, they are accounting records."""
        self.tokens = None
        self.accounts = {}
        self.entries_cursor = self.entries_etag = self.payments_cursor = None


class LedgerFile:
    """The ledger on disk; one writer at a time."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = Lock()

    def read(self) -> Ledger:
        if not self._path.exists():
            return Ledger()
        values = json.loads(self._path.read_text("utf-8"))
        tokens = values.pop("tokens")
        return Ledger(**values, tokens=Tokens(**tokens) if tokens else None)

    @contextmanager
    def change(self) -> Iterator[Ledger]:
        """The ledger to change; it is stored when the block ends well."""
        with self._lock:
            ledger = self.read()
            yield ledger
            self._store(ledger)

    def _store(self, ledger: Ledger) -> None:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        draft = self._path.with_suffix(".new")
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
            json.dump(asdict(ledger), file, ensure_ascii=False)
        draft.replace(self._path)
