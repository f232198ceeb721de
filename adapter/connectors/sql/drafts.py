"""The inbox of drafts, the log of what became of them, and withdrawals.  Rows are only ever inserted from here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.engine import Connection
from sqlalchemy.exc import DatabaseError, DataError

from adapter.connectors.refusing import reason_to_refuse
from adapter.connectors.sql.database import RUN_TRIGGERS
from adapter.connectors.sql.marks import Place, check_reached, read_place
from adapter.connectors.sql.records import (
    Row,
    core_reference,
    dump_document,
    has_readable_edits,
    load_document,
    load_state,
)
from adapter.connectors.sql.views import accounts, draft_events, drafts, withdrawals
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
_RAISED = "P0001"
_REFUSALS = frozenset({"22", "23", "P0"})  # classes of errors: wrong data, broken constraints, raised by a trigger
_WITHDRAWAL = sa.select(withdrawals.c.done).where(withdrawals.c.request_id == sa.bindparam("request_id"))


def submit(tx: Connection, documents: Sequence[CoreDocument]) -> list[Result]:
    """Put drafts into the inbox; a known id is answered as before and changes nothing.  One result each, in order."""
    known = tx.execute(_ACCOUNTS, {"ids": list({one.core_account_id for one in documents})})
    owners = {row.account_id: row for row in known}
    refused = {one.id: why for one in documents if (why := reason_to_refuse(one, owners.get(one.core_account_id)))}
    refused |= _insert(tx, [dump_document(one) for one in documents if one.id not in refused])
    there = _read(tx, [one.id for one in documents])
    return [_accepted(there[one.id]) if one.id in there else refused[one.id] for one in documents]


def find(connection: Connection, document_ids: Sequence[str]) -> Mapping[str, DocumentState]:
    """States of the documents that there are, by id, with the documents as they were submitted."""
    return {key: load_state(row, load_document(row)) for key, row in _read(connection, document_ids).items()}


def pull_events(connection: Connection, after: Mark | None, limit: int) -> EventPage:
    """States in the order in which they were taken; edits that cannot be read are told beside.  Raises MarkUnknown."""
    place = read_place(connection, after)
    rows = connection.execute(_EVENTS, {"after": place.number, "most": limit + 1}).all()
    if not rows:
        check_reached(place, connection.execute(_LAST_EVENT).scalar_one_or_none())
    told = rows[:limit]
    return EventPage(
        events=tuple(load_state(row) for row in told),
        mark=Place(epoch=place.epoch, number=told[-1].number if told else place.number).mark(),
        has_more=len(rows) > limit,
        unreadable={row.document_id: "edited: not an object of texts" for row in told if not has_readable_edits(row)},
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


def _insert(tx: Connection, rows: Sequence[dict[str, Any]]) -> dict[str, Refused]:
    """All at once; where the bank's constraints and triggers refuse one, one by one, so that it alone is refused."""
    if _fits(tx, rows) is None:
        return {}
    refused = {}
    for row in rows:
        fault = _fits(tx, [row])
        if fault is not None:
            refused[row["document_id"]] = _refusal(row["document_id"], fault)
    return refused


def _fits(tx: Connection, rows: Sequence[dict[str, Any]]) -> DatabaseError | None:
    """Put rows into the inbox; None where the bank took them, also its deferred constraints and triggers."""
    if not rows:
        return None
    try:
        with tx.begin_nested():
            tx.execute(_INSERT, rows)
            tx.execute(RUN_TRIGGERS)
    except DataError as error:  # also the driver's own, of a text that no database takes
        return error
    except DatabaseError as error:
        if str(getattr(error.orig, "sqlstate", ""))[:2] not in _REFUSALS:
            raise
        return error
    return None


def _refusal(document_id: str, fault: DatabaseError) -> Refused:
    """What a trigger of the bank says by RAISE EXCEPTION is for the customer, the database's own words are not."""
    cause: Any = fault.orig
    is_said = cause.sqlstate == _RAISED
    reason = cause.diag.message_primary if is_said else "Банк не принял документ: его поля не подходят"
    return Refused(document_id=document_id, code="refused_by_bank", reason=reason)


def _read(connection: Connection, document_ids: Sequence[str]) -> dict[str, Row]:
    return {row.document_id: row for row in connection.execute(_BY_IDS, {"ids": list(document_ids)})}


def _accepted(row: Row) -> Accepted:
    return Accepted(document_id=row.document_id, core_reference=core_reference(row), sign_url=row.sign_url)
