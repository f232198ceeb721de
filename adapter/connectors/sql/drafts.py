"""The inbox of drafts, the log of what became of them, and withdrawals.  Rows are only ever inserted from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection

from adapter.connectors.sql.marks import Place, check_reached, read_place
from adapter.connectors.sql.records import Row, core_reference, dump_document, load_document, load_state
from adapter.connectors.sql.views import accounts, draft_events, drafts, withdrawals
from adapter.domain.accounts import AccountStatus
from adapter.domain.core import Accepted, CoreDocument, DocumentState, EventPage, Mark, Refused, Result

_ACCOUNTS = sa.select(accounts.c.account_id, accounts.c.customer_id, accounts.c.status, accounts.c.currency).where(
    accounts.c.account_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Text)))
)
_BY_IDS = sa.select(*drafts.c, drafts.c.status_at.label("at")).where(
    drafts.c.document_id == sa.any_(sa.bindparam("ids", type_=sa.ARRAY(sa.Text)))
)
_INSERT = insert(drafts).on_conflict_do_nothing(index_elements=["document_id"])
_EVENTS = (
    sa.select(draft_events)
    .where(draft_events.c.number > sa.bindparam("after"))
    .order_by(draft_events.c.number)
    .limit(sa.bindparam("most"))
)
_LAST_EVENT = sa.select(draft_events.c.number).order_by(draft_events.c.number.desc()).limit(1)
_WITHDRAW = insert(withdrawals).on_conflict_do_nothing(index_elements=["request_id"])
_WITHDRAWAL = sa.select(withdrawals.c.done).where(withdrawals.c.request_id == sa.bindparam("request_id"))


def submit(tx: Connection, documents: Sequence[CoreDocument]) -> list[Result]:
    """Put drafts into the inbox; a known id is answered as before and changes nothing.  One result each, in order."""
    known = tx.execute(_ACCOUNTS, {"ids": list({one.core_account_id for one in documents})})
    owners = {row.account_id: row for row in known}
    refused = {one.id: why for one in documents if (why := _reason_to_refuse(one, owners.get(one.core_account_id)))}
    new = [dump_document(one) for one in documents if one.id not in refused]
    if new:
        tx.execute(_INSERT, new)
    there = _read(tx, [one.id for one in documents])
    return [_accepted(there[one.id]) if one.id in there else refused[one.id] for one in documents]


def find(connection: Connection, document_ids: Sequence[str]) -> Mapping[str, DocumentState]:
    """States of the documents that there are, by id, with the documents as they were submitted."""
    return {key: load_state(row, load_document(row)) for key, row in _read(connection, document_ids).items()}


def pull_events(connection: Connection, after: Mark | None, limit: int) -> EventPage:
    """States in the order in which they were taken.  Raises MarkUnknown."""
    place = read_place(connection, after)
    rows = connection.execute(_EVENTS, {"after": place.number, "most": limit + 1}).all()
    if not rows:
        check_reached(place, connection.execute(_LAST_EVENT).scalar_one_or_none())
    told = rows[:limit]
    return EventPage(
        events=tuple(load_state(row) for row in told),
        mark=Place(epoch=place.epoch, number=told[-1].number if told else place.number).mark(),
        has_more=len(rows) > limit,
    )


def withdraw(tx: Connection, document_id: str, request_id: str) -> Result:
    """Take a draft back while it awaits signature; the bank's trigger decides, a repeated request is told the same."""
    row = _read(tx, [document_id]).get(document_id)
    if row is None:
        return Refused(document_id=document_id, code="not_found", reason="Документ не найден")
    tx.execute(_WITHDRAW, {"request_id": request_id, "document_id": document_id})
    if tx.execute(_WITHDRAWAL, {"request_id": request_id}).scalar_one():
        return _accepted(row)
    return Refused(document_id=document_id, code="too_late", reason="Документ уже подписан или завершён")


def _read(connection: Connection, document_ids: Sequence[str]) -> dict[str, Row]:
    return {row.document_id: row for row in connection.execute(_BY_IDS, {"ids": list(document_ids)})}


def _reason_to_refuse(document: CoreDocument, account: Row | None) -> Refused | None:
    if account is None or account.customer_id != document.customer_id:
        return Refused(document_id=document.id, code="unknown_account", reason="Счёт не найден в банке")
    if account.status != AccountStatus.OPEN:
        return Refused(document_id=document.id, code="account_blocked", reason="Операции по счёту приостановлены")
    if account.currency != document.order.amount.currency:
        return Refused(
            document_id=document.id, code="wrong_currency", reason="Валюта платежа не совпадает с валютой счёта"
        )
    return None


def _accepted(row: Row) -> Accepted:
    return Accepted(document_id=row.document_id, core_reference=core_reference(row), sign_url=row.sign_url)
