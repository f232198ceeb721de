"""What we write beside a draft at the core, so that we know it again should we lose our own record of it.

The core keeps the text unread and gives it back with the document (`Capabilities.can_tell_documents`).  JSON with short
names, sealed with a key of ours (HMAC-SHA-256, 16 bytes of it) for one document of one customer from one account: who
can write the core's drafts can make no payment appear here.  It has at most `ORIGIN_BYTES_MAX` bytes whatever the ids
are.
"""

from __future__ import annotations

import datetime as dt
import hmac
import json
from base64 import b64decode, b64encode
from dataclasses import dataclass
from typing import Any

from adapter.domain.core import CoreDocument
from adapter.domain.imports import ImportMode, ImportShape
from adapter.domain.limits import ORIGIN_BYTES_MAX

NAME_MAX = 64
SEAL_BYTES = 16
_VERSION = 2
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)
_SHAPES = {ImportShape.JSON: "j", ImportShape.ONEC: "1", ImportShape.PAIN_001: "p"}
_MODES = {ImportMode.ALL_OR_NOTHING: "a", ImportMode.VALID_ONLY: "v"}
_PURPOSE = b"bank-adapter: the origin of a draft, 2"


@dataclass(frozen=True, slots=True, kw_only=True)
class BatchPlace:
    """In which batch a payment came, and what makes a repetition of the batch known."""

    import_id: str
    place: int
    shape: ImportShape
    mode: ImportMode
    body_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Origin:
    """Who sent a payment under which id, and the hash by which a repetition is known; all as in our lost record."""

    partner_id: str
    consent_id: str
    account_id: str
    external_id: str
    order_sha256: bytes
    created_at: dt.datetime
    batch: BatchPlace | None = None  # for one that came in a batch


@dataclass(frozen=True, slots=True)
class OriginSeal:
    """Writes origins and knows those that were written with the same secret."""

    secret: str

    def dump(self, origin: Origin, document_id: str, customer_id: str, core_account_id: str) -> str:
        """The text for one document."""
        told = {
            "v": _VERSION,
            "p": origin.partner_id,
            "c": origin.consent_id,
            "a": origin.account_id,
            "x": origin.external_id,
            "h": b64encode(origin.order_sha256).decode(),
            "t": (origin.created_at - _EPOCH) // _MICROSECOND,
        }
        if origin.batch:
            told["b"] = _dump_batch(origin.batch)
        seal = self._seal(told, document_id, customer_id, core_account_id)
        text = _render({**told, "m": b64encode(seal).decode()})
        assert len(text.encode()) <= ORIGIN_BYTES_MAX
        return text

    def parse(self, document: CoreDocument) -> Origin | None:
        """None for a text that we did not write, or not for this document."""
        try:
            told = json.loads(document.origin)
            seal = b64decode(told.pop("m"), validate=True)
            if not hmac.compare_digest(
                seal, self._seal(told, document.id, document.customer_id, document.core_account_id)
            ):
                return None
            return _load(told)
        except (ValueError, TypeError, LookupError, AttributeError):
            return None

    def _seal(self, told: dict[str, Any], *bound_to: str) -> bytes:
        key = hmac.digest(self.secret.encode(), _PURPOSE, "sha256")
        return hmac.digest(key, _render([told, *bound_to]).encode(), "sha256")[:SEAL_BYTES]


def _render(value: object) -> str:
    return json.dumps(value, separators=(",", ":"))


def _load(told: dict[str, Any]) -> Origin | None:
    names = [told[name] for name in ("p", "c", "a", "x")]
    if told["v"] != _VERSION or not all(0 < len(name) <= NAME_MAX for name in names):
        return None
    partner_id, consent_id, account_id, external_id = names
    return Origin(
        partner_id=partner_id,
        consent_id=consent_id,
        account_id=account_id,
        external_id=external_id,
        order_sha256=b64decode(told["h"], validate=True),
        created_at=_EPOCH + told["t"] * _MICROSECOND,
        batch=_load_batch(told["b"]) if "b" in told else None,
    )


def _dump_batch(batch: BatchPlace) -> str:
    digest = b64encode(batch.body_sha256).decode()
    return f"{batch.import_id} {batch.place} {_SHAPES[batch.shape]}{_MODES[batch.mode]} {digest}"


def _load_batch(text: str) -> BatchPlace:
    import_id, place, letters, digest = text.split(" ")
    return BatchPlace(
        import_id=import_id,
        place=int(place),
        shape=next(one for one, letter in _SHAPES.items() if letter == letters[0]),
        mode=next(one for one, letter in _MODES.items() if letter == letters[1:]),
        body_sha256=b64decode(digest, validate=True),
    )
