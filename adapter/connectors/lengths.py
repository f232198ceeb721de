"""Refusing what is longer than the contract allows, for connectors whose source has no schema of its own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import TypeVar

from adapter.domain import limits
from adapter.domain.core import CoreAccount, CoreEntry

T = TypeVar("T")

_BY_NAME: Mapping[str, int] = {
    **dict.fromkeys(("core_id", "customer_id", "user_id", "core_account_id", "document_id"), limits.ID_MAX),
    **dict.fromkeys(("inn", "kpp", "account", "bic", "correspondent_account", "number", "uin"), limits.NUMBER_MAX),
    "currency": limits.CURRENCY_LENGTH,
}
_BY_CLASS: Mapping[type, Mapping[str, int]] = {
    CoreAccount: {"number": limits.ACCOUNT_LENGTH, "bic": limits.BIC_LENGTH},
    CoreEntry: {"document_id": limits.DOCUMENT_ID_MAX},
}


def check_lengths(told: T) -> T:
    """The same, its parts looked at too; raises ValueError that names what is too long, never its content."""
    if not is_dataclass(told):
        return told
    most = {**_BY_NAME, **_BY_CLASS.get(type(told), {})}
    for field in fields(told):
        value = getattr(told, field.name)
        if isinstance(value, str) and len(value) > most.get(field.name, limits.TEXT_MAX):
            raise ValueError(f"{type(told).__name__}.{field.name} has {len(value)} characters")
        check_lengths(value)
    return told
