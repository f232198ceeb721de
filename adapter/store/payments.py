"""Payments and imports as partners see them.

Accepting is one transaction: key, import, payments, steps, errands for the worker, and numbers in the feed of fates.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite

from adapter.domain.fates import Action, FatePage, Word
from adapter.domain.imports import Draft, KeyClaim, PaymentImport
from adapter.domain.order_warnings import Matches
from adapter.domain.payments import Payment
from adapter.ports import Clock, PaymentCaller
from adapter.store.accepting import add_payments, find_known, flag_lookalikes, sort_out, write_orders
from adapter.store.database import Database
from adapter.store.fates import write_words
from adapter.store.idempotency import claim_key, find_key, point_key
from adapter.store.imports import add_import, fill_lines, find_same, read_import, with_present_status
from adapter.store.payment_rows import find_payment, list_fates, read_payment
from adapter.store.tables import outbox

_NOW_WANTED = {"withdrawal_wanted": True, "needs_person": False, "due_at": sa.literal_column("excluded.due_at")}
WANT_WITHDRAWAL = {
    "postgresql": postgresql.insert(outbox).on_conflict_do_update(index_elements=["payment_id"], set_=_NOW_WANTED),
    "sqlite": sqlite.insert(outbox).on_conflict_do_update(index_elements=["payment_id"], set_=_NOW_WANTED),
}


class PaymentRecords:
    """Meets `ports.PaymentJournal`."""

    def __init__(self, database: Database, clock: Clock, duplicate_window_days: int) -> None:
        self._database = database
        self._clock = clock
        self._duplicate_window = dt.timedelta(days=duplicate_window_days)

    def find_key(self, caller: PaymentCaller, claim: KeyClaim) -> str | None:
        with self._database.reading() as connection:
            return find_key(connection, caller, claim)

    def match(self, caller: PaymentCaller, drafts: Sequence[Draft]) -> Matches:
        since = self._clock.now() - self._duplicate_window
        with self._database.reading() as connection:
            known = find_known(connection, caller, drafts, since)
        written = write_orders(drafts) if known.stored else {}
        return Matches(
            taken={
                name: stored.id for name, stored in known.stored.items() if stored.order_sha256 != written[name].sha256
            },
            lookalikes={
                draft.external_id: draft.payment.warnings[-1]
                for draft in flag_lookalikes(caller, drafts, known)
                if draft.payment.possible_duplicate_of  # nothing is said of others' payments to who stores nothing
            },
        )

    def read_payment(self, caller: PaymentCaller, payment_id: str) -> Payment:
        with self._database.reading() as connection:
            return read_payment(connection, caller, payment_id)

    def find_payment(self, caller: PaymentCaller, external_id: str) -> Payment | None:
        with self._database.reading() as connection:
            return find_payment(connection, caller, external_id)

    def read_import(self, caller: PaymentCaller, import_id: str) -> PaymentImport:
        with self._database.reading() as connection:
            return read_import(connection, caller, import_id)

    def list_fates(self, caller: PaymentCaller, after: int, limit: int) -> FatePage:
        with self._database.reading() as connection:
            return list_fates(connection, caller, after, limit)

    def accept_payment(self, caller: PaymentCaller, claim: KeyClaim, draft: Draft) -> tuple[Payment, bool]:
        now = self._clock.now()
        with self._database.transaction() as tx:
            earlier = claim_key(tx, caller, claim, draft.payment.id, now)
            if earlier is not None:
                return read_payment(tx, caller, earlier), False
            found = sort_out(tx, caller, [draft], now - self._duplicate_window)
            if found.new:
                add_payments(tx, caller, found, places={})
                return found.new[0].payment, True
            (known,) = found.stored.values()
            point_key(tx, caller, claim, known.id)
            return read_payment(tx, caller, known.id), False

    def accept_import(
        self, caller: PaymentCaller, claim: KeyClaim, batch: PaymentImport, drafts: Sequence[Draft]
    ) -> tuple[PaymentImport, bool]:
        now = self._clock.now()
        with self._database.transaction() as tx:
            earlier = claim_key(tx, caller, claim, batch.id, now)
            if earlier is not None:
                return read_import(tx, caller, earlier), False
            found = sort_out(tx, caller, drafts, now - self._duplicate_window)
            same = find_same(tx, found, claim.body_sha256)
            if same is not None:
                point_key(tx, caller, claim, same)
                return read_import(tx, caller, same), False
            filled = replace(batch, lines=fill_lines(batch.lines, found))
            add_import(tx, filled, claim.body_sha256)
            places = {line.external_id: line.index for line in filled.lines if line.external_id and line.is_new}
            add_payments(tx, caller, found, places)
            return with_present_status(tx, filled), True

    def cancel(self, caller: PaymentCaller, claim: KeyClaim, word: Word) -> Payment:
        now = self._clock.now()
        with self._database.transaction() as tx:
            (is_cancelled,) = write_words(tx, [word], now)
            if is_cancelled:  # else the key stays free: nothing was done under it
                claim_key(tx, caller, claim, word.payment_id, now)
            return read_payment(tx, caller, word.payment_id)

    def want_withdrawal(self, caller: PaymentCaller, claim: KeyClaim, payment_id: str) -> Payment:
        now = self._clock.now()
        errand = {"payment_id": payment_id, "action": Action.WITHDRAW, "due_at": now, "withdrawal_wanted": True}
        with self._database.transaction() as tx:
            claim_key(tx, caller, claim, payment_id, now)
            tx.execute(WANT_WITHDRAWAL[tx.dialect.name], errand)
            return read_payment(tx, caller, payment_id)
