"""What the bank takes but an accountant should look at again: warnings, which never keep an order back."""

from __future__ import annotations

import re

from adapter.domain.errors import FieldError
from adapter.domain.findings import field_error, given
from adapter.domain.order_kinds import AccountHolder, OrderKind, tell_holder, tell_kind
from adapter.domain.order_values import DayValues, OrderValues
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.third_person import find_third_person, is_certain
from adapter.domain.vat import list_vat_warnings

_PRIORITY_OF_WAGES = 3
_WAGES = re.compile(r"заработн\w{0,5} плат|зарплат", re.IGNORECASE).search
_TAX_PERIOD_FORM = re.compile(r"(Д[123]|МС|КВ|ПЛ|ГД|[0-9]{2})\.[0-9]{2}\.[0-9]{4}|[0-9]{8}").fullmatch


def list_warnings(order: PaymentOrder, values: OrderValues) -> list[FieldError]:
    """Warnings of one order, judged by its own date."""
    day = values.at(order.date)
    kind = tell_kind(order, day)
    warnings = []
    if given(order.payee.inn).startswith("00"):
        warnings.append(field_error("payee.inn", "inn_starts_with_zeros", "ИНН получателя начинается с двух нулей"))
    if kind is not OrderKind.NOT_BUDGET:
        return warnings + _list_budget_warnings(order, kind, day)
    holder = tell_holder(order.payee.account or "", day)
    if holder is AccountHolder.PERSON and _WAGES(order.purpose):
        return warnings + _list_wages_warnings(order, day)
    third_person = find_third_person(order.purpose)
    if third_person is not None and not is_certain(third_person):  # else it is an error
        message = "за третье лицо через «ИНН//…» платят только в бюджет"
        warnings.append(field_error("purpose", "third_person_outside_budget", message))
    if holder is not AccountHolder.PERSON and order.budget is None and given(order.purpose):
        warnings += list_vat_warnings(order.purpose, order.amount.amount, day)
    return warnings


def _list_wages_warnings(order: PaymentOrder, day: DayValues) -> list[FieldError]:
    warnings = []
    if not order.income_type_code:
        reference, message = day.income_type_codes.note, "у заработной платы обычно указывают код вида дохода"
        warnings.append(field_error("income_type_code", "income_type_of_wages", message, reference=reference))
    if order.priority > _PRIORITY_OF_WAGES:
        message = "очерёдность заработной платы - 3"
        reference = "Гражданский кодекс, статья 855"
        warnings.append(field_error("priority", "priority_of_wages", message, right_value="3", reference=reference))
    return warnings


def _list_budget_warnings(order: PaymentOrder, kind: OrderKind, day: DayValues) -> list[FieldError]:
    if order.budget is None:
        return []
    if kind is OrderKind.CUSTOMS:
        return _list_customs_warnings(order.budget, day)
    kbk, period = given(order.budget.kbk), given(order.budget.tax_period)
    if kind is OrderKind.TAX_SERVICE and kbk and kbk != day.single_tax_kbk.value:
        right = day.single_tax_kbk.value
        message = f"это не КБК единого налогового платежа; если платёж - ЕНП, верно: {right}"
        reference = day.single_tax_kbk.note
        return [field_error("budget.kbk", "kbk_not_single_tax", message, right_value=right, reference=reference)]
    if kind is OrderKind.OTHER_BUDGET and period and not _TAX_PERIOD_FORM(period):
        message = "налоговый период обычно имеет вид МС.02.2026, КВ.01.2026, ПЛ.01.2026, ГД.00.2026, дд.мм.гггг или 0"
        return [field_error("budget.tax_period", "tax_period_form", message)]
    return []


def _list_customs_warnings(budget: BudgetDetails, day: DayValues) -> list[FieldError]:
    """A document without a number; where it must have one that is an error, told already."""
    reason = budget.reason or ""
    has_document = bool(day.customs_reasons.value.get(reason)) and reason not in day.customs_numbered_reasons.value
    if not has_document or given(budget.basis_number):
        return []
    message = f"при основании {reason} обычно указывают номер документа"
    return [field_error("budget.basis_number", "customs_number", message, reference=day.customs_reasons.note)]
