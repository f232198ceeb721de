"""Fakes of the ports: a clock that tests drive, a core held in memory, and faults around any core.

    clock = FakeClock()
    core = FakeCore(clock)                              # MemoryBank inside, faults around it
    core.bank.book("acc-1", entry_details(...))         # something happens in the bank
    core.faults.on("submit_documents", Fault.LOST_AFTER)  # the next submission is done, but its answer is lost
    core.calls["submit_documents"]                      # how often it was asked

`FaultyCore(any_core)` puts the same faults around another core, e.g. the sandbox in a killed process.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import signal
import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from enum import Enum, auto
from typing import TypeVar

from adapter.connectors.key_sets import PublicKey
from adapter.domain.accounts import AccountStatus
from adapter.domain.core import (
    Accepted,
    Capabilities,
    CoreAccount,
    CoreBalance,
    CoreCustomer,
    CoreDocument,
    CoreEntry,
    CoreStatement,
    CoreStatementOrder,
    Deadline,
    DocumentState,
    EntryPage,
    EventPage,
    Mark,
    NotFound,
    Probe,
    Refused,
    Result,
    StatementAnswer,
    StatementRefused,
    Unknown,
)
from adapter.domain.errors import CoreUnavailable, MarkUnknown
from adapter.domain.money import Money
from adapter.domain.moscow import MOSCOW
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import PaymentOrder, PaymentStatus
from adapter.domain.statements import DayTotals, Direction, DocumentType, EntryDetails
from adapter.ports import Clock, CoreBanking

NOON = dt.datetime(2026, 11, 20, 9, 0, tzinfo=dt.UTC)  # a Friday, noon in Moscow

BIC = "044525987"
ACCOUNT = "40702810400000000017"  # its key fits BIC
T = TypeVar("T")


class FakeClock:
    """Stands still until told to move; starts on a working day at noon in Moscow."""

    def __init__(self, start: dt.datetime = NOON) -> None:
        self._now = start
        self._lock = threading.Lock()

    def now(self) -> dt.datetime:
        with self._lock:
            return self._now

    def advance(self, *, seconds: float = 0, minutes: float = 0, hours: float = 0, days: float = 0) -> None:
        with self._lock:
            self._now += dt.timedelta(seconds=seconds, minutes=minutes, hours=hours, days=days)

    def set(self, moment: dt.datetime) -> None:
        with self._lock:
            self._now = moment


class KnownKeys:
    """Public keys that are given.  Meets `KeySource`."""

    def __init__(self, keys: Sequence[PublicKey]) -> None:
        self._keys = keys

    def find(self, kid: str) -> Sequence[PublicKey]:
        return [key for key in self._keys if key.get("kid") == kid]


def entry_details(
    amount: str = "1500.00",
    direction: Direction = Direction.CREDIT,
    day: dt.date = dt.date(2026, 11, 20),
    *,
    number: str = "17",
    document_type: DocumentType = DocumentType.PAYMENT_ORDER,
    purpose: str = "Оплата по счету 17 от 18.11.2026, НДС не облагается",
    counterparty: Counterparty | None = None,
) -> EntryDetails:
    """A believable entry; name only what the test is about."""
    return EntryDetails(
        direction=direction,
        amount=Money.of(amount),
        document_type=document_type,
        number=number,
        date=day,
        booking_date=day,
        value_date=day,
        counterparty=counterparty or PAYEE,
        purpose=purpose,
        priority=5,
    )


PAYEE = Counterparty(
    name='ООО "Ромашка"',
    inn="7830002293",
    kpp="783001001",
    account="40702810955230165464",
    bic="044030653",
    bank_name="СЕВЕРО-ЗАПАДНЫЙ БАНК, г. Санкт-Петербург",
    correspondent_account="30101810500000000653",
)


def payment_order(amount: str = "1500.00", number: str = "101", **changed: object) -> PaymentOrder:
    """A valid payment order to another bank; name only what the test is about."""
    order = PaymentOrder(
        number=number,
        date=dt.date(2026, 11, 20),
        amount=Money.of(amount),
        payee=PAYEE,
        purpose="Оплата по договору 7 от 01.11.2026, НДС не облагается",
    )
    return replace(order, **changed)  # type: ignore[arg-type]


def core_document(
    document_id: str, *, account: str = "acc-1", customer: str = "cus-1", order: PaymentOrder | None = None
) -> CoreDocument:
    return CoreDocument(
        id=document_id,
        customer_id=customer,
        core_account_id=account,
        order=order or payment_order(),
        partner_name="Учёт онлайн",
    )


# --- a bank in memory -------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Ledger:
    account: CoreAccount
    opening: Decimal
    opened_on: dt.date
    log: list[tuple[CoreEntry, dt.date]] = field(default_factory=list)  # every change with the day that it touches
    current: dict[str, EntryDetails] = field(default_factory=dict)

    def total(self, before: dt.date | None = None) -> Decimal:
        return self.opening + sum(
            (_signed(details) for details in self.current.values() if before is None or details.booking_date < before),
            Decimal(0),
        )


def _signed(details: EntryDetails) -> Decimal:
    return details.amount.amount if details.direction is Direction.CREDIT else -details.amount.amount


class MemoryBank:
    """A whole CoreBanking in memory, safe for threads; one user `user-1`, customer `cus-1`, accounts `acc-1`, `acc-2`.

    The acts of the bank (book, change, remove, sign, execute …) are plain methods beside the port's calls.
    """

    def __init__(self, clock: Clock | None = None, *, submit_is_idempotent: bool = True, life: str = "") -> None:
        self.clock = clock or FakeClock()
        self.submit_is_idempotent = submit_is_idempotent
        self.can_tell_documents = True
        self._lock = threading.RLock()
        self._customers: dict[str, list[CoreCustomer]] = {}
        self._ledgers: dict[str, _Ledger] = {}
        self.documents: dict[str, DocumentState] = {}
        self.orders: dict[str, CoreDocument] = {}
        self.submissions: Counter[str] = Counter()  # how often each document id was submitted
        self.made: Counter[str] = Counter()  # how many documents that made; more than one is a duplicate
        self._events: list[DocumentState] = []
        self._withdrawals: dict[str, Result] = {}
        self._statement_orders: dict[str, CoreStatementOrder] = {}
        self._life = life or secrets.token_hex(4)
        self._next_id = 1
        self.add_customer("cus-1", user_id="user-1")
        self.add_account("acc-1", "cus-1", ACCOUNT)
        self.add_account("acc-2", "cus-1", "40702810700000000018")

    # acts of the bank

    def add_customer(self, customer_id: str, *, user_id: str, name: str = 'ООО "Альфа"', may: bool = True) -> None:
        customer = CoreCustomer(
            customer_id=customer_id,
            party=Party(name=name, inn="7707083893", kpp="770701001"),
            user_id=user_id,
            user_name="Иванова Анна",
            role="Генеральный директор",
            may_give_consent=may,
            reason=None if may else "Нет права подписи",
        )
        with self._lock:
            self._customers.setdefault(user_id, []).append(customer)

    def add_account(self, core_id: str, customer_id: str, number: str = ACCOUNT, opening: str = "100000.00") -> None:
        account = CoreAccount(
            core_id=core_id,
            customer_id=customer_id,
            number=number,
            bic=BIC,
            currency="RUB",
            name="Расчётный счёт",
            owner=Party(name='ООО "Альфа"', inn="7707083893", kpp="770701001"),
            status=AccountStatus.OPEN,
        )
        opened_on = self._today() - dt.timedelta(days=366)
        with self._lock:
            self._ledgers[core_id] = _Ledger(account=account, opening=Decimal(opening), opened_on=opened_on)

    def book(self, account: str, details: EntryDetails, document_id: str | None = None) -> str:
        """A new entry; answers its core id."""
        with self._lock:
            core_id = f"core-{self._next_id}"
            self._next_id += 1
            self._write(account, CoreEntry(core_id=core_id, details=details, document_id=document_id))
            return core_id

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        with self._lock:
            self._write(account, replace(self._last(account, core_id), details=details))

    def remove(self, account: str, core_id: str) -> None:
        with self._lock:
            self._write(account, replace(self._last(account, core_id), details=None))

    def reverse(self, account: str, core_id: str) -> str:
        """Undo an entry by another, booked today; answers the core id of that."""
        was, day = self.entry(account, core_id), self._today()
        back = Direction.DEBIT if was.direction is Direction.CREDIT else Direction.CREDIT
        reversal = replace(was, direction=back, purpose="Исправление", date=day, booking_date=day, value_date=day)
        return self.book(account, reversal)

    def entry(self, account: str, core_id: str) -> EntryDetails:
        """An entry as it is now."""
        with self._lock:
            return self._ledgers[account].current[core_id]

    def sign(self, document_id: str) -> None:
        self._move(document_id, PaymentStatus.SIGNED)

    def execute(self, document_id: str) -> str:
        """Execute a signed document; answers the core id of its entry, which carries our document id."""
        with self._lock:
            document = self.orders[document_id]
            details = entry_details(
                str(document.order.amount),
                Direction.DEBIT,
                self._today(),
                number=document.order.number,
                purpose=document.order.purpose,
                counterparty=document.order.payee,
            )
            core_id = self.book(document.core_account_id, details, document_id)
            self._move(document_id, PaymentStatus.EXECUTED)
            return core_id

    def reject(self, document_id: str, reason: str = "Недостаточно средств на счёте") -> None:
        self._move(document_id, PaymentStatus.REJECTED, reason)

    def expire(self, document_id: str) -> None:
        self._move(document_id, PaymentStatus.EXPIRED, "Срок подписания истёк")

    def edit(self, document_id: str, **edited: str) -> None:
        """A person changes fields of a draft in the bank."""
        with self._lock:
            state = self.documents[document_id]
            self.tell(replace(state, at=self.clock.now(), edited={**state.edited, **edited}))

    def tell(self, state: DocumentState) -> None:
        """Say an event as it is and hold it as the state."""
        with self._lock:
            self.documents[state.document_id] = state
            self._events.append(state)

    def tell_late(self, document_id: str, status: PaymentStatus, at: dt.datetime | None = None) -> None:
        """Say an old or contradicting event without changing what the document is."""
        with self._lock:
            known = self.documents[document_id]
            self._events.append(replace(known, status=status, at=at or self.clock.now()))

    def lose_memory(self) -> None:
        """The bank goes on under marks of another life, as after a restore: those given before mean nothing."""
        with self._lock:
            self._life = secrets.token_hex(4)

    def copy_documents(self) -> Callable[[], None]:
        """A backup of what is known of documents now; calling the answer goes back to it, and loses memory."""
        with self._lock:
            documents, orders, events = dict(self.documents), dict(self.orders), list(self._events)

        def restore() -> None:
            with self._lock:
                self.documents, self.orders, self._events = dict(documents), dict(orders), list(events)
                self.made = Counter(documents.keys())
                self.lose_memory()

        return restore

    def lose_entry(self, account: str, core_id: str) -> None:
        """The entry was never here, as after a restore from an earlier day."""
        with self._lock:
            ledger = self._ledgers[account]
            ledger.current.pop(core_id, None)
            ledger.log = [(entry, day) for entry, day in ledger.log if entry.core_id != core_id]

    # CoreBanking

    def capabilities(self) -> Capabilities:
        return Capabilities(
            name="fake",
            batch_size_max=1000,
            can_withdraw=True,
            submit_is_idempotent=self.submit_is_idempotent,
            not_found_is_final_after_s=30.0,
            history_days=366,
            can_tell_documents=self.can_tell_documents,
            can_order_statements=True,
        )

    def probe(self, deadline: Deadline) -> Probe:
        return Probe(is_up=True)

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        with self._lock:
            return tuple(self._customers.get(user_id, ()))

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        with self._lock:
            return tuple(one.account for one in self._ledgers.values() if one.account.customer_id == customer_id)

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        with self._lock:
            return tuple(self._balance(one) for one in core_account_ids if one in self._ledgers)

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        with self._lock:
            ledger = self._ledgers.get(core_account_id)
            if ledger is None:
                return EntryPage(entries=(), mark=after or Mark("0"), has_more=False, as_of=self.clock.now())
            number, day = self._read_mark(after, len(ledger.log))
            closed_through = dt.date.fromisoformat(day) if day else ledger.opened_on - dt.timedelta(days=1)
            changes = ledger.log[number : number + limit]
            has_more = len(ledger.log) > number + len(changes)
            for _, day in changes:
                closed_through = min(closed_through, day - dt.timedelta(days=1))
            closed = [] if has_more else self._closed_days(ledger, closed_through)
            closed_through = closed[-1].day if closed else closed_through
            return EntryPage(
                entries=tuple(entry for entry, _ in changes),
                mark=Mark(f"{self._life} {number + len(changes)} {closed_through}"),
                has_more=has_more,
                as_of=self.clock.now(),
                closed_days=tuple(closed),
            )

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        with self._lock:
            self._statement_orders.setdefault(order.id, order)

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        with self._lock:
            order = self._statement_orders.get(order_id)
            if order is None:
                return StatementRefused(order_id=order_id, code="unknown_order", reason="Такая выписка не заказана")
            if order.core_account_id not in self._ledgers:
                return StatementRefused(order_id=order_id, code="unknown_account", reason="Счёт не найден в банке")
            return self._statement(order)

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if deadline.seconds_left <= 0:
            raise CoreUnavailable("the deadline had passed before the call")
        with self._lock:
            return tuple(self._submit(document) for document in documents)

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        with self._lock:
            return tuple(self._find(one) for one in document_ids)

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        with self._lock:
            start, _ = self._read_mark(after, len(self._events))
            events = tuple(self._events[start : start + limit])
            end = start + len(events)
            return EventPage(events=events, mark=Mark(f"{self._life} {end}"), has_more=len(self._events) > end)

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        with self._lock:
            if request_id not in self._withdrawals:
                self._withdrawals[request_id] = self._withdraw(document_id)
            return self._withdrawals[request_id]

    # inside

    def _read_mark(self, mark: Mark | None, end: int) -> tuple[int, str]:
        """A mark is a life, the number of changes told and, for entries, the last closed day told."""
        if mark is None or mark.text == "0":
            return 0, ""
        life, *rest = mark.text.split(" ")
        if life != self._life or int(rest[0]) > end:
            raise MarkUnknown("the bank in memory never gave this mark, or lost its memory since")
        return int(rest[0]), "".join(rest[1:])

    def _statement(self, order: CoreStatementOrder) -> CoreStatement:
        ledger = self._ledgers[order.core_account_id]
        ours = {entry.core_id: entry.document_id for entry, _ in ledger.log}
        entries = [
            CoreEntry(core_id=core_id, details=details, document_id=ours[core_id])
            for core_id, details in ledger.current.items()
            if order.date_from <= details.booking_date <= order.date_to
        ]
        return CoreStatement(
            order_id=order.id,
            core_account_id=order.core_account_id,
            date_from=order.date_from,
            date_to=order.date_to,
            opening=Money(ledger.total(before=order.date_from)),
            closing=Money(ledger.total(before=order.date_to + dt.timedelta(days=1))),
            entries=sorted(entries, key=lambda one: one.details.booking_date if one.details else dt.date.min),
            as_of=self.clock.now(),
        )

    def _find(self, document_id: str) -> DocumentState | NotFound:
        state = self.documents.get(document_id)
        if state is None:
            return NotFound(document_id=document_id)
        return replace(state, document=self.orders.get(document_id))

    def _today(self) -> dt.date:
        return self.clock.now().astimezone(MOSCOW).date()

    def _last(self, account: str, core_id: str) -> CoreEntry:
        return next(entry for entry, _ in reversed(self._ledgers[account].log) if entry.core_id == core_id)

    def _write(self, account: str, entry: CoreEntry) -> None:
        ledger = self._ledgers[account]
        before = ledger.current.pop(entry.core_id, None)
        if entry.details is not None:
            ledger.current[entry.core_id] = entry.details
        days = [details.booking_date for details in (before, entry.details) if details is not None]
        ledger.log.append((entry, min(days)))

    def _balance(self, account: str) -> CoreBalance:
        booked = Money(self._ledgers[account].total())
        return CoreBalance(core_account_id=account, booked=booked, available=booked, as_of=self.clock.now())

    def _closed_days(self, ledger: _Ledger, closed_through: dt.date) -> list[DayTotals]:
        moved: Counter[dt.date] = Counter()
        for details in ledger.current.values():
            moved[details.booking_date] += _signed(details)  # type: ignore[assignment]
        day, closed = closed_through + dt.timedelta(days=1), []
        opening = ledger.total(before=day)
        while day < self._today():
            closing = opening + moved[day]
            closed.append(DayTotals(day=day, opening=Money(opening), closing=Money(closing)))
            day, opening = day + dt.timedelta(days=1), closing
        return closed

    def _submit(self, document: CoreDocument) -> Result:
        self.submissions[document.id] += 1
        ledger = self._ledgers.get(document.core_account_id)
        if ledger is None or ledger.account.customer_id != document.customer_id:
            return Refused(document_id=document.id, code="unknown_account", reason="Счёт не найден в банке")
        if not self.submit_is_idempotent or document.id not in self.orders:
            self.made[document.id] += 1
            self.orders[document.id] = document
            self.tell(
                DocumentState(
                    document_id=document.id,
                    status=PaymentStatus.AWAITING_SIGNATURE,
                    at=self.clock.now(),
                    core_reference=f"ref-{document.id}",
                    sign_url=f"https://bank.example/sign/{document.id}",
                )
            )
        return self._accepted(document.id)

    def _accepted(self, document_id: str) -> Accepted:
        state = self.documents[document_id]
        return Accepted(document_id=document_id, core_reference=state.core_reference or "", sign_url=state.sign_url)

    def _withdraw(self, document_id: str) -> Result:
        state = self.documents.get(document_id)
        if state is None:
            return Refused(document_id=document_id, code="not_found", reason="Документ не найден")
        if state.status is not PaymentStatus.AWAITING_SIGNATURE:
            return Refused(document_id=document_id, code="too_late", reason="Документ уже подписан или завершён")
        self._move(document_id, PaymentStatus.CANCELLED, "Отозван")
        return self._accepted(document_id)

    def _move(self, document_id: str, status: PaymentStatus, reason: str | None = None) -> None:
        with self._lock:
            state = self.documents[document_id]
            if state.status.is_final:
                raise ValueError(f"{document_id} is {state.status}: nothing more happens to it; see tell_late")
            self.tell(replace(state, status=status, at=self.clock.now(), reason=reason))


# --- faults around any core -------------------------------------------------------------------------------------------


class Fault(Enum):
    """What goes wrong with one call."""

    DOWN = auto()  # the core is not reached: CoreUnavailable
    LOST_BEFORE = auto()  # sent, but the core did nothing: Unknown (reading: CoreUnavailable)
    LOST_AFTER = auto()  # the core did it, the answer is lost: Unknown (reading: CoreUnavailable)
    SLOW = auto()  # the core does it, but its answer comes after the deadline: as LOST_AFTER, after waiting it out
    KILL_BEFORE = auto()  # kill -9 of this process before the core does anything
    KILL_AFTER = auto()  # kill -9 of this process after the core did it


class Faults:
    """Which calls go wrong, by name of the port's method; `"*"` is any call."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._next: dict[str, deque[Fault | None]] = {}
        self._always: dict[str, Fault] = {}

    def on(self, call: str, *faults: Fault | None) -> None:
        """The next calls go wrong so, one after another (None: that one goes well); afterwards all is well."""
        with self._lock:
            self._next.setdefault(call, deque()).extend(faults)

    def always(self, call: str, fault: Fault) -> None:
        with self._lock:
            self._always[call] = fault

    def clear(self) -> None:
        with self._lock:
            self._next.clear()
            self._always.clear()

    def take(self, call: str) -> Fault | None:
        with self._lock:
            for name in (call, "*"):
                if self._next.get(name):
                    return self._next[name].popleft()
                if name in self._always:
                    return self._always[name]
            return None


class FaultyCore:
    """Any CoreBanking with faults on the line between; `calls` counts what was asked, faults included."""

    def __init__(self, core: CoreBanking) -> None:
        self.core = core
        self.faults = Faults()
        self.calls: Counter[str] = Counter()
        self._lock = threading.Lock()

    def capabilities(self) -> Capabilities:
        return self.core.capabilities()

    def probe(self, deadline: Deadline) -> Probe:
        try:
            return self._read("probe", deadline, lambda: self.core.probe(deadline))
        except CoreUnavailable as error:
            return Probe(is_up=False, detail=str(error))

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        return self._read("find_customers", deadline, lambda: self.core.find_customers(user_id, deadline))

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        return self._read("list_accounts", deadline, lambda: self.core.list_accounts(customer_id, deadline))

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        return self._read("read_balances", deadline, lambda: self.core.read_balances(core_account_ids, deadline))

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        return self._read(
            "pull_entries", deadline, lambda: self.core.pull_entries(core_account_id, after, limit, deadline)
        )

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        def done() -> bool:
            self.core.order_statement(order, deadline)
            return True

        self._read("order_statement", deadline, done)

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        return self._read("read_statement", deadline, lambda: self.core.read_statement(order_id, deadline))

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        answer = self._change("submit_documents", deadline, lambda: self.core.submit_documents(documents, deadline))
        if answer is None:
            return tuple(Unknown(document_id=one.id, detail="the answer was lost") for one in documents)
        return answer

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        return self._read("find_documents", deadline, lambda: self.core.find_documents(document_ids, deadline))

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        return self._read(
            "pull_document_events", deadline, lambda: self.core.pull_document_events(after, limit, deadline)
        )

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        answer = self._change(
            "withdraw_document", deadline, lambda: self.core.withdraw_document(document_id, request_id, deadline)
        )
        return answer or Unknown(document_id=document_id, detail="the answer was lost")

    def _read(self, call: str, deadline: Deadline, do: Callable[[], T]) -> T:
        answer = self._change(call, deadline, do)
        if answer is None:
            raise CoreUnavailable("the answer was lost")
        return answer

    def _change(self, call: str, deadline: Deadline, do: Callable[[], T]) -> T | None:
        """The core's answer, or None where it was lost."""
        with self._lock:
            self.calls[call] += 1
        fault = self.faults.take(call)
        if fault is Fault.DOWN:
            raise CoreUnavailable("the core is down")
        if fault is Fault.LOST_BEFORE:
            return None
        if fault is Fault.KILL_BEFORE:
            os.kill(os.getpid(), signal.SIGKILL)
        answer = do()
        if fault is Fault.KILL_AFTER:
            os.kill(os.getpid(), signal.SIGKILL)
        if fault is Fault.SLOW:
            time.sleep(deadline.seconds_left)
        return None if fault in (Fault.LOST_AFTER, Fault.SLOW) else answer


class FakeCore(FaultyCore):
    """A bank in memory (`bank`) with faults around it."""

    def __init__(self, clock: Clock | None = None, *, submit_is_idempotent: bool = True) -> None:
        self.bank = MemoryBank(clock, submit_is_idempotent=submit_is_idempotent)
        super().__init__(self.bank)
