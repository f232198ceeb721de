"""What became of drafts: the bank's words, numbered at their arrival, and booked entries that are recognised.

A word moves a document forward or is only kept: the product sees every word and judges by the same rule itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.files import requests
from adapter.connectors.files.drafts import find_documents, forget_document
from adapter.connectors.files.ledgers import WrittenEntry, link_documents
from adapter.connectors.files.status_files import Refusal, StatusLine
from adapter.connectors.files.tables import files_counters, files_documents, files_events, insert_into
from adapter.connectors.records import load_order
from adapter.domain.core import DocumentState, EventPage, Mark
from adapter.domain.errors import MarkUnknown
from adapter.domain.payments import PaymentOrder, PaymentStatus, may_become
from adapter.domain.statements import Direction, EntryDetails

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
_TOLD = sa.select(files_events).where(files_events.c.document_id.in_(sa.bindparam("ids", expanding=True)))
_UNBOOKED = sa.select(files_documents).where(
    files_documents.c.account_id == sa.bindparam("account"),
    files_documents.c.kopecks.in_(sa.bindparam("amounts", expanding=True)),
    files_documents.c.entry_core_id.is_(None),
    sa.or_(
        files_documents.c.status.is_(None),
        files_documents.c.status.not_in(
            [PaymentStatus.REJECTED.value, PaymentStatus.CANCELLED.value, PaymentStatus.EXPIRED.value]
        ),
    ),
)
_BOOK = (
    sa.update(files_documents)
    .where(files_documents.c.document_id == sa.bindparam("id"), files_documents.c.entry_core_id.is_(None))
    .values(entry_core_id=sa.bindparam("core_id"))
)
_NO_WORD: Mapping[str, Any] = {"reason": None, "core_reference": None, "sign_url": None, "edited": {}}
_VALUES = ("status", "at", "reason", "core_reference", "sign_url", "edited")

Word = dict[str, Any]  # the columns of a row of `files_events` but its number


def apply_statuses(tx: Connection, lines: Sequence[StatusLine]) -> list[str]:
    """Write the bank's words; answers the ids of which nothing is known here."""
    unknown = [line.document_id for line in lines if isinstance(line.status, Refusal) and not _refuse(tx, line)]
    words = [_word(line) for line in lines if isinstance(line.status, PaymentStatus)]
    known = find_documents(tx, {word["document_id"] for word in words})
    _write(tx, [word for word in words if word["document_id"] in known], known)
    return unknown + [word["document_id"] for word in words if word["document_id"] not in known]


def book_documents(tx: Connection, account: str, entries: Sequence[WrittenEntry], at: dt.datetime) -> None:
    """Documents whose entry came are executed.  One entry and one document, or nothing: a guess is no proof."""
    debits = [entry for entry in entries if entry[2].direction is Direction.DEBIT]
    if not debits:
        return
    amounts = {details.amount.kopecks for _, _, details in debits}
    documents = tx.execute(_UNBOOKED, {"account": account, "amounts": list(amounts)}).all()
    pairs = _match(debits, documents)
    if not pairs:
        return
    tx.execute(_BOOK, [{"id": row.document_id, "core_id": entry[1]} for entry, row in pairs])
    link_documents(tx, account, {entry[0]: row.document_id for entry, row in pairs})
    words = [_booked_word(row, entry[2], at) for entry, row in pairs]
    _write(tx, words, {row.document_id: row for _, row in pairs})


def pull_events(connection: Connection, after: Mark | None, limit: int) -> EventPage:
    """Words in the order of their arrival.  Raises MarkUnknown."""
    start = _read_mark(connection, after)
    rows = connection.execute(_EVENTS, {"after": start, "most": limit + 1}).all()
    told = rows[:limit]
    return EventPage(
        events=tuple(state_of(row) for row in told),
        mark=Mark(str(told[-1].number if told else start)),
        has_more=len(rows) > limit,
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


def _refuse(tx: Connection, line: StatusLine) -> bool:
    if line.status is Refusal.DOCUMENT:
        return forget_document(tx, line.document_id)
    return requests.refuse(tx, line)


def _match(
    entries: Sequence[WrittenEntry], documents: Sequence[Row[*tuple[Any, ...]]]
) -> list[tuple[WrittenEntry, Row[*tuple[Any, ...]]]]:
    """By number, date, amount and payee's account, where exactly one of each has them."""
    entries_by, documents_by = _group(entries, _key_of_entry), _group(documents, _key_of_document)
    pairs = []
    for key, found in entries_by.items():
        candidates = _most_likely(documents_by.get(key, []))
        if len(found) == 1 and len(candidates) == 1:
            pairs.append((found[0], candidates[0]))
    return pairs


def _most_likely(documents: list[Row[*tuple[Any, ...]]]) -> list[Row[*tuple[Any, ...]]]:
    """Those that the bank calls executed already, where there are some: the others' entries are still to come."""
    return [row for row in documents if row.status == PaymentStatus.EXECUTED] or documents


def _group(values: Iterable[Any], key_of: Any) -> dict[tuple[object, ...], list[Any]]:
    groups: dict[tuple[object, ...], list[Any]] = {}
    for value in values:
        groups.setdefault(key_of(value), []).append(value)
    return groups


def _key_of_entry(entry: WrittenEntry) -> tuple[object, ...]:
    details = entry[2]
    return details.number.lstrip("0"), details.date, details.amount, details.counterparty.account


def _key_of_document(row: Row[*tuple[Any, ...]]) -> tuple[object, ...]:
    order = load_order(row.payment_order)
    return order.number.lstrip("0"), order.date, order.amount, order.payee.account


def _booked_word(row: Row[*tuple[Any, ...]], details: EntryDetails, at: dt.datetime) -> Word:
    edited = dict(row.edited) | _differences(load_order(row.payment_order), details)
    status = PaymentStatus.EXECUTED.value
    return {**_NO_WORD, "document_id": row.document_id, "status": status, "at": at, "edited": edited}


def _differences(order: PaymentOrder, details: EntryDetails) -> dict[str, str]:
    """What the bank booked otherwise than it was told; spaces are not a difference, some formats break lines."""
    texts = {
        "purpose": (order.purpose, details.purpose),
        "payee.inn": (order.payee.inn, details.counterparty.inn),
        "payee.bic": (order.payee.bic, details.counterparty.bic),
        "uin": (order.uin, details.uin),
    }
    return {name: told for name, (ours, told) in texts.items() if told and _letters(told) != _letters(ours or "")}


def _letters(text: str) -> str:
    return "".join(text.split())


def _word(line: StatusLine) -> Word:
    return {
        "document_id": line.document_id,
        "status": line.status.value,
        "at": line.at,
        "reason": line.reason,
        "core_reference": line.core_reference,
        "sign_url": line.sign_url,
        "edited": dict(line.edited),
    }


def _write(tx: Connection, words: Sequence[Word], known: Mapping[str, Row[*tuple[Any, ...]]]) -> None:
    """Number the words that are new and move their documents.  A repeated word is no event."""
    if not words:
        return
    number = _lock_counter(tx)
    ids = list({word["document_id"] for word in words})
    told = {_fingerprint(row._mapping) for row in tx.execute(_TOLD, {"ids": ids})}
    states = {one: {name: getattr(known[one], name) for name in _VALUES} for one in ids}
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
