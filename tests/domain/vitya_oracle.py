"""vitya 0.20, the public library of a Russian bank's team, asked about our orders."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any
from unittest.mock import patch

from adapter.domain.order_kinds import AccountHolder, OrderKind, tell_holder, tell_kind
from adapter.domain.parties import Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.third_person import find_third_person
from tests.domain.orders import VALUES


def _import_vitya() -> tuple[ModuleType, ...]:
    """The modules asked.  vitya needs pydantic 1; the copy inside pydantic 2 stands in for it while importing."""
    for part in ("errors", "fields", "error_wrappers", "validators"):
        importlib.import_module(f"pydantic.v1.{part}")
    with patch.dict(sys.modules):
        for name in [name for name in sys.modules if name.startswith("pydantic.v1")]:
            sys.modules[name.replace("pydantic.v1", "pydantic")] = sys.modules[name]
        names = (
            "vitya.validators",
            "vitya.payment_order.validators",
            "vitya.payment_order.payments.checks",
            "vitya.payment_order.enums",
        )
        return tuple(importlib.import_module(name) for name in names)


validators, order_validators, checks, enums = _import_vitya()

_KINDS = {
    OrderKind.TAX_SERVICE: enums.PaymentType.FNS,
    OrderKind.CUSTOMS: enums.PaymentType.CUSTOMS,
    OrderKind.OTHER_BUDGET: enums.PaymentType.BUDGET_OTHER,
}
_HOLDERS = {
    AccountHolder.COMPANY: enums.PaymentType.LE,
    AccountHolder.ENTREPRENEUR: enums.PaymentType.IP,
    AccountHolder.PERSON: enums.PaymentType.FL,
    AccountHolder.PERSON_OR_COMPANY: enums.PaymentType.CHAMELEON,
}
_NO_BUDGET = BudgetDetails(drawer_status="")


def vitya_errors(order: PaymentOrder, payer: Party) -> set[str]:
    """The names of the errors that vitya finds; it is told the kind of the payment, which it cannot tell itself."""
    found: set[str] = set()
    for ask in _questions(order, payer, found):
        _ask(ask, found)
    return found


def _ask(check: Callable[[], Any], found: set[str]) -> Any:
    try:
        return check()
    except (ValueError, TypeError) as error:
        found.add(type(error).__name__)
        return None


def _questions(order: PaymentOrder, payer: Party, found: set[str]) -> Iterator[Callable[[], Any]]:
    day = VALUES.at(order.date)
    kind, budget, payee = tell_kind(order, day), order.budget or _NO_BUDGET, order.payee
    account, bic = payee.account or "", payee.bic or ""
    payment_type = _KINDS.get(kind) or _HOLDERS[tell_holder(account, day)]
    for_third = kind is not OrderKind.NOT_BUDGET and find_third_person(order.purpose) is not None

    def field(validate: Callable[[str], Any], text: str | None) -> Any:
        return _ask(lambda: validate(text), found) if text not in (None, "", "0") else None

    inn = field(validators.validate_inn, payer.inn)
    kpp = field(order_validators.validate_payer_kpp, payer.kpp)
    payee_inn = field(validators.validate_inn, payee.inn)
    payee_kpp = field(order_validators.validate_receiver_kpp, payee.kpp)
    purpose = field(order_validators.validate_purpose, order.purpose)
    # Outside the budget vitya's rules ignore field 22: it holds a code of the payee's own (УИП).
    uin = field(order_validators.validate_uin, order.uin) if kind is not OrderKind.NOT_BUDGET else None
    status = field(order_validators.validate_payer_status, budget.drawer_status)
    kbk = field(order_validators.validate_cbc, budget.kbk)
    oktmo = field(validators.validate_oktmo, budget.oktmo)
    reason = field(order_validators.validate_reason, budget.reason)
    period = field(order_validators.validate_tax_period, budget.tax_period)
    number = field(order_validators.validate_document_number, budget.basis_number)
    date = field(order_validators.validate_document_date, budget.basis_date)
    income = int(order.income_type_code) if order.income_type_code else None
    if found:
        return  # vitya's models stop here as well: the rules see fields of the right form only

    yield lambda: order_validators.validate_receiver(payee.name)
    yield lambda: order_validators.validate_receiver_account_number(account)
    yield lambda: order_validators.validate_payment_order(order.priority)
    yield lambda: order_validators.validate_number(order.number)
    yield lambda: checks.check_receiver_account(account, payment_type, bic)
    yield lambda: checks.check_receiver_account_with_payment_type(account, payment_type)
    yield lambda: checks.check_receiver_account_with_payment_type_and_payer_status(account, payment_type, status)
    yield lambda: checks.check_operation_kind(order.operation_code, payment_type)
    yield lambda: checks.check_purpose_code(income, payment_type)
    yield lambda: checks.check_payer_inn(inn, payment_type, status, for_third)
    yield lambda: checks.check_payer_inn_with_uin_and_receiver_account(inn, payment_type, status, account, uin)
    yield lambda: checks.check_uin(uin, account, payment_type, status, inn)
    yield lambda: checks.check_purpose(purpose, payment_type)
    yield lambda: checks.check_receiver_inn(payee_inn, payment_type)
    yield lambda: checks.check_payer_status(status, payment_type, for_third)
    yield lambda: checks.check_payment_type_and_for_third_person(payment_type, for_third)
    yield lambda: checks.check_purpose_for_third_person(purpose, for_third)
    yield lambda: checks.check_payer_kpp(kpp, payment_type, inn, status)
    yield lambda: checks.check_receiver_kpp(payee_kpp, payment_type)
    yield lambda: checks.check_cbc(kbk, payment_type)
    yield lambda: checks.check_oktmo(oktmo, payment_type)
    yield lambda: checks.check_oktmo_with_receiver_account_number(oktmo, payment_type, account)
    yield lambda: checks.check_reason(reason, payment_type)
    yield lambda: checks.check_tax_period(period, payment_type, status)
    yield lambda: checks.check_document_number(number, payment_type, reason, status, uin, inn)
    yield lambda: checks.check_document_date(date, payment_type)
    yield lambda: checks.check_document_date_with_reason(date, payment_type, reason)
