"""Payments to the customs: what each field of the form must hold.

Source: Ministry of Finance, order 107n, annex 3; requisites of customs payments (values: `order_values.toml`).
"""

from __future__ import annotations

import re

from adapter.domain.budget_case import ORDER_107N, BudgetCase
from adapter.domain.findings import Findings, given
from adapter.domain.tax_payments import check_uin_of_charge

ANNEX = f"{ORDER_107N}, приложение 3 (платежи, администрируемые таможенными органами)"
FOREIGNER_WITHOUT_INN = "30"
COMPANY_FOR_ANOTHER = "06"
PERSONS = ("16", "17")  # a person, an entrepreneur
_OFFICE = re.compile(r"[0-9]{8}").fullmatch
_NO_DOCUMENT = ("", "00")


def check_customs_payment(case: BudgetCase, findings: Findings) -> None:
    """Note every broken rule that is peculiar to payments to the customs, in the order of the form's fields."""
    _check_payee(case, findings)
    check_uin_of_charge(case, ANNEX, findings)
    _check_payer_inn(case, findings)
    _check_status(case, findings)
    _check_kbk_and_oktmo(case, findings)
    _check_reason(case, findings)
    _check_office(case, findings)
    _check_basis(case, findings)


def _check_payee(case: BudgetCase, findings: Findings) -> None:
    """14, 61, 103; field 17 made it a payment to the customs, field 15 is checked with the bank."""
    day, payee = case.day, case.order.payee
    if payee.bic:
        findings.must_be("payee.bic", "customs_bic", payee.bic, day.customs_bic, "БИК для счёта таможни другой")
    findings.must_be("payee.inn", "customs_inn", payee.inn, day.customs_inn, "ИНН получателя - ФТС России")
    findings.must_be("payee.kpp", "customs_kpp", payee.kpp, day.customs_kpp, "КПП получателя - ФТС России")


def _check_payer_inn(case: BudgetCase, findings: Findings) -> None:
    """60: required except of foreigners; its length goes with the status."""
    status, inn = case.budget.drawer_status, case.payer_inn
    if not inn:
        if status != FOREIGNER_WITHOUT_INN:
            message = "укажите ИНН плательщика; в таможню без него платят только со статусом 30"
            findings.add("payer.inn", "payer_inn_required", message, reference=ANNEX)
    elif status in PERSONS and len(inn) != 12:
        message = f"со статусом {status} ИНН плательщика - из 12 цифр"
        findings.add("payer.inn", "payer_inn_length", message, reference=ANNEX)
    elif status == COMPANY_FOR_ANOTHER and case.third_person is not None and len(inn) != 10:
        message = "в платеже за третье лицо со статусом 06 ИНН - из 10 цифр"
        findings.add("payer.inn", "payer_inn_length", message, reference=ANNEX)


def _check_status(case: BudgetCase, findings: Findings) -> None:
    """101: 06 is for those who pay for somebody else."""
    if case.budget.drawer_status == COMPANY_FOR_ANOTHER and case.third_person is None:
        message = "статус 06 в таможню - только в платеже за третье лицо, с назначением ИНН//КПП//Наименование//…"
        findings.add("budget.drawer_status", "status_of_third_person", message, reference=ANNEX)


def _check_kbk_and_oktmo(case: BudgetCase, findings: Findings) -> None:
    """104 and 105."""
    if not given(case.budget.kbk):
        findings.add("budget.kbk", "required", "укажите КБК таможенного платежа", reference=ANNEX)
    oktmo = case.budget.oktmo
    findings.must_be("budget.oktmo", "customs_oktmo", oktmo, case.day.customs_oktmo, "ОКТМО таможни другой")


def _check_reason(case: BudgetCase, findings: Findings) -> None:
    """106."""
    allowed = case.day.customs_reasons
    if (case.budget.reason or "") not in allowed.value:
        message = f"основание таможенного платежа - одно из: {', '.join(sorted(allowed.value))}; 00 - иные случаи"
        findings.add("budget.reason", "customs_reason", message, reference=allowed.note)


def _check_office(case: BudgetCase, findings: Findings) -> None:
    """107: the customs office."""
    if not _OFFICE(case.budget.tax_period or ""):
        message = "в таможню здесь указывается код таможенного органа, 8 цифр"
        findings.add("budget.tax_period", "customs_office", message, reference=ANNEX)


def _check_basis(case: BudgetCase, findings: Findings) -> None:
    """108 and 109, by 106."""
    reason = case.budget.reason or ""
    length_max = case.day.customs_reasons.value.get(reason)
    if length_max is None:
        return
    if length_max == 0:
        _check_no_document(case, findings)
        return
    _check_number(case, reason, length_max, findings)
    if given(case.budget.basis_date) in _NO_DOCUMENT:
        message = f"при основании {reason} укажите дату документа, дд.мм.гггг"
        findings.add("budget.basis_date", "customs_date", message, reference=ANNEX)


def _check_no_document(case: BudgetCase, findings: Findings) -> None:
    message = f"при основании {case.budget.reason} здесь ставится 0"
    if given(case.budget.basis_number) not in _NO_DOCUMENT:
        findings.add("budget.basis_number", "no_document", message, right_value="0", reference=ANNEX)
    if given(case.budget.basis_date) not in _NO_DOCUMENT:
        findings.add("budget.basis_date", "no_document", message, right_value="0", reference=ANNEX)


def _check_number(case: BudgetCase, reason: str, length_max: int, findings: Findings) -> None:
    number = given(case.budget.basis_number)
    if not number and reason in case.day.customs_numbered_reasons.value:
        message = f"при основании {reason} укажите номер документа"
        findings.add("budget.basis_number", "required", message, reference=case.day.customs_numbered_reasons.note)
    elif length_max < len(number) <= 15:
        message = f"при основании {reason} номер документа не длиннее {length_max} знаков"
        findings.add("budget.basis_number", "customs_number_too_long", message, reference=ANNEX)
