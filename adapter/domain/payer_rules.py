"""Who pays, on form 0401060: account (9), name (8), INN (60) and KPP (102), and what of it leaves for the bank.

Sources: Bank of Russia, regulation 762-P; Ministry of Finance, order 107n (payments to the budget).  The bank fills in
its own record of the payer.  Payments to the budget are different: fields 8, 60 and 102 are read by the receiver, tell
a subdivision by its KPP, and in a payment for a third person are not the payer's own.  There the order counts.
"""

from __future__ import annotations

from dataclasses import replace

from adapter.domain import identifiers
from adapter.domain.errors import FieldError
from adapter.domain.findings import Findings, field_error, given
from adapter.domain.parties import Party
from adapter.domain.payee_rules import NAME_LENGTH_MAX
from adapter.domain.payments import PaymentOrder
from adapter.domain.third_person import is_for_third_person


def check_payer(order: PaymentOrder, own: Party | None, own_account: str, findings: Findings) -> None:
    """Note every broken rule of the payer as the order names it; `own` is the bank's record of who pays."""
    if order.payer_account and order.payer_account != own_account:
        findings.add("payer_account", "payer_account_differs", "счёт плательщика не тот, с которого идёт платёж")
    if order.payer is not None:
        own_inn = "" if own is None or is_for_third_person(order) else given(own.inn)
        _check_told(order.payer, own_inn, findings)


def payer_of_form(order: PaymentOrder, own: Party) -> Party | None:
    """Who fields 8, 60 and 102 name; None where the bank fills in its own record.

    For a third person they are what the order tells, an INN of 0 is none.  In one's own name the bank's record fills
    what the order leaves empty or zero.
    """
    told = order.payer
    if told is None or order.budget is None or is_for_third_person(order):
        return told if order.budget is not None else None
    return Party(name=told.name or own.name, inn=given(told.inn) or own.inn, kpp=given(told.kpp) or own.kpp)


def list_payer_warnings(order: PaymentOrder, own: Party) -> list[FieldError]:
    """INN and KPP that the order tells and the bank replaces by its own, before and after.

    The name is not compared: nearly every program spells it in its own way.
    """
    told = order.payer
    if told is None:
        return []
    kept = payer_of_form(order, own) or own
    pairs = (("payer.inn", told.inn or "", given(kept.inn)), ("payer.kpp", told.kpp or "", given(kept.kpp)))
    is_to_budget = order.budget is not None  # elsewhere a zero says nothing
    return [
        _tell_replaced(field, before, after)
        for field, before, after in pairs
        if (before if is_to_budget else given(before)) and given(before) != after
    ]


def _tell_replaced(field: str, before: str, after: str) -> FieldError:
    warning = field_error(field, "payer_of_bank", "в платёж войдёт значение из данных банка, а не из поручения")
    return replace(warning, before=before, after=after)


def _check_told(told: Party, own_inn: str, findings: Findings) -> None:
    """An empty `own_inn` means that there is none to compare with."""
    if len(told.name) > NAME_LENGTH_MAX:
        message = f"плательщик не длиннее {NAME_LENGTH_MAX} знаков, сейчас {len(told.name)}"
        findings.add("payer.name", "too_long", message)
    findings.check_characters("payer.name", told.name)
    inn = given(told.inn)
    if inn and own_inn and inn != own_inn:
        message = f"ИНН плательщика не совпадает с данными банка; верно: {own_inn}"
        findings.add("payer.inn", "payer_inn_differs", message, right_value=own_inn)
    elif inn and not own_inn:
        findings.holds("payer.inn", identifiers.check_inn, inn)
    if kpp := given(told.kpp):
        findings.holds("payer.kpp", identifiers.check_kpp, kpp)
