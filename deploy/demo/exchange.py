"""The exchange with the bank: news of entries and payments come in, payment orders go out."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import httpx2
from bank_api import Bank, BankError, ConnectionLost, Tokens
from ledger import Ledger, LedgerFile

log = logging.getLogger("demo.exchange")

PAGE = 200


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """How many entries a refresh brought; `is_nothing` when the bank answered 304 (nothing changed)."""

    added: int = 0
    changed: int = 0
    removed: int = 0

    @property
    def is_nothing(self) -> bool:
        return not (self.added or self.changed or self.removed)

    def plus(self, page: Mapping[str, Any]) -> News:
        """With another page counted."""
        return News(
            added=self.added + len(page["added"]),
            changed=self.changed + len(page["changed"]),
            removed=self.removed + len(page["removed"]),
        )


class Exchange:
    """One company's connection to one bank."""

    def __init__(self, bank: Bank, ledger_file: LedgerFile) -> None:
        self._bank = bank
        self._file = ledger_file

    def connect(self, tokens: Tokens) -> None:
        """Take a new permission into use; reading starts from the beginning of what it shows."""
        with self._file.change() as ledger:
            ledger.disconnect()
            ledger.entries.clear()
            ledger.tokens = tokens
        self.refresh()

    def refresh(self) -> News:
        """Accounts with balances, new entries, and what became of payments."""
        news = self._pull_entries()
        if not (news.is_nothing and self._file.read().accounts):
            accounts = self._list_accounts()
            with self._file.change() as ledger:
                ledger.accounts = accounts
        self._pull_payments()
        return news

    def send_payment(self, order: Mapping[str, Any], key: str) -> dict[str, Any]:
        """One order; the same key sent again gives the same payment."""
        payment = dict(self._call("POST", "/v1/payments", json=order, headers={"Idempotency-Key": key}).json())
        with self._file.change() as ledger:
            ledger.take_payments([payment])
        return payment

    def send_file(self, data: bytes, key: str) -> int:
        """A 1C text file as it is, all orders or none; answers how many payments are new."""
        headers = {"Idempotency-Key": key, "Content-Type": "text/plain"}
        response = self._call("POST", "/v1/payment-imports", content=data, headers=headers)
        is_replay = response.headers.get("Idempotent-Replayed") == "true"
        return 0 if is_replay else int(response.json()["created"])

    def disconnect(self) -> None:
        """End the permission at the bank and forget it here, also when the bank does not answer."""
        try:
            self._call("DELETE", "/v1/consent")
        except BankError:
            log.warning("the bank was not told that the connection ended")
        with self._file.change() as ledger:
            ledger.disconnect()

    def _pull_entries(self) -> News:
        news = News()
        while True:
            response = self._ask_changes(self._file.read())
            if response.status_code == 304:
                return news
            page = response.json()
            with self._file.change() as ledger:
                ledger.take_page(page, response.headers.get("ETag"))
            news = news.plus(page)
            if not page["has_more"]:
                return news

    def _ask_changes(self, ledger: Ledger) -> httpx2.Response:
        params: dict[str, str | int] = {"limit": PAGE}
        if ledger.entries_cursor:
            params["cursor"] = ledger.entries_cursor
        headers = {"If-None-Match": ledger.entries_etag} if ledger.entries_etag else {}
        return self._call("GET", "/v1/changes", params=params, headers=headers)

    def _list_accounts(self) -> dict[str, dict[str, Any]]:
        accounts = {}
        for account in self._call("GET", "/v1/accounts").json()["accounts"]:
            balances = self._call("GET", f"/v1/accounts/{account['id']}/balances").json()
            accounts[account["id"]] = {**account, "balances": balances}
        return accounts

    def _pull_payments(self) -> None:
        while True:
            cursor = self._file.read().payments_cursor
            params = {"limit": PAGE, "cursor": cursor} if cursor else {"limit": PAGE}
            page = self._call("GET", "/v1/payments", params=params).json()
            with self._file.change() as ledger:
                ledger.take_payments(page["payments"])
                ledger.payments_cursor = page["next_cursor"]
            if not page["has_more"]:
                return

    def _call(self, method: str, path: str, **request: Any) -> httpx2.Response:
        """A call with a token that still works; a token that the bank refuses is renewed once."""
        tokens = self._tokens()
        try:
            return self._bank.call(method, path, tokens, **dict(request))
        except ConnectionLost:
            return self._bank.call(method, path, self._renew(tokens), **dict(request))

    def _tokens(self) -> Tokens:
        tokens = self._file.read().tokens
        if tokens is None:
            raise ConnectionLost("not connected")
        return self._renew(tokens) if tokens.is_stale else tokens

    def _renew(self, tokens: Tokens) -> Tokens:
        renewed = self._bank.renew(tokens)
        with self._file.change() as ledger:
            ledger.tokens = renewed
        return renewed
