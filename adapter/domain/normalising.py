"""An order with its texts as form 0401060 can hold them: plain quotes and hyphens, single spaces, codes without spaces.

Nothing else is changed, and every change is told, before and after.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from adapter.domain.characters import Normalisation, normalise_code, normalise_text
from adapter.domain.payments import PaymentOrder


def normalise(order: PaymentOrder) -> tuple[PaymentOrder, list[Normalisation]]:
    """The order with its texts as the form can hold them, and each change; the same object when there is none."""
    payee, payer, budget = order.payee, order.payer, order.budget
    changes: list[Normalisation] = []
    _text(changes, "payee.name", payee.name)
    _code(changes, "payee.inn", payee.inn)
    _code(changes, "payee.kpp", payee.kpp)
    _code(changes, "payee.account", payee.account)
    _code(changes, "payee.bic", payee.bic)
    _text(changes, "payee.bank_name", payee.bank_name)
    _code(changes, "payee.correspondent_account", payee.correspondent_account)
    _text(changes, "purpose", order.purpose)
    _code(changes, "uin", order.uin)
    if payer is not None:
        _text(changes, "payer.name", payer.name)
        _code(changes, "payer.inn", payer.inn)
        _code(changes, "payer.kpp", payer.kpp)
    if budget is not None:
        _code(changes, "budget.kbk", budget.kbk)
        _code(changes, "budget.oktmo", budget.oktmo)
        _text(changes, "budget.basis_number", budget.basis_number)
    return (_apply(order, changes), changes) if changes else (order, changes)


def _text(changes: list[Normalisation], field: str, before: str | None) -> None:
    if before and (after := normalise_text(before)) != before:
        changes.append(Normalisation(field=field, before=before, after=after))


def _code(changes: list[Normalisation], field: str, before: str | None) -> None:
    if before and (after := normalise_code(before)) != before:
        changes.append(Normalisation(field=field, before=before, after=after))


def _apply(order: PaymentOrder, changes: list[Normalisation]) -> PaymentOrder:
    parts: dict[str, dict[str, str]] = {}
    for change in changes:
        part, _, name = change.field.rpartition(".")
        parts.setdefault(part, {})[name] = change.after
    own: Mapping[str, Any] = parts.pop("", {})
    changed = {part: replace(getattr(order, part), **fields) for part, fields in parts.items()}
    return replace(order, **own, **changed)
