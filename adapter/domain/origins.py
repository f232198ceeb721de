"""What we write beside a draft at the core, so that we know it again should we lose our own record of it.

The core keeps the text unread and gives it back with the document (`Capabilities.can_tell_documents`).  JSON with short
names: it has at most `ORIGIN_BYTES_MAX` bytes whatever the ids are.
"""

from __future__ import annotations

import datetime as dt
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass

from adapter.domain.core import ORIGIN_BYTES_MAX

NAME_MAX = 64
_VERSION = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who sent a payment under which id, and the hash by which a repetition is known; all as in our lost record."""

    partner_id: str
    consent_id: str
    account_id: str
    external_id: str
    order_sha256: bytes
    created_at: dt.datetime


def dump_origin(origin: Origin) -> str:
    text = json.dumps(
        {
            "v": _VERSION,
            "p": origin.partner_id,
            "c": origin.consent_id,
            "a": origin.account_id,
            "x": origin.external_id,
            "h": b64encode(origin.order_sha256).decode(),
            "t": origin.created_at.isoformat(),
        },
        separators=(",", ":"),
    )
    assert len(text.encode()) <= ORIGIN_BYTES_MAX
    return text


def parse_origin(text: str) -> Origin | None:
    """None for a text that we did not write."""
    try:
        found = json.loads(text)
        if found["v"] != _VERSION:
            return None
        created_at = dt.datetime.fromisoformat(found["t"])
        names = [found[name] for name in ("p", "c", "a", "x")]
        if created_at.tzinfo is None or not all(isinstance(name, str) and 0 < len(name) <= NAME_MAX for name in names):
            return None
        partner_id, consent_id, account_id, external_id = names
        return Origin(
            partner_id=partner_id,
            consent_id=consent_id,
            account_id=account_id,
            external_id=external_id,
            order_sha256=b64decode(found["h"], validate=True),
            created_at=created_at,
        )
    except (ValueError, TypeError, KeyError):
        return None
