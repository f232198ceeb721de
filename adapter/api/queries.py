"""Query parameters read by hand, strictly: marshmallow would cost more than the whole poll that finds nothing.

What is unknown, repeated, empty or malformed is an error of the request, and all errors are told at once.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Collection, Mapping
from typing import Any

import flask

from adapter.domain.errors import FieldError, InvalidQuery

_NUMBER = re.compile(r"\d{1,6}", re.ASCII)
_DATE = re.compile(r"\d{4}-\d{2}-\d{2}", re.ASCII)
VALUE_CHARACTERS_MAX = 16_384


def read_query(allowed: Collection[str]) -> Mapping[str, str]:
    """The parameters of the present request, each at most once."""
    if not flask.request.query_string:
        return {}
    errors = []
    found = {}
    for name, values in flask.request.args.lists():
        if name not in allowed:
            errors.append(_error(name[:40], "unknown_parameter", "Неизвестный параметр"))
        elif len(values) > 1:
            errors.append(_error(name, "repeated_parameter", "Параметр указан несколько раз"))
        elif not 0 < len(values[0]) <= VALUE_CHARACTERS_MAX:
            errors.append(_error(name, "bad_length", "Параметр пуст или слишком длинный"))
        elif "\0" in values[0]:
            errors.append(_error(name, "bad_characters", "Недопустимые символы"))
        else:
            found[name] = values[0]
    if errors:
        raise InvalidQuery(errors)
    return found


def parse_number(query: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    """A whole number between the bounds."""
    text = query.get(name)
    if text is None:
        return default
    if not _NUMBER.fullmatch(text) or not least <= int(text) <= most:
        raise invalid(name, "bad_number", f"Нужно целое число от {least} до {most}")
    return int(text)


def parse_period(query: Mapping[str, str]) -> tuple[dt.date, dt.date]:
    """The required days `from` and `to`, YYYY-MM-DD."""
    errors: list[FieldError] = []
    date_from, date_to = (_parse_date(query.get(name), name, errors) for name in ("from", "to"))
    if date_from is None or date_to is None:
        raise InvalidQuery(errors)
    return date_from, date_to


def _parse_date(text: str | None, name: str, errors: list[FieldError]) -> dt.date | None:
    try:
        if text is not None and _DATE.fullmatch(text):
            return dt.date.fromisoformat(text)
    except ValueError:
        pass
    errors.append(_error(name, "bad_date" if text else "missing_parameter", "Нужна дата в виде ГГГГ-ММ-ДД"))
    return None


def parse_choice(query: Mapping[str, str], name: str, choices: Collection[str]) -> str | None:
    """One of a few words; None where the parameter is absent."""
    text = query.get(name)
    if text is not None and text not in choices:
        raise invalid(name, "unknown_value", f"Возможные значения: {', '.join(choices)}")
    return text


def invalid(name: str, code: str, message: str) -> InvalidQuery:
    """The error of one parameter."""
    return InvalidQuery([_error(name, code, message)])


def parameter(name: str, description: str, schema: Mapping[str, Any], required: bool = False) -> dict[str, Any]:
    """A query parameter as the document shows it."""
    return {"in": "query", "name": name, "description": description, "schema": dict(schema), "required": required}


def _error(name: str, code: str, message: str) -> FieldError:
    return FieldError(pointer=f"#query/{name}", field=name, code=code, message=message)
