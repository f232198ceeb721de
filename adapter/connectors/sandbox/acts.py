"""What happens in the bank: money comes, orders are executed, entries are corrected.

Plain functions over one transaction, used by the pages, the control interface, the commands and the tests.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.records import load_order
from adapter.connectors.sandbox import documents, ledger
from adapter.connectors.sandbox.sample import bank_itself
from adapter.connectors.sandbox.tables import accounts, customers
from adapter.domain.accounts import AccountStatus
from adapter.domain.money import Money
from adapter.domain.moscow import moscow_day
from adapter.domain.parties import Counterparty
from adapter.domain.payments import PaymentOrder
from adapter.domain.statements import Direction, DocumentType, EntryDetails

_ACCOUNTS = sa.select(accounts, customers.c.name.label("owner_name"), customers.c.inn, customers.c.kpp).join(
    customers, customers.c.id == accounts.c.customer_id
)
_BY_NUMBER = _ACCOUNTS.where(accounts.c.number == sa.bindparam("wanted"))
_BY_ID = _ACCOUNTS.where(accounts.c.id == sa.bindparam("wanted"))


def find_account_id(connection: Connection, number: str) -> str:
    """Core id of the account with this number; raises UnknownAccount."""
    row = connection.execute(_BY_NUMBER, {"wanted": number}).one_or_none()
    if row is None:
        raise ledger.UnknownAccount(number)
    return str(row.id)


def receive_payment(
    tx: Connection,
    account_id: str,
    amount: Money,
    payer: Counterparty,
    purpose: str,
    now: dt.datetime,
    number: str = "1",
) -> str:
    """Money comes in from another bank; answers the core id of the entry."""
    day = moscow_day(now)
    details = _details(Direction.CREDIT, DocumentType.PAYMENT_ORDER, amount, number, day, payer, purpose)
    return ledger.book(tx, account_id, details)


def charge_by_memo(
    tx: Connection, account_id: str, amount: Money, payee: Counterparty, purpose: str, now: dt.datetime
) -> str:
    """The bank books a debit by a memorial order first; `settle_memo` makes it the payment order that it stood for."""
    day = moscow_day(now)
    details = _details(Direction.DEBIT, DocumentType.MEMORIAL_ORDER, amount, "1", day, payee, purpose)
    return ledger.book(tx, account_id, details)


def settle_memo(tx: Connection, core_id: str, number: str) -> None:
    """The memorial order becomes a payment order with its own number: the same entry, another document kind."""
    _, details = ledger.read_entry(tx, core_id)
    ledger.change(tx, core_id, replace(details, document_type=DocumentType.PAYMENT_ORDER, number=number))


def reverse(tx: Connection, core_id: str, now: dt.datetime) -> str:
    """Undo an entry by a new one in the other direction, booked today; answers the new core id."""
    account_id, details = ledger.read_entry(tx, core_id)
    back = Direction.DEBIT if details.direction is Direction.CREDIT else Direction.CREDIT
    day = moscow_day(now)
    reversal = replace(
        details,
        direction=back,
        document_type=DocumentType.MEMORIAL_ORDER,
        date=day,
        booking_date=day,
        value_date=day,
        purpose=f"Исправление ошибочной операции по документу {details.number} от {details.date:%d.%m.%Y}",
        uin=None,
        budget=None,
    )
    return ledger.book(tx, account_id, reversal)


def execute_signed(tx: Connection, now: dt.datetime) -> int:
    """One step of the bank's clock: every signed order is executed or rejected; answers how many."""
    signed = documents.list_signed(tx)
    for row in signed:
        _execute(tx, row, now)
    return len(signed)


def _execute(tx: Connection, document: Row[*tuple[Any, ...]], now: dt.datetime) -> None:
    documents.start(tx, document.id, now)
    account = tx.execute(_BY_ID, {"wanted": document.account_id}).one()
    if account.status != AccountStatus.OPEN:
        documents.reject(tx, document.id, now, "Операции по счёту приостановлены")
    elif account.booked_kopecks < document.kopecks:
        documents.reject(tx, document.id, now, "Недостаточно средств на счёте")
    else:
        _book_order(tx, document, account, now)
        documents.finish(tx, document.id, now)


def _book_order(
    tx: Connection, document: Row[*tuple[Any, ...]], payer: Row[*tuple[Any, ...]], now: dt.datetime
) -> None:
    order = load_order(document.payment_order)
    ledger.book(tx, payer.id, _order_details(order, Direction.DEBIT, order.payee, now), document.id)
    payee = tx.execute(_BY_NUMBER, {"wanted": order.payee.account}).one_or_none()
    if payee is not None and payee.bic == order.payee.bic:
        ledger.book(tx, payee.id, _order_details(order, Direction.CREDIT, _as_counterparty(payer), now))


def _order_details(
    order: PaymentOrder, direction: Direction, counterparty: Counterparty, now: dt.datetime
) -> EntryDetails:
    day = moscow_day(now)
    details = _details(
        direction, DocumentType.PAYMENT_ORDER, order.amount, order.number, day, counterparty, order.purpose
    )
    return replace(details, date=order.date, priority=order.priority, uin=order.uin, budget=order.budget)


def _details(
    direction: Direction,
    document_type: DocumentType,
    amount: Money,
    number: str,
    day: dt.date,
    counterparty: Counterparty,
    purpose: str,
) -> EntryDetails:
    return EntryDetails(
        direction=direction,
        amount=amount,
        document_type=document_type,
        number=number,
        date=day,
        booking_date=day,
        value_date=day,
        counterparty=counterparty,
        purpose=purpose,
        priority=5,
    )


def _as_counterparty(account: Row[*tuple[Any, ...]]) -> Counterparty:
    return Counterparty(
        name=account.owner_name,
        inn=account.inn,
        kpp=account.kpp,
        account=account.number,
        bic=account.bic,
        bank_name=bank_itself().bank_name,
        correspondent_account=bank_itself().correspondent_account,
    )
