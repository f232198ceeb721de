"""The bank's words about documents: numbered at their arrival, each kept, none told twice.

A word moves a document forward or is only kept: the product sees every word and judges by the same rule itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.files.ledgers import in_parts
from adapter.connectors.files.tables import files_counters, files_documents, files_events, insert_into
from adapter.domain.core import DocumentState, EventPage, Mark
from adapter.domain.errors import MarkUnknown
from adapter.domain.payments import PaymentStatus, may_become

_COUNTER = "events"
_NEXT = (
    sa.update(files_counters)
    .where(files_counters.c.name == _COUNTER)
    .values(number=files_counters.c.number + sa.bindparam("more"))
    .returning(files_counters.c.number)
)
_LAST = sa.select(files_counters.c.number).where(files_counters.c.name == _COUNTER)
_EVENTS = (
    sa.select(files_events)
    .where(files_events.c.number > sa.bindparam("after"))
    .order_by(files_events.c.number)
    .limit(sa.bindparam("most"))
)
LOST = "not_received"  # a word that is no state: kept among them where it contradicts one, for a person to see
_TOLD = sa.select(files_events).where(
    files_events.c.document_id.in_(sa.bindparam("ids", expanding=True)), files_events.c.status != LOST
)
_VALUES = ("status", "at", "reason", "core_reference", "sign_url", "edited")
_NO_STATE: Mapping[str, Any] = {**dict.fromkeys(_VALUES), "edited": {}}

Word = dict[str, Any]  # the columns of a row of `files_events` but its number


def pull_events(connection: Connection, after: Mark | None, limit: int) -> EventPage:
    """Words in the order of their arrival; what contradicts them is told beside.  Raises MarkUnknown."""
    start = _read_mark(connection, after)
    rows = connection.execute(_EVENTS, {"after": start, "most": limit + 1}).all()
    told = rows[:limit]
    return EventPage(
        events=tuple(state_of(row) for row in told if row.status != LOST),
        mark=Mark(str(told[-1].number if told else start)),
        has_more=len(rows) > limit,
        unreadable={row.document_id: f"{LOST}, after a state of it was told" for row in told if row.status == LOST},
    )


def state_of(row: Row[*tuple[Any, ...]]) -> DocumentState:
    """The state that an event or a document of the ledger tells; the document must have a status."""
    return DocumentState(
        document_id=row.document_id,
        status=PaymentStatus(row.status),
        at=row.at,
        reason=row.reason,
        core_reference=row.core_reference,
        sign_url=row.sign_url,
        edited=dict(row.edited),
    )


def write_words(tx: Connection, words: Sequence[Word], known: Mapping[str, Row[*tuple[Any, ...]]]) -> None:
    """Number the words that are new and move their documents.  A repeated word is no event."""
    if not words:
        return
    number = _lock_counter(tx)
    ids = list({word["document_id"] for word in words})
    told = {_fingerprint(row._mapping) for row in tx.execute(_TOLD, {"ids": ids})}
    states = {one: _state(known[one]) if one in known else dict(_NO_STATE) for one in ids}
    events = []
    for word in words:
        if _fingerprint(word) in told:
            continue
        told.add(_fingerprint(word))
        number += 1
        state = _moved(states[word["document_id"]], word)
        states[word["document_id"]] = state
        events.append({**word, "number": number, **{name: state[name] for name in ("core_reference", "sign_url")}})
    if events:
        tx.execute(sa.insert(files_events), events)
        tx.execute(_NEXT, {"more": len(events)})
        _write_states(tx, {one: states[one] for one in sorted({event["document_id"] for event in events})})


def write_loss(tx: Connection, document: Row[*tuple[Any, ...]], at: dt.datetime, reason: str | None) -> None:
    """Number the word that a draft never came whose state the bank told: its state stays as it is."""
    loss = {**_NO_STATE, "document_id": document.document_id, "status": LOST, "at": at, "reason": reason}
    tx.execute(sa.insert(files_events), {**loss, "number": _lock_counter(tx) + 1})
    tx.execute(_NEXT, {"more": 1})


def find_told(connection: Connection, document_ids: Collection[str]) -> dict[str, DocumentState]:
    """What the bank said of documents, by id, also of those that are in no ledger."""
    states: dict[str, dict[str, Any]] = {}
    for part in in_parts(document_ids):
        for row in connection.execute(_TOLD.order_by(files_events.c.number), {"ids": part}):
            states[row.document_id] = _moved(states.get(row.document_id, _NO_STATE), dict(row._mapping))
    return {
        one: DocumentState(document_id=one, **{**state, "status": PaymentStatus(state["status"])})
        for one, state in states.items()
    }


def _state(row: Row[*tuple[Any, ...]]) -> dict[str, Any]:
    return {name: getattr(row, name) for name in _VALUES}


def _moved(state: Mapping[str, Any], word: Word) -> dict[str, Any]:
    """The state after a word: forward, or the same with what the word adds; never back."""
    present = PaymentStatus(state["status"]) if state["status"] else None
    status = PaymentStatus(word["status"])
    if present is not None and present is not status and not may_become(present, status):
        return dict(state)
    kept = {name: word[name] or state[name] for name in ("core_reference", "sign_url")}
    edited = {**state["edited"], **word["edited"]}
    return {**kept, "status": word["status"], "at": word["at"], "reason": word["reason"], "edited": edited}


def _write_states(tx: Connection, states: Mapping[str, Mapping[str, Any]]) -> None:
    columns: dict[str, Any] = {name: sa.bindparam(f"new_{name}") for name in _VALUES}
    update = sa.update(files_documents).where(files_documents.c.document_id == sa.bindparam("id")).values(columns)
    tx.execute(
        update, [{"id": one, **{f"new_{name}": state[name] for name in _VALUES}} for one, state in states.items()]
    )


def _lock_counter(tx: Connection) -> int:
    """The number of the last event; nobody else gives one before this transaction ends."""
    tx.execute(insert_into(tx, files_counters).on_conflict_do_nothing(), {"name": _COUNTER, "number": 0})
    return int(tx.execute(_NEXT, {"more": 0}).scalar_one())


def _fingerprint(word: Mapping[Any, Any]) -> tuple[object, ...]:
    """What makes two words the same; references are told once and then belong to the document."""
    return word["document_id"], word["status"], word["at"], word["reason"], tuple(sorted(word["edited"].items()))


def _read_mark(connection: Connection, mark: Mark | None) -> int:
    if mark is None:
        return 0
    last = connection.execute(_LAST).scalar_one_or_none() or 0
    if not mark.text.isdecimal() or int(mark.text) > last:
        raise MarkUnknown(mark.text)
    return int(mark.text)
