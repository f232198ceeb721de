"""Which members a body must have depends on one of them: as alternatives of JSON Schema, for marshmallow has none.

They stand beside the members of the body in the document, by the body's name.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

ENTRY = (
    "direction",
    "amount",
    "currency",
    "document_type",
    "number",
    "date",
    "booking_date",
    "value_date",
    "counterparty",
    "purpose",
)
PERIOD = ("account_id", "from", "to", "currency", "opening", "closing", "entries", "as_of")
TEXT = {"type": "string"}
WORDS = {"type": "string", "minLength": 1}


def _where(told: Mapping[str, Any], *needed: str, **kinds: Mapping[str, Any]) -> dict[str, Any]:
    """The body has the members `told` with these values, and then also the needed ones; `kinds` narrows some."""
    values = {name: {"const": value} for name, value in told.items()}
    return {"properties": {**values, **kinds}, "required": [*told, *needed, *kinds]}


CHOICES: Mapping[str, Sequence[Mapping[str, Any]]] = {
    "ResultBody": (
        _where({"result": "accepted"}, core_reference=TEXT),
        _where({"result": "refused"}, code=WORDS, reason=WORDS),
        _where({"result": "unknown"}),
    ),
    "CoreEntryBody": (
        _where({"removed": True}),
        {"properties": {"removed": {"const": False}}, "required": list(ENTRY)},
    ),
    "FoundDocumentBody": (_where({"found": False}), _where({"found": True}, "status", "at")),
    "CoreStatementBody": (
        _where({"state": "ready"}, *PERIOD),
        _where({"state": "refused"}, code=WORDS, reason=TEXT),
    ),
}
