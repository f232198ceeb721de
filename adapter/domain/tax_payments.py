"""Payments to the Federal Tax Service: what each field of the form must hold.

Source: Ministry of Finance, order 107n, annex 2; requisites of the single tax payment (values: `order_values.toml`).
"""

from __future__ import annotations

from adapter.domain.budget_case import CHARGE_LENGTHS, ORDER_107N, BudgetCase
from adapter.domain.findings import Findings, given

ANNEX = f"{ORDER_107N}, приложение 2 (платежи, администрируемые налоговыми органами)"
INDIVIDUAL = "13"  # status of a person without an INN who pays by a UIN
FEDERAL_ACCOUNT_PREFIX = "03100"


def check_tax_payment(case: BudgetCase, findings: Findings) -> None:
    """Note every broken rule that is peculiar to payments to the tax service, in the order of the form's fields."""
    _check_payee(case, findings)
    check_uin_of_charge(case, ANNEX, findings)
    _check_payer_inn(case, findings)
    _check_kbk(case, findings)
    _check_no_basis(case, findings)


def check_uin_of_charge(case: BudgetCase, annex: str, findings: Findings) -> None:
    """22: a UIN of the tax service and of the customs has 20 or 25 digits."""
    if case.uin and len(case.uin) not in CHARGE_LENGTHS:
        findings.add("uin", "uin_length", "в платеже в ФНС и таможню УИН - 20 или 25 цифр, или 0", reference=annex)


def check_priority(case: BudgetCase, findings: Findings) -> None:
    """21: taxes and customs payments are paid in the fifth place, on demand in the third."""
    allowed = case.day.tax_priorities
    if str(case.order.priority) not in allowed.value and 1 <= case.order.priority <= 5:
        message = "очерёдность налогов и таможенных платежей - 5, по требованию - 3"
        findings.add("priority", "priority_of_tax", message, right_value="5", reference=allowed.note)


def _check_payee(case: BudgetCase, findings: Findings) -> None:
    """17, 14, 61, 103; field 15 is checked with the bank."""
    day, payee = case.day, case.order.payee
    if payee.account:
        message = "это не счёт ФНС, хотя получатель или КБК - ФНС"
        findings.must_be("payee.account", "tax_service_account", payee.account, day.tax_service_account, message)
    if payee.bic:
        findings.must_be("payee.bic", "tax_service_bic", payee.bic, day.tax_service_bic, "БИК для счёта ФНС другой")
    findings.must_be("payee.inn", "tax_service_inn", payee.inn, day.tax_service_inn, "ИНН получателя - ФНС России")
    findings.must_be("payee.kpp", "tax_service_kpp", payee.kpp, day.tax_service_kpp, "КПП получателя - ФНС России")


def _check_payer_inn(case: BudgetCase, findings: Findings) -> None:
    """60: required, except of a person whose charge is told by its UIN."""
    is_told_by_uin = (
        case.budget.drawer_status == INDIVIDUAL
        and (case.order.payee.account or "").startswith(FEDERAL_ACCOUNT_PREFIX)
        and len(case.uin) in CHARGE_LENGTHS
    )
    if not case.payer_inn and not is_told_by_uin:
        message = "укажите ИНН плательщика; без него можно только со статусом 13 и с УИН из 20 или 25 цифр"
        findings.add("payer.inn", "payer_inn_required", message, reference=ANNEX)


def _check_kbk(case: BudgetCase, findings: Findings) -> None:
    """104."""
    if not given(case.budget.kbk):
        kbk = case.day.single_tax_kbk
        message = f"укажите КБК; для единого налогового платежа - {kbk.value}"
        findings.add("budget.kbk", "required", message, right_value=kbk.value, reference=kbk.reference(kbk.value))


def _check_no_basis(case: BudgetCase, findings: Findings) -> None:
    """106-109: zeros, the tax service knows the charge by itself."""
    budget = case.budget
    message = "в платеже на счёт ФНС здесь ставится 0"
    findings.must_be_empty("budget.reason", "not_for_tax_service", budget.reason, message, ANNEX)
    findings.must_be_empty("budget.tax_period", "not_for_tax_service", budget.tax_period, message, ANNEX)
    findings.must_be_empty("budget.basis_number", "not_for_tax_service", budget.basis_number, message, ANNEX)
    findings.must_be_empty("budget.basis_date", "not_for_tax_service", budget.basis_date, message, ANNEX)
