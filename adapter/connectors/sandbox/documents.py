"""Imported payment orders: their rows, their steps, and the log of what became of them.

    submit → awaiting_signature → signed → in_process → executed | rejected
                               ↘ cancelled (withdrawn by the sender, refused by a person) | expired

Every step is written with its event in one transaction, so the log and the documents never disagree.  What the sender
asks is in `inbox.py`, what people do with drafts in `signing.py`.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.sandbox.tables import customers, document_events, documents, mandates, signatures, users
from adapter.domain.payments import PaymentStatus


class UnknownDocument(LookupError):
    """No such document in this bank, or not this customer's."""


class ActRefused(Exception):
    """A person's act on a document is not possible; the text is Russian, for that person."""


_BY_ID = sa.select(documents).where(documents.c.id == sa.bindparam("document_id"))
_SET = (
    sa.update(documents)
    .where(documents.c.id == sa.bindparam("document_id"))
    .values(status=sa.bindparam("to_status"), reason=sa.bindparam("why"), updated_at=sa.bindparam("at"))
)
_SIGNATURES_NEEDED = (
    sa.select(customers.c.signatures_needed)
    .join(documents, documents.c.customer_id == customers.c.id)
    .where(documents.c.id == sa.bindparam("document_id"))
)


def read(connection: Connection, document_id: str) -> Row[*tuple[Any, ...]]:
    """The document's row; raises UnknownDocument."""
    row = connection.execute(_BY_ID, {"document_id": document_id}).one_or_none()
    if row is None:
        raise UnknownDocument(document_id)
    return row


def expire(tx: Connection, document_id: str, now: dt.datetime) -> None:
    """Nobody signed the draft in time.  Raises UnknownDocument, ActRefused."""
    check_awaits_signature(read(tx, document_id))
    move(tx, document_id, PaymentStatus.EXPIRED, now, "Срок подписания истёк")


def start(tx: Connection, document_id: str, now: dt.datetime) -> None:
    move(tx, document_id, PaymentStatus.IN_PROCESS, now)


def finish(tx: Connection, document_id: str, now: dt.datetime) -> None:
    move(tx, document_id, PaymentStatus.EXECUTED, now)


def reject(tx: Connection, document_id: str, now: dt.datetime, reason: str) -> None:
    move(tx, document_id, PaymentStatus.REJECTED, now, reason)


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


def event_row(
    document_id: str,
    status: PaymentStatus,
    now: dt.datetime,
    reason: str | None = None,
    edited: Mapping[str, str] | None = None,
) -> dict[str, Any]:
    """A row of the log."""
    return {
        "document_id": document_id,
        "status": status.value,
        "reason": reason,
        "edited": dict(edited or {}),
        "at": now,
    }


def move(tx: Connection, document_id: str, status: PaymentStatus, now: dt.datetime, reason: str | None = None) -> None:
    """Take a step: the document and its event."""
    edited = read(tx, document_id).edited
    tx.execute(_SET, {"document_id": document_id, "to_status": status.value, "why": reason, "at": now})
    tx.execute(sa.insert(document_events), event_row(document_id, status, now, reason, edited))


def check_awaits_signature(row: Row[*tuple[Any, ...]]) -> None:
    """Raises ActRefused where the document is past signing."""
    if row.status != PaymentStatus.AWAITING_SIGNATURE:
        raise ActRefused("Документ уже не ждёт подписи")
