"""What people do with a draft in the internet bank: sign, refuse, edit."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.records import dump_order, load_order
from adapter.connectors.sandbox.documents import (
    ActRefused,
    UnknownDocument,
    check_awaits_signature,
    event_row,
    may_sign,
    move,
    read,
    signatures_needed,
)
from adapter.connectors.sandbox.tables import document_events, documents, signatures
from adapter.domain.money import Money
from adapter.domain.payments import PaymentOrder, PaymentStatus

PURPOSE_MAX = 210


def sign(tx: Connection, document_id: str, user_id: str, now: dt.datetime) -> bool:
    """Put a person's signature on a draft; answers whether that was the last one needed.

    Raises UnknownDocument; ActRefused where the person may not sign, did so already, or the draft is past it.
    """
    row = read(tx, document_id)
    check_awaits_signature(row)
    _check_may_sign(tx, row, user_id)
    given = set(tx.execute(sa.select(signatures.c.user_id).where(signatures.c.document_id == document_id)).scalars())
    if user_id in given:
        raise ActRefused("Вы уже подписали этот документ: нужна подпись другого человека")
    tx.execute(sa.insert(signatures), {"document_id": document_id, "user_id": user_id, "at": now})
    if len(given) + 1 < signatures_needed(tx, document_id):
        return False
    move(tx, document_id, PaymentStatus.SIGNED, now)
    return True


def refuse(tx: Connection, document_id: str, user_id: str, now: dt.datetime) -> None:
    """A person does not want this payment.  Raises as `sign`."""
    row = read(tx, document_id)
    check_awaits_signature(row)
    _check_may_sign(tx, row, user_id)
    move(tx, document_id, PaymentStatus.CANCELLED, now, "Клиент отказался подписать документ в банке")


def edit(tx: Connection, document_id: str, changes: Mapping[str, str], now: dt.datetime) -> None:
    """A person changes fields of a draft in the bank; signatures given before no longer count.

    Fields: number, date, amount, purpose, priority, payee.name, payee.inn, payee.kpp, payee.account, payee.bic.
    Raises UnknownDocument; ActRefused where the draft is past editing or a value cannot be read.
    """
    row = read(tx, document_id)
    check_awaits_signature(row)
    before = load_order(row.payment_order)
    after = _edited(before, changes)
    edited = {**row.edited, **_differences(before, after, changes)}
    values = {"payment_order": dump_order(after), "kopecks": after.amount.kopecks, "edited": edited, "updated_at": now}
    tx.execute(sa.delete(signatures).where(signatures.c.document_id == document_id))
    tx.execute(sa.update(documents).where(documents.c.id == document_id).values(**values))
    tx.execute(sa.insert(document_events), event_row(document_id, PaymentStatus(row.status), now, edited=edited))


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
        top = {name: _READ[name](value) for name, value in changes.items() if name not in _PAYEE_FIELDS}
    except ValueError as error:
        raise ActRefused("Проверьте, правильно ли заполнены поля") from error
    payee = {name.removeprefix("payee."): value for name, value in changes.items() if name in _PAYEE_FIELDS}
    return replace(order, **top, payee=replace(order.payee, **payee))


def _read_number(text: str) -> str:
    if not re.fullmatch(r"(?!0+$)[0-9]{1,6}", text):
        raise ValueError("a number has one to six digits, not all zeros")
    return text


def _read_purpose(text: str) -> str:
    if not 0 < len(text) <= PURPOSE_MAX:
        raise ValueError(f"a purpose has 1 to {PURPOSE_MAX} characters")
    return text


def _read_priority(text: str) -> int:
    if text not in {"1", "2", "3", "4", "5"}:
        raise ValueError("a priority is 1 to 5")
    return int(text)


def _read_amount(text: str) -> Money:
    amount = Money.of(text.replace(",", ".").replace(" ", ""))
    if amount.kopecks <= 0:
        raise ValueError("an order has a positive amount")
    return amount


_READ: dict[str, Any] = {
    "number": _read_number,
    "date": dt.date.fromisoformat,
    "amount": _read_amount,
    "purpose": _read_purpose,
    "priority": _read_priority,
}


def _differences(before: PaymentOrder, after: PaymentOrder, names: Iterable[str]) -> dict[str, str]:
    return {name: _value(after, name) for name in names if _value(after, name) != _value(before, name)}


def _value(order: PaymentOrder, name: str) -> str:
    if name in _PAYEE_FIELDS:
        return getattr(order.payee, name.removeprefix("payee.")) or ""
    return str(getattr(order, name))
