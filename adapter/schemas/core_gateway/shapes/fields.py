"""The fields that stand in many bodies; `members.py` reads them under the same names."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from adapter.domain.limits import ID_MAX, MARK_BYTES_MAX, TEXT_MAX, URL_MAX
from adapter.schemas.core_gateway import members

AMOUNT = f"^{members.AMOUNT.pattern}$"
IDS_MAX = 10_000
MOMENT = "RFC 3339 with an offset"


def identifier(description: str) -> ma.fields.Str:
    return ma.fields.Str(
        required=True, validate=ma.validate.Length(min=1, max=ID_MAX), metadata={"description": description}
    )


def text(description: str, most: int = TEXT_MAX, least: int = 0) -> ma.fields.Str:
    return ma.fields.Str(
        required=True, validate=ma.validate.Length(min=least or None, max=most), metadata={"description": description}
    )


def text_or_none(description: str, most: int = TEXT_MAX) -> ma.fields.Str:
    return ma.fields.Str(allow_none=True, validate=ma.validate.Length(max=most), metadata={"description": description})


def address_or_none(description: str) -> ma.fields.Str:
    return ma.fields.Str(
        allow_none=True,
        validate=[ma.validate.Length(max=URL_MAX), ma.validate.Regexp(r"^https?://")],
        metadata={"description": f"{description}; a web address, or absent"},
    )


def money(description: str, *, may_be_negative: bool = True, is_required: bool = True) -> ma.fields.Str:
    return ma.fields.Str(
        required=is_required,
        validate=ma.validate.Regexp(AMOUNT if may_be_negative else AMOUNT.replace("-?", "")),
        metadata={"description": description, "example": "1500.00"},
    )


def currency(*, is_required: bool = True) -> ma.fields.Str:
    return ma.fields.Str(
        required=is_required,
        validate=ma.validate.Regexp(r"^[A-Z]{3}$"),
        metadata={"description": "ISO 4217", "example": "RUB"},
    )


def mark(description: str) -> ma.fields.Str:
    told = f"{description}; at most {MARK_BYTES_MAX} bytes, the adapter never reads it"
    is_mark = [ma.validate.Length(min=1, max=MARK_BYTES_MAX), ma.validate.Regexp(r"^[ -~]+$")]
    return ma.fields.Str(required=True, validate=is_mark, metadata={"description": told})


def identifiers(description: str, *, is_required: bool = True) -> ma.fields.List[str]:
    inner = ma.fields.Str(validate=ma.validate.Length(min=1, max=ID_MAX))
    return ma.fields.List(
        inner,
        required=is_required,
        validate=ma.validate.Length(max=IDS_MAX),
        metadata={"description": description},
    )


def many(kind: type[ma.Schema], most: int, least: int = 0) -> ma.fields.List[Any]:
    is_short = ma.validate.Length(min=least or None, max=most)
    return ma.fields.List(ma.fields.Nested(kind), required=True, validate=is_short)
