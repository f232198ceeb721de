"""Payments to the budget that go neither to the tax service nor to the customs: funds, fines, courts, institutions.

Source: Ministry of Finance, order 107n, annex 4 (values: `order_values.toml`).
"""

from __future__ import annotations

import re

from adapter.domain.budget_case import CHARGE_LENGTHS, ORDER_107N, BudgetCase
from adapter.domain.findings import Findings, given
from adapter.domain.order_kinds import is_institution_account

ANNEX = f"{ORDER_107N}, приложение 4 (иные платежи в бюджет)"
BY_WRIT = "31"  # debts collected by bailiffs
BY_CHARGE = "33"  # told by its UIN alone
PERSON = "24"
_IDENTITY_DOCUMENT = re.compile(r"([0-9]{2});.+").fullmatch
_TAX_PERIOD = re.compile(r"(Д[123]|МС|КВ|ПЛ|ГД)\.([0-9]{2})\.([0-9]{4})").fullmatch
_PARTS_OF_YEAR = dict.fromkeys(("Д1", "Д2", "Д3", "МС"), (1, 12)) | {"КВ": (1, 4), "ПЛ": (1, 2), "ГД": (0, 0)}


def check_other_budget_payment(case: BudgetCase, findings: Findings) -> None:
    """Note every broken rule that is peculiar to these payments, in the order of the form's fields."""
    _check_account(case, findings)
    _check_uin(case, findings)
    _check_payee(case, findings)
    _check_oktmo(case, findings)
    _check_period(case, findings)
    _check_basis_number(case, findings)


def _check_account(case: BudgetCase, findings: Findings) -> None:
    """17: some statuses pay to some accounts only."""
    prefixes = case.day.account_statuses
    prefix = prefixes.value.get(case.budget.drawer_status)
    account = case.order.payee.account
    if prefix and account and not account.startswith(prefix):
        message = f"со статусом {case.budget.drawer_status} платят на счёт {prefix}…"
        findings.add("payee.account", "account_of_status", message, reference=prefixes.note)


def _check_uin(case: BudgetCase, findings: Findings) -> None:
    """22: required by some statuses and accounts."""
    status, accounts = case.budget.drawer_status, case.day.uin_accounts
    if status == BY_CHARGE and len(case.uin) not in CHARGE_LENGTHS:
        findings.add("uin", "uin_required", "со статусом 33 укажите УИН из 20 или 25 цифр", reference=ANNEX)
    elif status == BY_WRIT and not case.uin:
        findings.add("uin", "uin_required", "со статусом 31 укажите УИН", reference=ANNEX)
    elif not case.uin and (prefix := (case.order.payee.account or "")[:5]) in accounts.value:
        findings.add("uin", "uin_required", f"в платеже на счёт {prefix}… укажите УИН", reference=accounts.note)


def _check_payee(case: BudgetCase, findings: Findings) -> None:
    """61 and 103."""
    payee = case.order.payee
    inn = given(payee.inn)
    if not inn:
        findings.add("payee.inn", "required", "в платеже в бюджет укажите ИНН получателя (10 цифр)", reference=ANNEX)
    elif len(inn) != 10:
        findings.add("payee.inn", "inn_length", "ИНН получателя платежа в бюджет состоит из 10 цифр", reference=ANNEX)
    if not given(payee.kpp):
        findings.add("payee.kpp", "required", "в платеже в бюджет укажите КПП получателя", reference=ANNEX)


def _check_oktmo(case: BudgetCase, findings: Findings) -> None:
    """105: required, but not for accounts of some budgets and of institutions."""
    account, free = case.order.payee.account or "", case.day.oktmo_free_accounts
    if given(case.budget.oktmo) or not account:
        return
    if account[:5] not in free.value and not is_institution_account(account, case.day):
        findings.add("budget.oktmo", "required", "укажите ОКТМО получателя, 8 или 11 цифр", reference=free.note)


def _check_period(case: BudgetCase, findings: Findings) -> None:
    """107: where it is written as a tax period, there must be such a period."""
    match = _TAX_PERIOD(case.budget.tax_period or "")
    if match is None:
        return
    first, last = _PARTS_OF_YEAR[match[1]]
    if not first <= int(match[2]) <= last:
        wanted = f"{first:02}" if first == last else f"от {first:02} до {last:02}"
        message = f"в периоде {match[1]}.ХХ.ГГГГ на месте ХХ - {wanted}"
        findings.add("budget.tax_period", "no_such_period", message, reference=ANNEX)


def _check_basis_number(case: BudgetCase, findings: Findings) -> None:
    """108, by 101."""
    status, number = case.budget.drawer_status, given(case.budget.basis_number)
    if status in (BY_WRIT, BY_CHARGE):
        message = f"со статусом {status} номер документа не указывается"
        findings.must_be_empty("budget.basis_number", "no_document", number, message, ANNEX)
    elif status == PERSON and not case.payer_inn and not case.uin:
        _check_identity_document(case, number, findings)


def _check_identity_document(case: BudgetCase, number: str, findings: Findings) -> None:
    """A person without INN and UIN is told by a document: kind;number."""
    kinds = case.day.identity_documents
    document = _IDENTITY_DOCUMENT(number)
    if not number:
        message = "без ИНН и УИН укажите документ физлица, например 01;0201251245"
        findings.add("budget.basis_number", "required", message, reference=kinds.note)
    elif document is None or document[1] not in kinds.value:
        message = "документ физлица - вид из двух цифр, точка с запятой и номер, например 01;0201251245"
        findings.add("budget.basis_number", "identity_document", message, reference=kinds.note)
