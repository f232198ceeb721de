"""Warnings and errors of fields inside our JSON columns: what is not there is left out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import fields
from typing import Any

from adapter.domain.errors import FieldError

_NAMES = tuple(field.name for field in fields(FieldError))


def dump_field_errors(errors: Iterable[FieldError]) -> list[dict[str, Any]]:
    return [{name: value for name in _NAMES if (value := getattr(error, name)) is not None} for error in errors]


def load_field_errors(stored: Iterable[Mapping[str, Any]]) -> tuple[FieldError, ...]:
    return tuple(FieldError(**one) for one in stored)
