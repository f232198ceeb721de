"""Booked entries that execute drafts: one entry and one draft that surely belong together, or nothing.

A draft is executed by its entry only where the bank told that it was signed: the customer may pay the same by another
way, and a guess is no proof.  What is left over, reconciliation shows to a person.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.files.ledgers import link_documents
from adapter.connectors.files.tables import files_batches, files_documents, files_entries
from adapter.connectors.files.words import Word, write_words
from adapter.connectors.records import load_details, load_order
from adapter.domain.moscow import moscow_day
from adapter.domain.payments import PaymentOrder, PaymentStatus
from adapter.domain.statements import EntryDetails

BOOKABLE = frozenset({PaymentStatus.SIGNED.value, PaymentStatus.IN_PROCESS.value, PaymentStatus.EXECUTED.value})
_DEAD = (PaymentStatus.REJECTED.value, PaymentStatus.CANCELLED.value, PaymentStatus.EXPIRED.value)
_DRAFTS = (
    sa.select(files_documents, files_batches.c.made_at)
    .join(files_batches, files_batches.c.name == files_documents.c.batch_name)
    .where(
        files_documents.c.account_id == sa.bindparam("account"),
        files_documents.c.kopecks.in_(sa.bindparam("amounts", expanding=True)),
        sa.or_(files_documents.c.status.is_(None), files_documents.c.status.not_in(_DEAD)),
    )
)
_DEBITS = sa.select(files_entries).where(
    files_entries.c.account_id == sa.bindparam("account"),
    files_entries.c.booking_date >= sa.bindparam("first"),
    files_entries.c.superseded.is_(None),
    sa.not_(files_entries.c.removed),
    files_entries.c.kopecks.in_(sa.bindparam("amounts", expanding=True)),
)
_BOOK = (
    sa.update(files_documents)
    .where(files_documents.c.document_id == sa.bindparam("id"))
    .values(entry_core_id=sa.bindparam("core_id"))
)

_Row = Row[*tuple[Any, ...]]
_Key = tuple[object, ...]


def book_drafts(
    tx: Connection, account: str, kopecks: Collection[int], at: dt.datetime, fresh: Collection[int] = ()
) -> None:
    """Join drafts of these amounts and their entries; a draft that is not executed yet then is, at that moment.

    The account must be locked.  `fresh` are numbers of entries that this transaction wrote.
    """
    drafts = tx.execute(_DRAFTS, {"account": account, "amounts": list(kopecks)}).all() if kopecks else []
    if not any(row.status in BOOKABLE for row in drafts):
        return
    first = min(moscow_day(row.made_at) for row in drafts)
    debits = tx.execute(_DEBITS, {"account": account, "first": first, "amounts": [-one for one in kopecks]}).all()
    pairs = _match(drafts, debits)
    if not pairs:
        return
    tx.execute(_BOOK, [{"id": draft.document_id, "core_id": entry.core_id} for draft, entry in pairs])
    link_documents(tx, account, {entry.number: draft.document_id for draft, entry in pairs}, fresh)
    words = [word for draft, entry in pairs if (word := _word(draft, load_details(entry.details), at))]
    write_words(tx, words, {draft.document_id: draft for draft, _ in pairs})


def _match(drafts: Sequence[_Row], debits: Sequence[_Row]) -> list[tuple[_Row, _Row]]:
    """A draft whose entry was removed looks for it anew, so that a booking again is no other draft's."""
    present = {entry.core_id for entry in debits}
    unbooked = _group((_key_of_draft(row), row) for row in drafts if row.entry_core_id not in present)
    free = _group((_key_of_entry(row), row) for row in debits if row.document_id is None)
    pairs = []
    for key, candidates in unbooked.items():
        draft = _find_sure(candidates)
        entries = [one for one in free.get(key, ()) if draft and _is_later(one, draft)]
        if draft is not None and len(entries) == 1:
            pairs.append((draft, entries[0]))
    return pairs


def _is_later(entry: _Row, draft: _Row) -> bool:
    """What was booked, or told here, before the draft left is not its booking."""
    first_at = entry.first_at or entry.told_at
    return bool(entry.booking_date >= moscow_day(draft.made_at) and first_at >= draft.made_at)


def _find_sure(drafts: Sequence[_Row]) -> _Row | None:
    """The only one, if it was signed; of several the only one that the bank calls executed."""
    sure = drafts if len(drafts) == 1 else [row for row in drafts if row.status == PaymentStatus.EXECUTED]
    return sure[0] if len(sure) == 1 and sure[0].status in BOOKABLE else None


def _group(keyed: Iterable[tuple[_Key, _Row]]) -> dict[_Key, list[_Row]]:
    groups: dict[_Key, list[_Row]] = defaultdict(list)
    for key, row in keyed:
        groups[key].append(row)
    return groups


def _key_of_entry(row: _Row) -> _Key:
    details = load_details(row.details)
    return details.number.lstrip("0"), details.date, details.amount, details.counterparty.account


def _key_of_draft(row: _Row) -> _Key:
    order = load_order(row.payment_order)
    return order.number.lstrip("0"), order.date, order.amount, order.payee.account


def _word(draft: _Row, details: EntryDetails, at: dt.datetime) -> Word | None:
    """None where the bank told all of it before."""
    edited = dict(draft.edited) | _differences(load_order(draft.payment_order), details)
    status = PaymentStatus.EXECUTED.value
    if draft.status == status and edited == draft.edited:
        return None
    told = {"reason": None, "core_reference": None, "sign_url": None, "edited": edited}
    return {**told, "document_id": draft.document_id, "status": status, "at": at}


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
