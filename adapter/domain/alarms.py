"""What a person is alarmed about, and its facts: names and figures, so that each reader is told in his language."""

from __future__ import annotations

import json
from collections.abc import Mapping
from enum import StrEnum


class AlarmKind(StrEnum):
    ACCOUNT_GONE = "account_gone"  # the core tells it of its customer no more
    ACCOUNT_MOVED = "account_moved"  # the core tells it of another customer
    ADOPTED = "adopted"  # a payment that we lost was recreated from the core
    CORE_CONTRACT = "core_contract"  # an answer of the core breaks its contract
    CORE_RESTORED = "core_restored"  # the core does not know the mark of its events any more
    DAY_MISMATCH = "day_mismatch"  # opening + entries ≠ closing
    FEED_REBUILT = "feed_rebuilt"  # an account is read anew from its beginning
    FOREIGN_ENTRY = "foreign_entry"  # an entry names a payment of another account
    LATE_STATUS = "late_status"  # the core told a status late, or against what it told before
    MISMATCH = "mismatch"  # of reconciliation
    NEEDS_PERSON = "needs_person"  # a payment waits for a decision
    REFUSED_WORD = "refused_word"  # a status that cannot be stored
    UNKNOWN_DOCUMENT = "unknown_document"  # the core has a document that is not here and cannot be recreated


def dump_facts(**facts: str) -> str:
    """The same facts give the same text.  Amounts are decimals, days and moments ISO 8601."""
    return json.dumps(facts, ensure_ascii=False)


def load_facts(detail: str) -> Mapping[str, str] | None:
    """None where the detail is a text."""
    if not detail.startswith("{"):
        return None
    facts: Mapping[str, str] = json.loads(detail)
    return facts
