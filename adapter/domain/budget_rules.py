"""Payments to the budget, by form: fields 101 and 104-110, and what they ask of the other fields.

Source: Ministry of Finance, order 107n.  Which values go together for which receiver is not checked here: only forms,
widths, and that a treasury account and the budget fields come together.
"""

from __future__ import annotations

import datetime as dt
import re

from adapter.domain.findings import Findings, given
from adapter.domain.identifiers import check_kbk, check_oktmo, check_uin
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails, PaymentOrder

TREASURY_PREFIXES = ("02", "03", "04")
UNIFIED_TREASURY_PREFIX = "40102"  # ЕКС, field 15
TAX_SERVICE_ACCOUNT = "03100643000000018500"
# Accounts of state institutions outside the treasury that also take payments with budget fields.
_INSTITUTION_PREFIXES = ("40503", "40603", "40703")
_INSTITUTION_SIGN = (13, "4")  # the 14th digit

# Values of field 101 and the first day from which each set holds.
_DRAWER_STATUSES = (
    (dt.date(2024, 1, 1), frozenset(("01", "06", "08", "13", "16", "17", "24", "28", "30", "31", "33", "34"))),
    (dt.date.min, frozenset(("01", "02", "06", "08", "13", "16", "17", "24", "28", "30", "31"))),
)

_REASON = re.compile(r"[0-9A-ZА-Я]{2}").fullmatch
_DATE = re.compile(r"([0-9]{2})\.([0-9]{2})\.([0-9]{4})").fullmatch
_SEVERAL_ZEROS = re.compile(r"00+").fullmatch


def check_budget(order: PaymentOrder, findings: Findings) -> None:
    """Note every broken rule of the budget part; also budget fields that are missing or do not belong."""
    _check_treasury_pair(order, findings)
    if order.budget is None:
        return
    _check_budget_payee(order.payee, findings)
    _check_details(order.budget, order.date, findings)
    if uin := given(order.uin):
        findings.holds("uin", check_uin, uin)
    if order.payer is not None and (order.payer.inn or "").startswith("00"):
        findings.add("payer.inn", "inn_zeros", "ИНН плательщика в платеже в бюджет не может начинаться с двух нулей")


def is_for_tax_service(order: PaymentOrder) -> bool:
    """Whether the payee is the Federal Tax Service, which allows an empty purpose."""
    return order.payee.account == TAX_SERVICE_ACCOUNT


def _check_treasury_pair(order: PaymentOrder, findings: Findings) -> None:
    """A treasury account, the unified account of the treasury, and the budget fields come together or not at all."""
    is_treasury = (order.payee.account or "").startswith(TREASURY_PREFIXES)
    has_unified = (order.payee.correspondent_account or "").startswith(UNIFIED_TREASURY_PREFIX)
    if is_treasury and not has_unified:
        message = "для казначейского счёта 03… укажите единый казначейский счёт 40102… (ЕКС)"
        findings.add("payee.correspondent_account", "unified_treasury_account_required", message)
    if has_unified and not is_treasury:
        message = "с единым казначейским счётом 40102… указывается казначейский счёт получателя 03…"
        findings.add("payee.account", "treasury_account_required", message)
    if is_treasury and order.budget is None:
        message = "платёж на казначейский счёт требует полей 101, 104-109; укажите статус составителя"
        findings.add("budget", "budget_required", message)


def _check_budget_payee(payee: Counterparty, findings: Findings) -> None:
    account = payee.account or ""
    if account and not account.startswith(TREASURY_PREFIXES) and not _is_institution_account(account):
        message = "поля 101, 104-110 заполняются только в платежах в бюджет, на казначейский счёт 03…"
        findings.add("payee.account", "budget_receiver", message)
    inn = given(payee.inn)
    if not inn:
        findings.add("payee.inn", "required", "в платеже в бюджет укажите ИНН получателя (10 цифр)")
    elif len(inn) != 10:
        findings.add("payee.inn", "inn_length", "ИНН получателя платежа в бюджет состоит из 10 цифр")
    if not given(payee.kpp):
        findings.add("payee.kpp", "required", "в платеже в бюджет укажите КПП получателя")


def _is_institution_account(account: str) -> bool:
    place, sign = _INSTITUTION_SIGN
    return account.startswith(_INSTITUTION_PREFIXES) and account[place : place + 1] == sign


def _check_details(budget: BudgetDetails, date: dt.date, findings: Findings) -> None:
    _check_drawer_status(budget.drawer_status, date, findings)
    if kbk := given(budget.kbk):
        findings.holds("budget.kbk", check_kbk, kbk)
    if oktmo := given(budget.oktmo):
        findings.holds("budget.oktmo", check_oktmo, oktmo)
    if (reason := given(budget.reason)) and not _REASON(reason):
        findings.add("budget.reason", "reason_form", "основание платежа состоит из двух знаков, например ТП, или 0")
    _check_tax_period(given(budget.tax_period), findings)
    _check_basis(given(budget.basis_number), given(budget.basis_date), findings)
    if len(given(budget.payment_type)) > 2:
        findings.add("budget.payment_type", "too_long", "тип платежа не длиннее 2 знаков; сейчас не заполняется или 0")
    findings.check_characters("budget.payment_type", given(budget.payment_type))


def _check_basis(number: str, date: str, findings: Findings) -> None:
    if len(number) > 15:
        findings.add("budget.basis_number", "too_long", "номер документа-основания не длиннее 15 знаков")
    findings.check_characters("budget.basis_number", number)
    if date and date != "00" and not _is_date(date):
        findings.add("budget.basis_date", "date_form", "дата документа-основания имеет вид дд.мм.гггг, или 0")


def _check_drawer_status(status: str, date: dt.date, findings: Findings) -> None:
    allowed = next(statuses for since, statuses in _DRAWER_STATUSES if date >= since)
    if status not in allowed:
        message = f"статус составителя - один из: {', '.join(sorted(allowed))}"
        findings.add("budget.drawer_status", "drawer_status", message)


def _check_tax_period(period: str, findings: Findings) -> None:
    if len(period) > 10:
        findings.add("budget.tax_period", "too_long", "налоговый период или код таможни не длиннее 10 знаков")
    elif _SEVERAL_ZEROS(period):
        findings.add("budget.tax_period", "several_zeros", "если налогового периода нет, ставится один ноль")
    findings.check_characters("budget.tax_period", period)


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
