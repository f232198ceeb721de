"""What status files say: the bank's words about drafts, and its refusals of what we asked."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Mapping, Sequence

from sqlalchemy.engine import Connection

from adapter.connectors.files import ledgers, requests
from adapter.connectors.files.bookings import BOOKABLE, book_drafts
from adapter.connectors.files.drafts import find_documents, forget_document
from adapter.connectors.files.status_files import Refusal, StatusLine
from adapter.connectors.files.words import Word, write_loss, write_words
from adapter.domain.payments import PaymentStatus


def apply_statuses(tx: Connection, lines: Sequence[StatusLine], now: dt.datetime) -> list[str]:
    """Write the bank's words; answers the ids of which nothing is known here.

    Refusals come last: a file that tells of a draft both that it was lost and its state tells that it is there.
    """
    words = [_word(line) for line in lines if isinstance(line.status, PaymentStatus)]
    known = find_documents(tx, {word["document_id"] for word in words})
    amounts: Mapping[str, set[int]] = defaultdict(set)
    for word in words:
        if word["document_id"] in known and word["status"] in BOOKABLE:
            amounts[known[word["document_id"]].account_id].add(known[word["document_id"]].kopecks)
    ledgers.lock_ledgers(tx, amounts)
    write_words(tx, words, known)  # also of documents unknown here: a restored database knows less than the bank
    for account, kopecks in sorted(amounts.items()):
        book_drafts(tx, account, kopecks, now)  # its entry may have come before the word
    unknown = [line.document_id for line in lines if isinstance(line.status, Refusal) and not _refuse(tx, line)]
    return unknown + [word["document_id"] for word in words if word["document_id"] not in known]


def _refuse(tx: Connection, line: StatusLine) -> bool:
    if line.status is Refusal.DOCUMENT:
        return forget_document(tx, line.document_id, line.at) or _contradict(tx, line)
    return requests.refuse(tx, line)


def _contradict(tx: Connection, line: StatusLine) -> bool:
    """The bank lost a draft after it told a state of it: a person must see it.  False where it is no such word."""
    document = find_documents(tx, [line.document_id]).get(line.document_id)
    if document is None or document.status is None or document.at >= line.at:
        return False
    write_loss(tx, document, line.at, line.reason)
    return True


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
