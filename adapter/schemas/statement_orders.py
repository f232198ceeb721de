"""Ordered statements as JSON: what is sent, read strictly, and what is answered.

Which shapes there are, and their options, is not known here: the API gives both from its table.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from typing import Any

import marshmallow as ma

from adapter.domain.errors import FieldError
from adapter.domain.statement_orders import Failure, StatementOrder, StatementOrderStatus, StatementWish
from adapter.schemas.parties import Open, nullable

ERRORS_MAX = 20  # more is no order but rubbish
DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)

# What marshmallow finds is told by code; the sentences are here.
MESSAGES: Mapping[str, str] = {
    "not_object": "Ожидается объект JSON",
    "unknown_field": "Такого поля нет",
    "option_of_another_format": "У этого формата такого параметра нет",
    "required": "Поле обязательно",
    "not_text": "Ожидается строка",
    "bad_date": "Дата вида ГГГГ-ММ-ДД",
}
TEXT: dict[str, Any] = {"required": "required", "null": "required", "invalid": "not_text", "invalid_utf8": "not_text"}


class _Day(ma.fields.Date):
    """YYYY-MM-DD and nothing else that ISO 8601 knows."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **options: Any) -> dt.date:
        if not isinstance(value, str) or not DATE.fullmatch(value):
            raise self.make_error("invalid")
        return super()._deserialize(value, attr, data, **options)


def _day(description: str, key: str) -> _Day:
    return _Day(
        required=True,
        data_key=key,
        error_messages={"required": "required", "null": "required", "invalid": "bad_date"},
        metadata={"description": description},
    )


class StatementOrderInput(ma.Schema):
    """The period of one account, and the shape of the file with its options."""

    error_messages = {"type": "not_object", "unknown": "unknown_field"}  # noqa: RUF012  # as marshmallow declares it

    account_id = ma.fields.Str(required=True, error_messages=TEXT)
    date_from = _day("first day, by booking date; `history_from` of the consent at the earliest", "from")
    date_to = _day("last day; today in Moscow at the latest", "to")


class FailureBody(Open):
    """Why there is no file."""

    code = ma.fields.Enum(Failure, by_value=True, required=True)
    message = ma.fields.Str(required=True, metadata={"description": "Russian, for an accountant"})


class StatementOrderBody(Open):
    """An ordered statement in its present state.  What belongs to the file is null until it is ready."""

    id = ma.fields.Str(required=True)
    account_id = ma.fields.Str(required=True)
    date_from = ma.fields.Date(required=True, data_key="from")
    date_to = ma.fields.Date(required=True, data_key="to")
    format = ma.fields.Str(required=True)
    status = ma.fields.Enum(StatementOrderStatus, by_value=True, required=True)
    progress = ma.fields.Int(
        required=True,
        strict=True,
        validate=ma.validate.Range(0, 100),
        metadata={"description": "percent of the entries written; 100 only when the file is there"},
    )
    created_at = ma.fields.AwareDateTime(required=True)
    ready_at = ma.fields.AwareDateTime(required=True, allow_none=True)
    expires_at = ma.fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "the file is kept until then"}
    )
    size = ma.fields.Int(required=True, allow_none=True, strict=True, metadata={"description": "bytes"})
    sha256 = nullable("of the whole file, hexadecimal")
    file_name = nullable("as a download is called")
    media_type = nullable("of the file")
    as_of = ma.fields.AwareDateTime(
        required=True, allow_none=True, metadata={"description": "the moment that the core vouches for"}
    )
    failure = ma.fields.Nested(FailureBody, required=True, allow_none=True)


def input_with(formats: Sequence[str], options: Mapping[str, Sequence[str]]) -> type[ma.Schema]:
    """The shape of an order where these formats and options exist."""
    members: dict[str, ma.fields.Field[Any]] = {"format": _word(formats, "as for the direct statement", required=True)}
    members |= {name: _word(values, "for the formats that know it") for name, values in options.items()}
    return StatementOrderInput.from_dict(members, name="StatementOrderRequest")


def body_with(options: Mapping[str, Sequence[str]]) -> type[ma.Schema]:
    """The shape of an answer where these options exist."""
    members: dict[str, ma.fields.Field[Any]] = {
        name: ma.fields.Str(metadata={"description": "where the format knows it"}) for name in options
    }
    return StatementOrderBody.from_dict(members, name="StatementOrderAnswer")


def load_wish(
    data: Any, schema: ma.Schema, options_of: Mapping[str, Mapping[str, Sequence[str]]], errors: list[FieldError]
) -> StatementWish | None:
    """Read an order; None, and every broken rule added to `errors`, where its shape is wrong.

    `options_of` tells the options of each format with their values, the default first.
    """
    if isinstance(data, dict):
        data = {name: value for name, value in data.items() if value is not None}
    try:
        sent = schema.load(data)
    except ma.ValidationError as error:
        errors.extend(_field_errors(error.messages, schema))
        return None
    known = options_of[sent["format"]]
    own = {"account_id", "date_from", "date_to", "format"}
    chosen = {name: value for name, value in sent.items() if name not in own}
    strange = {name: value for name, value in chosen.items() if value not in known.get(name, ())}
    for name in strange:
        errors.append(_unknown_value(name, known[name]) if name in known else _error(name, "option_of_another_format"))
    if strange:
        return None
    return StatementWish(
        account_id=sent["account_id"],
        date_from=sent["date_from"],
        date_to=sent["date_to"],
        shape=sent["format"],
        options={name: values[0] for name, values in known.items()} | chosen,
    )


def dump_statement_order(order: StatementOrder) -> dict[str, Any]:
    wish, file = order.wish, order.file
    return {
        "id": order.id,
        "account_id": wish.account_id,
        "from": wish.date_from,
        "to": wish.date_to,
        "format": wish.shape,
        **wish.options,
        "status": order.status,
        "progress": order.progress,
        "created_at": order.created_at.isoformat(),
        "ready_at": order.ready_at.isoformat() if order.ready_at else None,
        "expires_at": order.expires_at.isoformat() if order.expires_at else None,
        "size": file.size if file else None,
        "sha256": file.sha256.hex() if file else None,
        "file_name": file.name if file else None,
        "media_type": file.media_type if file else None,
        "as_of": file.as_of.isoformat() if file else None,
        "failure": {"code": order.failure, "message": order.failure.message} if order.failure else None,
    }


def _word(values: Sequence[str], description: str, required: bool = False) -> ma.fields.Str:
    return ma.fields.Str(
        required=required,
        error_messages=TEXT,
        validate=ma.validate.OneOf(values, error="unknown_value"),
        metadata={"description": description},
    )


def _field_errors(messages: Any, schema: ma.Schema) -> list[FieldError]:
    """marshmallow says {field: [code, …]}, `_schema` for the body as a whole."""
    return [
        _unknown_value(name, schema.fields[name].validate.choices)  # type: ignore[union-attr]  # the one of `_word`
        if codes[0] == "unknown_value"
        else _error("" if name == "_schema" else name, codes[0])
        for name, codes in list(messages.items())[:ERRORS_MAX]
    ]


def _unknown_value(name: str, values: Sequence[str]) -> FieldError:
    message = f"Возможные значения: {', '.join(values)}"
    return FieldError(pointer=f"/{name}", field=name, code="unknown_value", message=message)


def _error(name: str, code: str) -> FieldError:
    """A name that is not ours is cut, it may be anything."""
    shown = name[:100]
    pointer = "/" + shown.replace("~", "~0").replace("/", "~1") if shown else ""
    return FieldError(pointer=pointer, field=shown or None, code=code, message=MESSAGES[code])
