"""A bank's hand for the SQL core: it acts on the bank's own tables by SQL, as the bank's programs would.

It knows nothing of the schema `open_api` but the drafts, which a bank's programs read there and write the fate of.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.engine import Connection, make_url

from adapter.connectors.sql.opening import SqlCore, open_sql_core
from adapter.domain.moscow import moscow_day
from adapter.domain.statements import OPERATION_CODES, Direction, EntryDetails
from tests.fakes import NOON, FakeClock

ROOT = Path(__file__).parents[3]
BANK = Path(__file__).with_name("bank.sql")
SCHEMA = ROOT / "api_specs" / "core-sql.sql"
ROLE_PASSWORD = "only-for-tests"

POSTINGS = sa.table(
    "postings",
    *map(
        sa.column,
        (
            "id",
            "account_id",
            "amount",
            "kind",
            "number",
            "dated",
            "booked_on",
            "valued_on",
            "party_name",
            "party_inn",
            "party_kpp",
            "party_account",
            "party_bic",
            "party_bank",
            "party_bank_account",
            "purpose",
            "priority",
            "uin",
        ),
    ),
    sa.column("budget", JSONB),
    sa.column("order_id"),
    schema="bank",
)
NOT_REVERSED = {"id", "amount", "purpose", "booked_on", "valued_on", "order_id"}
DRAFT = sa.text("SELECT * FROM open_api.drafts WHERE document_id = :id")
MOVE = sa.text(
    "UPDATE open_api.drafts SET status = :to_status, reason = :reason WHERE document_id = :id AND status = :was"
)
EDIT = sa.text(
    "UPDATE open_api.drafts SET edited = edited || :edited WHERE document_id = :id AND status = 'awaiting_signature'"
).bindparams(sa.bindparam("edited", type_=JSONB))


class ActRefused(Exception):
    """The draft is not where this act can be done."""


def make_bank(url: str) -> None:
    """Fill an empty database: the bank's own tables, then what its DBA runs for the product."""
    engine = sa.create_engine(url)
    with engine.begin() as tx:
        driver: Any = tx.connection.driver_connection
        driver.execute(BANK.read_text(encoding="utf-8"))
        driver.execute(SCHEMA.read_text(encoding="utf-8"))
        driver.execute(f"ALTER ROLE bank_adapter PASSWORD '{ROLE_PASSWORD}'")
    engine.dispose()


def url_of_product(url: str) -> str:
    """How the product reaches the bank: with the rights of its role and no others."""
    return make_url(url).set(username="bank_adapter", password=ROLE_PASSWORD).render_as_string(hide_password=False)


class BankClock(FakeClock):
    """When it moves, the bank's business day moves."""

    def __init__(self, engine: sa.Engine) -> None:
        super().__init__(NOON)
        self._engine = engine

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        super().advance(seconds=seconds, minutes=minutes, hours=hours, days=days)
        self._tell()

    def set(self, moment: dt.datetime) -> None:
        super().set(moment)
        self._tell()

    def _tell(self) -> None:
        now = self.now()
        with self._engine.begin() as tx:
            row = {"today": moscow_day(now), "at": now}
            tx.execute(sa.text("UPDATE bank.operating_day SET today = :today, at = :at"), row)


class SqlBench:
    user = "ivanova"
    customer = "1001"
    account = "A-1"
    second_account = "A-2"
    foreign_account = "B-1"

    def __init__(self, url: str) -> None:
        self.engine = sa.create_engine(url, pool_size=20)
        self.clock = BankClock(self.engine)
        self.opened: SqlCore = open_sql_core(url_of_product(url), clock=self.clock, calls_max=8)
        self.core = self.opened.banking

    def close(self) -> None:
        self.opened.database.close()
        self.engine.dispose()

    @contextmanager
    def acting(self) -> Iterator[Connection]:
        with self.engine.begin() as tx:
            yield tx

    def book(self, account: str, details: EntryDetails, order_id: str | None = None) -> str:
        with self.acting() as tx:
            return post(tx, account, details, order_id)

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        with self.acting() as tx:
            tx.execute(sa.update(POSTINGS).where(POSTINGS.c.id == int(core_id)).values(posting(account, details)))

    def remove(self, account: str, core_id: str) -> None:
        with self.acting() as tx:
            tx.execute(sa.delete(POSTINGS).where(POSTINGS.c.id == int(core_id)))

    def reverse(self, account: str, core_id: str) -> str:
        """Booked on the present business day, whatever day the entry was of."""
        kept = ", ".join(one.name for one in POSTINGS.c if one.name not in NOT_REVERSED)
        with self.acting() as tx:
            made = tx.execute(
                sa.text(
                    f"INSERT INTO bank.postings (amount, purpose, booked_on, valued_on, {kept}) "
                    f"SELECT -amount, 'Исправление', today, today, {kept} "
                    "FROM bank.postings, bank.operating_day WHERE id = :id RETURNING id"
                ),
                {"id": int(core_id)},
            )
            return str(made.scalar_one())

    def sign(self, document_id: str) -> None:
        self._move(document_id, "awaiting_signature", "signed")

    def execute(self, document_id: str) -> None:
        with self.acting() as tx:
            draft = tx.execute(DRAFT, {"id": document_id}).one()
            self._step(tx, document_id, "signed", "in_process")
            tx.execute(sa.insert(POSTINGS), self._posting_of(draft))
            self._step(tx, document_id, "in_process", "executed")

    def reject(self, document_id: str) -> None:
        self._move(document_id, "signed", "rejected", "Недостаточно средств на счёте")

    def edit(self, document_id: str, **changes: str) -> None:
        with self.acting() as tx:
            tx.execute(EDIT, {"id": document_id, "edited": changes})

    def expire(self, document_id: str) -> None:
        self._move(document_id, "awaiting_signature", "expired", "Срок подписания истёк")

    def restore(self) -> None:
        """What the DBA does after a return to an earlier state."""
        with self.acting() as tx:
            tx.execute(sa.text("UPDATE open_api.restores SET life = gen_random_uuid()"))

    def _posting_of(self, draft: sa.Row[Any]) -> dict[str, Any]:
        today = moscow_day(self.clock.now())
        return {
            "account_id": draft.account_id,
            "amount": -draft.amount,
            "kind": "01",
            "number": draft.number,
            "dated": draft.date,
            "booked_on": today,
            "valued_on": today,
            "party_name": draft.payee_name,
            "party_inn": draft.payee_inn,
            "party_kpp": draft.payee_kpp,
            "party_account": draft.payee_account,
            "party_bic": draft.payee_bic,
            "party_bank": draft.payee_bank_name,
            "party_bank_account": draft.payee_correspondent_account,
            "purpose": draft.purpose,
            "priority": draft.priority,
            "uin": draft.uin,
            "order_id": draft.document_id,
        }

    def _move(self, document_id: str, was: str, to_status: str, reason: str | None = None) -> None:
        with self.acting() as tx:
            self._step(tx, document_id, was, to_status, reason)

    def _step(self, tx: Connection, document_id: str, was: str, to_status: str, reason: str | None = None) -> None:
        done = tx.execute(MOVE, {"id": document_id, "was": was, "to_status": to_status, "reason": reason})
        if not done.rowcount:
            raise ActRefused(document_id)


def post(tx: Connection, account: str, details: EntryDetails, order_id: str | None = None) -> str:
    """Book in a transaction of the caller; answers the id of the posting."""
    row = {**posting(account, details), "order_id": order_id}
    return str(tx.execute(sa.insert(POSTINGS).values(row).returning(POSTINGS.c.id)).scalar_one())


def posting(account: str, details: EntryDetails) -> dict[str, Any]:
    amount, party = details.amount.amount, details.counterparty
    return {
        "account_id": account,
        "amount": amount if details.direction is Direction.CREDIT else -amount,
        "kind": OPERATION_CODES.get(details.document_type, ""),
        "number": details.number,
        "dated": details.date,
        "booked_on": details.booking_date,
        "valued_on": details.value_date,
        "party_name": party.name,
        "party_inn": party.inn,
        "party_kpp": party.kpp,
        "party_account": party.account,
        "party_bic": party.bic,
        "party_bank": party.bank_name,
        "party_bank_account": party.correspondent_account,
        "purpose": details.purpose,
        "priority": details.priority,
        "uin": details.uin,
        "budget": asdict(details.budget) if details.budget else None,
    }
