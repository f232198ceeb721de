"""RFC 9457 problem details as the document shows them."""

from __future__ import annotations

from typing import Any

import marshmallow as ma

from adapter.domain.errors import FieldError


class FieldProblem(ma.Schema):
    """One broken rule of a request."""

    class Meta:
        unknown = ma.INCLUDE

    pointer = ma.fields.Str(required=True, metadata={"description": "JSON pointer into the body, or #query/<name>"})
    line = ma.fields.Int(metadata={"description": "line of the file, counted from 1"})
    field = ma.fields.Str(metadata={"description": "our name of the field, or the tag of the file"})
    form_field = ma.fields.Str(metadata={"description": "number of the field in form 0401060"})
    code = ma.fields.Str(required=True)
    message = ma.fields.Str(required=True, metadata={"description": "Russian, for an accountant"})
    right_value = ma.fields.Str(metadata={"description": "what would be right, where that is known"})
    reference = ma.fields.Str(metadata={"description": "Russian: the rule and since when it holds"})
    before = ma.fields.Str(metadata={"description": "the text as it was sent, where it was normalised"})
    after = ma.fields.Str(metadata={"description": "the text as it is kept"})


class Restart(ma.Schema):
    """Where a reader goes on whose cursor expired."""

    class Meta:
        unknown = ma.INCLUDE

    url = ma.fields.Str(required=True)
    cursor = ma.fields.Str(
        required=True,
        allow_none=True,
        metadata={"description": "go on with this one; null: read again without a cursor, in place of what you hold"},
    )


class Problem(ma.Schema):
    """What is wrong, for a program (`code`) and for a person."""

    class Meta:
        unknown = ma.INCLUDE

    type = ma.fields.Str(required=True)
    title = ma.fields.Str(required=True)
    status = ma.fields.Int(required=True)
    code = ma.fields.Str(required=True)
    detail = ma.fields.Str()
    request_id = ma.fields.Str()
    errors = ma.fields.List(ma.fields.Nested(FieldProblem))
    restart = ma.fields.Nested(Restart, metadata={"description": "of 410 `cursor_expired` alone"})


def dump_field_error(error: FieldError) -> dict[str, Any]:
    """The JSON of one broken rule; absent places are left out."""
    found = {
        "pointer": error.pointer,
        "line": error.line,
        "field": error.field,
        "form_field": error.form_field,
        "code": error.code,
        "message": error.message,
        "right_value": error.right_value,
        "reference": error.reference,
        "before": error.before,
        "after": error.after,
    }
    return {name: value for name, value in found.items() if value is not None}
