"""Imported payment orders: the inbox keyed by the sender's id, signing, and the log of what became of them.

    submit → awaiting_signature → signed → in_process → executed | rejected
                               ↘ cancelled (withdrawn by the sender, refused by a person) | expired

Every step is written with its event in one transaction, so the log and the documents never disagree.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.sandbox.records import dump_order, load_order
from adapter.connectors.sandbox.tables import (
    accounts,
    customers,
    document_events,
    documents,
    mandates,
    signatures,
    users,
    withdrawals,
)
from adapter.domain.accounts import AccountStatus
from adapter.domain.core import Accepted, CoreDocument, DocumentState, EventPage, Mark, Refused, Result
from adapter.domain.money import Money
from adapter.domain.payments import PaymentOrder, PaymentStatus


class UnknownDocument(LookupError):
    """No such document in this bank, or not this customer's."""


class ActRefused(Exception):
    """A person's act on a document is not possible; the text is Russian, for that person."""


_BY_ID = sa.select(documents).where(documents.c.id == sa.bindparam("document_id"))
_KNOWN_IDS = sa.select(documents.c.id).where(documents.c.id.in_(sa.bindparam("ids", expanding=True)))
_BY_IDS = sa.select(documents).where(documents.c.id.in_(sa.bindparam("ids", expanding=True)))
_SET = (
    sa.update(documents)
    .where(documents.c.id == sa.bindparam("document_id"))
    .values(status=sa.bindparam("to_status"), reason=sa.bindparam("why"), updated_at=sa.bindparam("at"))
)
_EVENTS = (
    sa.select(document_events, documents.c.number.label("document_number"))
    .join(documents, documents.c.id == document_events.c.document_id)
    .where(document_events.c.number > sa.bindparam("after"))
    .order_by(document_events.c.number)
    .limit(sa.bindparam("most"))
)
_ACCOUNT_OWNERS = sa.select(accounts.c.id, accounts.c.customer_id, accounts.c.status, accounts.c.currency).where(
    accounts.c.id.in_(sa.bindparam("ids", expanding=True))
)
_SIGNATURES_NEEDED = (
    sa.select(customers.c.signatures_needed)
    .join(documents, documents.c.customer_id == customers.c.id)
    .where(documents.c.id == sa.bindparam("document_id"))
)


# --- what the sender asks ---------------------------------------------------------------------------------------------


def submit(tx: Connection, batch: Sequence[CoreDocument], now: dt.datetime, sign_page: str) -> list[Result]:
    """Put drafts into the inbox; a known id is answered as before and changes nothing.  One result each, in order."""
    owners = {row.id: row for row in tx.execute(_ACCOUNT_OWNERS, {"ids": list({one.core_account_id for one in batch})})}
    refused = {one.id: why for one in batch if (why := _reason_to_refuse(one, owners.get(one.core_account_id)))}
    known = set(tx.execute(_KNOWN_IDS, {"ids": [one.id for one in batch]}).scalars())
    new = {one.id: one for one in batch if one.id not in known and one.id not in refused}
    if new:
        tx.execute(sa.insert(documents), [_new_row(one, now) for one in new.values()])
        tx.execute(sa.insert(document_events), [_event(one, PaymentStatus.AWAITING_SIGNATURE, now) for one in new])
    rows = {row.id: row for row in tx.execute(_BY_IDS, {"ids": [one.id for one in batch]})}
    return [_accepted(rows[one.id], sign_page) if one.id in rows else refused[one.id] for one in batch]


def find(connection: Connection, document_ids: Sequence[str], sign_page: str) -> dict[str, DocumentState]:
    """States of the documents that there are, by id."""
    rows = connection.execute(_BY_IDS, {"ids": list(document_ids)})
    return {row.id: _state(row.id, row.number, row, row.updated_at, sign_page) for row in rows}


def pull_events(connection: Connection, after: Mark | None, limit: int, sign_page: str) -> EventPage:
    """States in the order in which they were taken."""
    start = int(after.text) if after else 0
    rows = connection.execute(_EVENTS, {"after": start, "most": limit + 1}).all()
    told = rows[:limit]
    return EventPage(
        events=tuple(_state(row.document_id, row.document_number, row, row.at, sign_page) for row in told),
        mark=Mark(str(told[-1].number if told else start)),
        has_more=len(rows) > limit,
    )


def withdraw(tx: Connection, document_id: str, request_id: str, now: dt.datetime, sign_page: str) -> Result:
    """Take a draft back while it awaits signatures; a repeated request gets its first answer."""
    row = tx.execute(_BY_ID, {"document_id": document_id}).one_or_none()
    if row is None:
        return Refused(document_id=document_id, code="not_found", reason="Документ не найден")
    done = tx.execute(sa.select(withdrawals.c.done).where(withdrawals.c.request_id == request_id)).scalar_one_or_none()
    if done is None:
        done = row.status == PaymentStatus.AWAITING_SIGNATURE
        tx.execute(sa.insert(withdrawals), {"request_id": request_id, "document_id": document_id, "done": done})
        if done:
            _move(tx, document_id, PaymentStatus.CANCELLED, now, "Отозван отправителем")
    if not done:
        return Refused(document_id=document_id, code="too_late", reason="Документ уже подписан или завершён")
    return _accepted(row, sign_page)


# --- what people and the bank do --------------------------------------------------------------------------------------


def read(connection: Connection, document_id: str) -> Row[*tuple[Any, ...]]:
    """The document's row; raises UnknownDocument."""
    row = connection.execute(_BY_ID, {"document_id": document_id}).one_or_none()
    if row is None:
        raise UnknownDocument(document_id)
    return row


def sign(tx: Connection, document_id: str, user_id: str, now: dt.datetime) -> bool:
    """Put a person's signature on a draft; answers whether that was the last one needed.

    Raises UnknownDocument; ActRefused where the person may not sign, did so already, or the draft is past it.
    """
    row = read(tx, document_id)
    _check_awaits_signature(row)
    _check_may_sign(tx, row, user_id)
    given = set(tx.execute(sa.select(signatures.c.user_id).where(signatures.c.document_id == document_id)).scalars())
    if user_id in given:
        raise ActRefused("Вы уже подписали этот документ: нужна подпись другого человека")
    tx.execute(sa.insert(signatures), {"document_id": document_id, "user_id": user_id, "at": now})
    if len(given) + 1 < signatures_needed(tx, document_id):
        return False
    _move(tx, document_id, PaymentStatus.SIGNED, now)
    return True


def refuse(tx: Connection, document_id: str, user_id: str, now: dt.datetime) -> None:
    """A person does not want this payment.  Raises as `sign`."""
    row = read(tx, document_id)
    _check_awaits_signature(row)
    _check_may_sign(tx, row, user_id)
    _move(tx, document_id, PaymentStatus.CANCELLED, now, "Клиент отказался подписать документ в банке")


def edit(tx: Connection, document_id: str, changes: Mapping[str, str], now: dt.datetime) -> None:
    """A person changes fields of a draft in the bank; signatures given before no longer count.

    Fields: number, date, amount, purpose, priority, payee.name, payee.inn, payee.kpp, payee.account, payee.bic.
    Raises UnknownDocument; ActRefused where the draft is past editing or a value cannot be read.
    """
    row = read(tx, document_id)
    _check_awaits_signature(row)
    before = load_order(row.payment_order)
    after = _edited(before, changes)
    edited = {**row.edited, **_differences(before, after, changes)}
    values = {"payment_order": dump_order(after), "kopecks": after.amount.kopecks, "edited": edited, "updated_at": now}
    tx.execute(sa.delete(signatures).where(signatures.c.document_id == document_id))
    tx.execute(sa.update(documents).where(documents.c.id == document_id).values(**values))
    tx.execute(sa.insert(document_events), _event(document_id, PaymentStatus(row.status), now, edited=edited))


def expire(tx: Connection, document_id: str, now: dt.datetime) -> None:
    """Nobody signed the draft in time.  Raises UnknownDocument, ActRefused."""
    _check_awaits_signature(read(tx, document_id))
    _move(tx, document_id, PaymentStatus.EXPIRED, now, "Срок подписания истёк")


def start(tx: Connection, document_id: str, now: dt.datetime) -> None:
    _move(tx, document_id, PaymentStatus.IN_PROCESS, now)


def finish(tx: Connection, document_id: str, now: dt.datetime) -> None:
    _move(tx, document_id, PaymentStatus.EXECUTED, now)


def reject(tx: Connection, document_id: str, now: dt.datetime, reason: str) -> None:
    _move(tx, document_id, PaymentStatus.REJECTED, now, reason)


def list_latest(connection: Connection, customer_ids: Sequence[str], limit: int) -> Sequence[Row[*tuple[Any, ...]]]:
    """Documents of these customers: first those that await signatures, then the latest."""
    awaits = documents.c.status == PaymentStatus.AWAITING_SIGNATURE.value
    query = sa.select(documents).where(documents.c.customer_id.in_(customer_ids))
    return connection.execute(query.order_by(awaits.desc(), documents.c.number.desc()).limit(limit)).all()


def count_awaiting(connection: Connection, customer_ids: Sequence[str]) -> dict[str, int]:
    """How many drafts await signatures, by customer."""
    query = (
        sa.select(documents.c.customer_id, sa.func.count())
        .where(documents.c.customer_id.in_(customer_ids), documents.c.status == PaymentStatus.AWAITING_SIGNATURE.value)
        .group_by(documents.c.customer_id)
    )
    return {customer_id: int(count) for customer_id, count in connection.execute(query)}


def list_signers(connection: Connection, document_id: str) -> Sequence[Row[*tuple[Any, ...]]]:
    """Who signed and when, the first first."""
    query = (
        sa.select(users.c.id, users.c.name, signatures.c.at)
        .join(users, users.c.id == signatures.c.user_id)
        .where(signatures.c.document_id == document_id)
        .order_by(signatures.c.at)
    )
    return connection.execute(query).all()


def signatures_needed(connection: Connection, document_id: str) -> int:
    return int(connection.execute(_SIGNATURES_NEEDED, {"document_id": document_id}).scalar_one())


def may_sign(connection: Connection, customer_id: str, user_id: str) -> bool | None:
    """Whether the person may sign for the customer; None where the person does not act for it at all."""
    query = sa.select(mandates.c.may_sign).where(mandates.c.user_id == user_id, mandates.c.customer_id == customer_id)
    return connection.execute(query).scalar_one_or_none()


def list_signed(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    """Documents that wait to be executed, in the order of import."""
    query = sa.select(documents).where(documents.c.status == PaymentStatus.SIGNED).order_by(documents.c.number)
    return connection.execute(query).all()


# --- inside -----------------------------------------------------------------------------------------------------------


def _reason_to_refuse(document: CoreDocument, account: Row[*tuple[Any, ...]] | None) -> Refused | None:
    if account is None or account.customer_id != document.customer_id:
        return Refused(document_id=document.id, code="unknown_account", reason="Счёт не найден в банке")
    if account.status != AccountStatus.OPEN:
        return Refused(document_id=document.id, code="account_blocked", reason="Операции по счёту приостановлены")
    if account.currency != document.order.amount.currency:
        return Refused(
            document_id=document.id, code="wrong_currency", reason="Валюта платежа не совпадает с валютой счёта"
        )
    return None


def _new_row(document: CoreDocument, now: dt.datetime) -> dict[str, Any]:
    return {
        "id": document.id,
        "customer_id": document.customer_id,
        "account_id": document.core_account_id,
        "partner_name": document.partner_name,
        "possible_duplicate": document.possible_duplicate,
        "payment_order": dump_order(document.order),
        "kopecks": document.order.amount.kopecks,
        "edited": {},
        "status": PaymentStatus.AWAITING_SIGNATURE.value,
        "created_at": now,
        "updated_at": now,
    }


def _event(
    document_id: str,
    status: PaymentStatus,
    now: dt.datetime,
    reason: str | None = None,
    edited: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    return {
        "document_id": document_id,
        "status": status.value,
        "reason": reason,
        "edited": dict(edited or {}),
        "at": now,
    }


def _move(tx: Connection, document_id: str, status: PaymentStatus, now: dt.datetime, reason: str | None = None) -> None:
    edited = read(tx, document_id).edited
    tx.execute(_SET, {"document_id": document_id, "to_status": status.value, "why": reason, "at": now})
    tx.execute(sa.insert(document_events), _event(document_id, status, now, reason, edited))


def _state(document_id: str, number: int, row: Row[*tuple[Any, ...]], at: dt.datetime, sign_page: str) -> DocumentState:
    return DocumentState(
        document_id=document_id,
        status=PaymentStatus(row.status),
        at=at,
        reason=row.reason,
        core_reference=_reference(number),
        sign_url=sign_page.format(document_id),
        edited=dict(row.edited),
    )


def _accepted(row: Row[*tuple[Any, ...]], sign_page: str) -> Accepted:
    return Accepted(document_id=row.id, core_reference=_reference(row.number), sign_url=sign_page.format(row.id))


def _reference(number: int) -> str:
    return f"IB-{number:06d}"


def _check_awaits_signature(row: Row[*tuple[Any, ...]]) -> None:
    if row.status != PaymentStatus.AWAITING_SIGNATURE:
        raise ActRefused("Документ уже не ждёт подписи")


def _check_may_sign(tx: Connection, row: Row[*tuple[Any, ...]], user_id: str) -> None:
    may = may_sign(tx, row.customer_id, user_id)
    if may is None:
        raise UnknownDocument(row.id)
    if not may:
        raise ActRefused("У вас нет права подписи")


_PAYEE_FIELDS = frozenset({"payee.name", "payee.inn", "payee.kpp", "payee.account", "payee.bic"})
EDITABLE_FIELDS = frozenset({"number", "date", "amount", "purpose", "priority"}) | _PAYEE_FIELDS


def _edited(order: PaymentOrder, changes: Mapping[str, str]) -> PaymentOrder:
    unknown = changes.keys() - EDITABLE_FIELDS
    if unknown:
        raise ActRefused(f"Это поле нельзя изменить: {', '.join(sorted(unknown))}")
    try:
        top = {name: _READ.get(name, str)(value) for name, value in changes.items() if name not in _PAYEE_FIELDS}
    except ValueError as error:
        raise ActRefused("Проверьте сумму, дату и очередность") from error
    payee = {name.removeprefix("payee."): value for name, value in changes.items() if name in _PAYEE_FIELDS}
    return replace(order, **top, payee=replace(order.payee, **payee))


def _read_amount(text: str) -> Money:
    amount = Money.of(text.replace(",", ".").replace(" ", ""))
    if amount.kopecks <= 0:
        raise ValueError("an order has a positive amount")
    return amount


_READ: dict[str, Any] = {"amount": _read_amount, "date": dt.date.fromisoformat, "priority": int}


def _differences(before: PaymentOrder, after: PaymentOrder, names: Iterable[str]) -> dict[str, str]:
    return {name: _value(after, name) for name in names if _value(after, name) != _value(before, name)}


def _value(order: PaymentOrder, name: str) -> str:
    if name in _PAYEE_FIELDS:
        return getattr(order.payee, name.removeprefix("payee.")) or ""
    return str(getattr(order, name))
