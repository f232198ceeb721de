"""A desk for tests of payments: services on a real database, a core in memory with faults, and callers.

desk = Desk(database)
payment, is_new = desk.submit(order("inv-1"))
desk.work()                                   # one round of the worker
desk.read(payment.id).status
"""

from __future__ import annotations

import hashlib
import itertools
from collections.abc import Collection, Sequence
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from adapter.domain.core import Deadline
from adapter.domain.imports import ImportMode, ImportShape, KeyClaim, OrderLine, PaymentImport, SentBatch
from adapter.domain.origins import OriginSeal
from adapter.domain.payments import Payment, PaymentOrder
from adapter.domain.stuck import Act, Person, StuckDocument
from adapter.formats.order_values import read_order_values
from adapter.ports import Clock, CoreBanking
from adapter.services.delivery import Delivery
from adapter.services.order_check import OrderCheck
from adapter.services.payments import Payments
from adapter.services.stuck_documents import StuckDocuments
from adapter.store.accounts import StoredAccounts
from adapter.store.banks import StoredBanks
from adapter.store.database import Database
from adapter.store.outbox import Outbox
from adapter.store.payments import PaymentRecords
from adapter.store.stuck_documents import StuckDocuments as StoredStuckDocuments
from tests.fakes import FakeClock, FakeCore, payment_order

LEASE_S = 60.0
SECRET = "s" * 32
CLERK = Person(kind="staff", id="st_olga", ip="10.0.0.7")
keys = itertools.count(1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Meets `ports.PaymentCaller`."""

    account_ids: tuple[str, ...]
    partner_id: str = "pa_1"
    partner_name: str = "Учёт онлайн"
    customer_id: str = "cus-1"
    consent_id: str = "cn_1"
    scopes: frozenset[str] = frozenset(("statements", "payments"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Permit:
    """Meets `ports.PaymentPermit`."""

    account_ids: frozenset[str]
    is_held: bool = False


class Permits:
    """What consents allow: everything, until a test sets another `permit` (None: the consent is over)."""

    class _Everything(frozenset[str]):
        def __contains__(self, account_id: object) -> bool:
            return True

    def __init__(self) -> None:
        self.permit: Permit | None = Permit(account_ids=self._Everything())

    def hold(self) -> None:
        self.permit = Permit(account_ids=self._Everything(), is_held=True)

    def __call__(self, _connection: object, consent_ids: Collection[str], _now: object) -> dict[str, Permit]:
        return dict.fromkeys(consent_ids, self.permit) if self.permit else {}


class Desk:
    """Everything about payments on one database; `core` is a FakeCore unless another is given."""

    core: Any  # a FakeCore, unless the test gave another
    clock: Any

    def __init__(
        self,
        database: Database,
        core: CoreBanking | None = None,
        clock: Clock | None = None,
        customer_id: str = "cus-1",
    ) -> None:
        self.clock = clock or FakeClock()
        self.core = core or FakeCore(self.clock)
        self.database = database
        self.permits = Permits()
        self.consent_owners: dict[str, tuple[str, str]] = {}  # known here; partner and customer by consent
        self.outbox = self.open_outbox()
        self.delivery = self.open_delivery()
        self.acts: list[tuple[str, Act]] = []
        self.stuck = self.open_stuck()
        book = StoredAccounts(database)
        shared = [one for one in self.core.list_accounts(customer_id, Deadline.after(10)) if one.can_be_shared]
        accounts = book.register(customer_id, shared, self.clock.now())
        self.account_id = accounts[min(one.core_id for one in shared if one.currency == "RUB")].id
        self.caller = Caller(account_ids=(self.account_id,), customer_id=customer_id)
        self.payments = Payments(
            journal=PaymentRecords(database, self.clock, duplicate_window_days=3),
            orders=OrderCheck(
                accounts=book,
                banks=StoredBanks(database),
                clock=self.clock,
                values=read_order_values(),
                past_days=10,
                future_days=10,
            ),
            core=self.core,
            clock=self.clock,
            change_timeout_s=1.0,
        )

    def open_outbox(self, permits: Any = None, secret: str = SECRET) -> Outbox:
        return Outbox(
            self.database,
            self.clock,
            permits or self.permits,
            OriginSeal(secret),
            lambda _connection, consent_id: self.consent_owners.get(consent_id),
        )

    def open_delivery(self, owner: str = "worker-1", core: CoreBanking | None = None) -> Delivery:
        return Delivery(
            fates=self.outbox,
            core=core or self.core,
            clock=self.clock,
            owner=owner,
            lease_s=LEASE_S,
            read_timeout_s=1.0,
            change_timeout_s=1.0,
        )

    def open_stuck(self) -> StuckDocuments:
        return StuckDocuments(
            book=StoredStuckDocuments(self.database, self.clock, self.permits, self._note_act),
            core=self.core,
            clock=self.clock,
            read_timeout_s=1.0,
        )

    def _note_act(self, _tx: object, act: Act, document: StuckDocument) -> None:
        self.acts.append((document.payment_id, act))

    def order(self, external_id: str | None = "inv-1", number: str = "101", **changed: object) -> PaymentOrder:
        return payment_order(number=number, external_id=external_id, account_id=self.account_id, **changed)

    def submit(self, order: PaymentOrder, key: str | None = None, caller: Caller | None = None) -> tuple[Payment, bool]:
        return self.payments.submit(caller or self.caller, claim("payment", key, repr(order)), OrderLine(order=order))

    def import_batch(
        self,
        orders: Sequence[PaymentOrder],
        key: str | None = None,
        *,
        mode: ImportMode = ImportMode.ALL_OR_NOTHING,
        shape: ImportShape = ImportShape.JSON,
    ) -> tuple[PaymentImport, bool]:
        lines = [OrderLine(order=order, pointer=f"/payments/{place}") for place, order in enumerate(orders)]
        sent = SentBatch(lines=lines, mode=mode, shape=shape)
        return self.payments.import_batch(self.caller, claim("import", key, repr(orders)), sent)

    def cancel(self, payment_id: str, key: str | None = None, caller: Caller | None = None) -> Payment:
        return self.payments.cancel(caller or self.caller, claim("cancellation", key, payment_id), payment_id)

    def read(self, payment_id: str) -> Payment:
        return self.payments.read(self.caller, payment_id)

    def work(self) -> None:
        """One round of the worker."""
        self.delivery.send_due()
        self.delivery.follow_fates()

    def drained(self, rounds: int = 20, step_s: float = 61.0) -> None:
        """Rounds with time passing between them until no errand is left."""
        for _ in range(rounds):
            self.work()
            if not self.count("outbox"):
                return
            self.clock.advance(seconds=step_s)
        raise AssertionError("errands are left")

    def count(self, table: str) -> int:
        with self.database.reading() as connection:
            return connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one()

    def alarms(self) -> list[tuple[str, str]]:
        with self.database.reading() as connection:
            return [tuple(row) for row in connection.execute(sa.text("SELECT kind, subject FROM alarms ORDER BY id"))]


def claim(operation: str, key: str | None, body: str) -> KeyClaim:
    """A key claim; without a key each one is a request of its own."""
    digest = hashlib.sha256(f"{operation} {body}".encode()).digest()
    return KeyClaim(key=key or f"key-{next(keys)}", operation=operation, body_sha256=digest)


def other_partner(caller: Caller) -> Caller:
    return replace(caller, partner_id="pa_2", partner_name="Другой сервис", consent_id="cn_2")


def statuses(payment: Payment) -> list[str]:
    """The way a payment went; late words in brackets."""
    return [step.status if step.applied else f"({step.status})" for step in payment.status_history]
