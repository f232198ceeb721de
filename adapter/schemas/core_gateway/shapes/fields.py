"""The fields that stand in many bodies; `members.py` reads them under the same names."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from adapter.domain.limits import ID_MAX, MARK_BYTES_MAX
from adapter.schemas.parties import AMOUNT_PATTERN

MOMENT = "RFC 3339 with an offset"


def identifier(description: str) -> ma.fields.Str:
    return ma.fields.Str(
        required=True, validate=ma.validate.Length(min=1, max=ID_MAX), metadata={"description": description}
    )


def text(description: str) -> ma.fields.Str:
    return ma.fields.Str(required=True, metadata={"description": description})


def text_or_none(description: str) -> ma.fields.Str:
    return ma.fields.Str(allow_none=True, metadata={"description": description})


def money(description: str) -> ma.fields.Str:
    return ma.fields.Str(
        required=True,
        validate=ma.validate.Regexp(AMOUNT_PATTERN),
        metadata={"description": description, "example": "1500.00"},
    )


def currency() -> ma.fields.Str:
    return ma.fields.Str(
        required=True,
        validate=ma.validate.Regexp(r"^[A-Z]{3}$"),
        metadata={"description": "ISO 4217", "example": "RUB"},
    )


def mark(description: str) -> ma.fields.Str:
    told = f"{description}; at most {MARK_BYTES_MAX} bytes, the adapter never reads it"
    return ma.fields.Str(required=True, validate=ma.validate.Length(min=1), metadata={"description": told})


def many(kind: type[ma.Schema], **options: Any) -> ma.fields.List[Any]:
    return ma.fields.List(ma.fields.Nested(kind), required=True, **options)
