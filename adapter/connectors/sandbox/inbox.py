"""What the sender of payment orders asks: the inbox keyed by the sender's id, states, the log, withdrawal."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.records import dump_order, load_order
from adapter.connectors.refusing import reason_to_refuse
from adapter.connectors.sandbox.documents import event_row, move
from adapter.connectors.sandbox.marks import NO_ROW, Place, check_place, digest_of, read_place, write_place
from adapter.connectors.sandbox.tables import accounts, document_events, documents, withdrawals
from adapter.domain.core import Accepted, CoreDocument, DocumentState, EventPage, Mark, Refused, Result
from adapter.domain.payments import PaymentStatus

_BY_IDS = sa.select(documents).where(documents.c.id.in_(sa.bindparam("ids", expanding=True)))
_KNOWN_IDS = sa.select(documents.c.id).where(documents.c.id.in_(sa.bindparam("ids", expanding=True)))
_ACCOUNTS = sa.select(accounts.c.id, accounts.c.customer_id, accounts.c.status, accounts.c.currency).where(
    accounts.c.id.in_(sa.bindparam("ids", expanding=True))
)
_EVENTS = (
    sa.select(document_events, documents.c.number.label("document_number"))
    .join(documents, documents.c.id == document_events.c.document_id)
    .where(document_events.c.number > sa.bindparam("after"))
    .order_by(document_events.c.number)
    .limit(sa.bindparam("most"))
)
_EVENT_AT = sa.select(document_events).where(document_events.c.number == sa.bindparam("number"))
_BY_ID = sa.select(documents).where(documents.c.id == sa.bindparam("document_id"))


def submit(tx: Connection, batch: Sequence[CoreDocument], now: dt.datetime, sign_page: str) -> list[Result]:
    """Put drafts into the inbox; a known id is answered as before and changes nothing.  One result each, in order."""
    owners = {row.id: row for row in tx.execute(_ACCOUNTS, {"ids": list({one.core_account_id for one in batch})})}
    refused = {one.id: why for one in batch if (why := reason_to_refuse(one, owners.get(one.core_account_id)))}
    known = set(tx.execute(_KNOWN_IDS, {"ids": [one.id for one in batch]}).scalars())
    new = {one.id: one for one in batch if one.id not in known and one.id not in refused}
    if new:
        tx.execute(sa.insert(documents), [_new_row(one, now) for one in new.values()])
        tx.execute(sa.insert(document_events), [event_row(one, PaymentStatus.AWAITING_SIGNATURE, now) for one in new])
    rows = {row.id: row for row in tx.execute(_BY_IDS, {"ids": [one.id for one in batch]})}
    return [_accepted(rows[one.id], sign_page) if one.id in rows else refused[one.id] for one in batch]


def find(connection: Connection, document_ids: Sequence[str], sign_page: str) -> dict[str, DocumentState]:
    """States of the documents that there are, with the documents as they were submitted, by id."""
    rows = connection.execute(_BY_IDS, {"ids": list(document_ids)}).all()
    states = {row.id: _state(row.id, row.number, row, row.updated_at, sign_page) for row in rows}
    return {row.id: replace(states[row.id], document=_load_document(row)) for row in rows}


def pull_events(connection: Connection, after: Mark | None, limit: int, sign_page: str) -> EventPage:
    """States in the order in which they were taken; raises MarkUnknown."""
    start = _read_mark(connection, after)
    rows = connection.execute(_EVENTS, {"after": start.number, "most": limit + 1}).all()
    told = rows[:limit]
    end = Place(told[-1].number, _digest(told[-1])) if told else start
    return EventPage(
        events=tuple(_state(row.document_id, row.document_number, row, row.at, sign_page) for row in told),
        mark=Mark(write_place(connection, end)),
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
            move(tx, document_id, PaymentStatus.CANCELLED, now, "Отозван отправителем")
    if not done:
        return Refused(document_id=document_id, code="too_late", reason="Документ уже подписан или завершён")
    return _accepted(row, sign_page)


def _read_mark(connection: Connection, mark: Mark | None) -> Place:
    if mark is None:
        return Place(0)
    place, _ = read_place(connection, mark.text, words=0)
    check_place(place, _digest(connection.execute(_EVENT_AT, {"number": place.number}).one_or_none()))
    return place


def _digest(event: Row[*tuple[Any, ...]] | None) -> str:
    return NO_ROW if event is None else digest_of(event.document_id, event.status, event.edited, event.at)


def _new_row(document: CoreDocument, now: dt.datetime) -> dict[str, Any]:
    return {
        "id": document.id,
        "customer_id": document.customer_id,
        "account_id": document.core_account_id,
        "partner_name": document.partner_name,
        "possible_duplicate": document.possible_duplicate,
        "origin": document.origin,
        "submitted_order": dump_order(document.order),
        "payment_order": dump_order(document.order),
        "kopecks": document.order.amount.kopecks,
        "edited": {},
        "status": PaymentStatus.AWAITING_SIGNATURE.value,
        "created_at": now,
        "updated_at": now,
    }


def _load_document(row: Row[*tuple[Any, ...]]) -> CoreDocument | None:
    if row.submitted_order is None:
        return None
    return CoreDocument(
        id=row.id,
        customer_id=row.customer_id,
        core_account_id=row.account_id,
        order=load_order(row.submitted_order),
        partner_name=row.partner_name,
        possible_duplicate=row.possible_duplicate,
        origin=row.origin or "",
    )


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
