"""Payments to the budget: which of the three kinds, and the rules that all three share.

Source: Ministry of Finance, order 107n.  The rules of one kind stand in `tax_payments.py`, `customs_payments.py` and
`other_budget_payments.py`; values that law changes in `order_values.toml`.
"""

from __future__ import annotations

import datetime as dt
import re

from adapter.domain.bank_rules import UNIFIED_TREASURY_PREFIX
from adapter.domain.budget_case import ORDER_107N, BudgetCase
from adapter.domain.customs_payments import check_customs_payment
from adapter.domain.findings import Findings, given
from adapter.domain.identifiers import check_kbk, check_oktmo, check_uin
from adapter.domain.order_kinds import TREASURY_PREFIXES, OrderKind
from adapter.domain.order_values import DayValues, Ruling
from adapter.domain.other_budget_payments import check_other_budget_payment
from adapter.domain.parties import Party
from adapter.domain.payer_rules import payer_of_form
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.tax_payments import check_priority, check_tax_payment
from adapter.domain.third_person import check_third_person, find_third_person

HEADED_BY_TAX = "01"  # a company with this status may leave field 102 empty
_REASON = re.compile(r"[0-9A-ZА-Я]{2}").fullmatch
_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})").fullmatch
_SEVERAL_ZEROS = re.compile(r"00+").fullmatch


def check_budget(order: PaymentOrder, kind: OrderKind, payer: Party | None, day: DayValues, findings: Findings) -> None:
    """Note every broken rule of the budget part; also budget fields that are missing or do not belong.

    `payer` is the bank's own record of who pays.
    """
    account = order.payee.account or ""
    if order.budget is None:
        if account.startswith(TREASURY_PREFIXES):
            message = "платёж на казначейский счёт требует полей 101, 104-109; укажите статус составителя"
            findings.add("budget", "budget_required", message, reference=ORDER_107N)
        return
    if kind is OrderKind.NOT_BUDGET:
        if account and not given(order.payee.correspondent_account).startswith(UNIFIED_TREASURY_PREFIX):
            message = "поля 101, 104-110 заполняются только в платежах в бюджет, а это не казначейский счёт 03…"
            findings.add("budget", "budget_receiver", message, reference=ORDER_107N)
        _check_forms(order.budget, findings)
        return
    case = _open_case(order, order.budget, kind, payer, day)
    _check_shared(case, payer, findings)
    _check_kind(case, findings)


def _open_case(
    order: PaymentOrder, budget: BudgetDetails, kind: OrderKind, payer: Party | None, day: DayValues
) -> BudgetCase:
    own = payer or Party(name="")
    named = payer_of_form(order, own) or own
    return BudgetCase(
        order=order,
        budget=budget,
        day=day,
        kind=kind,
        payer_inn=given(named.inn),
        payer_kpp=given(named.kpp),
        uin=given(order.uin),
        third_person=find_third_person(order.purpose),
    )


def _check_kind(case: BudgetCase, findings: Findings) -> None:
    if case.kind is OrderKind.TAX_SERVICE:
        check_tax_payment(case, findings)
        check_priority(case, findings)
    elif case.kind is OrderKind.CUSTOMS:
        check_customs_payment(case, findings)
        check_priority(case, findings)
    else:
        check_other_budget_payment(case, findings)


def _check_shared(case: BudgetCase, payer: Party | None, findings: Findings) -> None:
    if case.uin:
        findings.holds("uin", check_uin, case.uin)
    _check_payer(case, findings)
    _check_drawer_status(case, findings)
    _check_forms(case.budget, findings)
    if case.third_person is not None:
        check_third_person(case.third_person, payer, case.payer_inn, findings)


def _check_payer(case: BudgetCase, findings: Findings) -> None:
    """60 and 102."""
    inn, kpp = case.payer_inn, case.payer_kpp
    if inn.startswith("00"):
        findings.add("payer.inn", "inn_zeros", "ИНН плательщика в платеже в бюджет не может начинаться с двух нулей")
    if len(inn) == 12:
        message = "у плательщика с ИНН из 12 цифр нет КПП; ставится 0"
        findings.must_be_empty("payer.kpp", "kpp_of_person", kpp, message, ORDER_107N)
    elif inn and not kpp and (len(inn) == 5 or case.budget.drawer_status != HEADED_BY_TAX):
        message = "в платеже в бюджет укажите КПП плательщика; без него можно только со статусом 01"
        findings.add("payer.kpp", "payer_kpp_required", message, reference=ORDER_107N)


def _check_drawer_status(case: BudgetCase, findings: Findings) -> None:
    """101: of the list of the day, and of those that belong to this receiver."""
    status, listed = case.budget.drawer_status, case.day.drawer_statuses
    own = _own_statuses(case)
    allowed = own.value if own else listed.value - case.day.tax_service_statuses.value - case.day.customs_statuses.value
    if status in allowed and status in listed.value:
        return
    reference = own.note if own and status in listed.value else listed.note
    message = f"статус составителя для этого получателя - один из: {', '.join(sorted(allowed & listed.value))}"
    code = "status_of_other_receiver" if status in listed.value else "drawer_status"
    findings.add("budget.drawer_status", code, message, reference=reference)


def _own_statuses(case: BudgetCase) -> Ruling[frozenset[str]] | None:
    """The statuses of the tax service or the customs; other receivers have those that are left."""
    if case.kind is OrderKind.TAX_SERVICE:
        return case.day.tax_service_statuses
    if case.kind is OrderKind.CUSTOMS:
        return case.day.customs_statuses
    return None


def _check_forms(budget: BudgetDetails, findings: Findings) -> None:
    """104-110: what holds for every receiver."""
    if kbk := given(budget.kbk):
        findings.holds("budget.kbk", check_kbk, kbk)
    if oktmo := given(budget.oktmo):
        findings.holds("budget.oktmo", check_oktmo, oktmo)
    if (reason := given(budget.reason)) and not _REASON(reason):
        findings.add("budget.reason", "reason_form", "основание платежа состоит из двух знаков, например ТП, или 0")
    _check_tax_period(given(budget.tax_period), findings)
    _check_basis(given(budget.basis_number), given(budget.basis_date), findings)
    if payment_type := given(budget.payment_type):
        if len(payment_type) > 2:
            message = "тип платежа не длиннее 2 знаков; сейчас не заполняется или 0"
            findings.add("budget.payment_type", "too_long", message)
        findings.check_characters("budget.payment_type", payment_type)


def _check_tax_period(period: str, findings: Findings) -> None:
    if not period:
        return
    if len(period) > 10:
        findings.add("budget.tax_period", "too_long", "налоговый период или код таможни не длиннее 10 знаков")
    elif _SEVERAL_ZEROS(period):
        message = "если налогового периода нет, ставится один ноль"
        findings.add("budget.tax_period", "several_zeros", message, right_value="0")
    elif _DATE(period) and not _is_date(period):
        findings.add("budget.tax_period", "date_form", "такой даты нет; дата имеет вид дд.мм.гггг")
    findings.check_characters("budget.tax_period", period)


def _check_basis(number: str, date: str, findings: Findings) -> None:
    if number:
        if len(number) > 15:
            findings.add("budget.basis_number", "too_long", "номер документа-основания не длиннее 15 знаков")
        findings.check_characters("budget.basis_number", number)
    if date and date != "00" and not _is_date(date):
        findings.add("budget.basis_date", "date_form", "дата документа-основания имеет вид дд.мм.гггг, или 0")


def _is_date(text: str) -> bool:
    match = _DATE(text)
    if not match:
        return False
    day, month, year = map(int, match.groups())
    try:
        dt.date(year, month, day)
    except ValueError:
        return False
    return True
