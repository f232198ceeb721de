"""What kind of payment an order is, told from the order itself, and whose account it goes to.

Sources: Ministry of Finance, order 107n (a payment to the budget is known by its account); the Bank of Russia's chart
of accounts (the first digits tell the holder).  Which accounts those are is a matter of date: `order_values.toml`.
"""

from __future__ import annotations

from enum import StrEnum

from adapter.domain.order_values import DayValues
from adapter.domain.payments import PaymentOrder

TREASURY_PREFIXES = ("02", "03", "04")
_INSTITUTION_PLACE, _INSTITUTION_DIGIT = 13, "4"  # counted from 0


class OrderKind(StrEnum):
    TAX_SERVICE = "tax_service"
    CUSTOMS = "customs"
    OTHER_BUDGET = "other_budget"
    NOT_BUDGET = "not_budget"


class AccountHolder(StrEnum):
    COMPANY = "company"
    ENTREPRENEUR = "entrepreneur"
    PERSON = "person"
    PERSON_OR_COMPANY = "person_or_company"


def tell_kind(order: PaymentOrder, day: DayValues) -> OrderKind:
    """The kind by the payee's account; also a payment meant for the tax service whose account is mistyped."""
    account = order.payee.account or ""
    if account == day.tax_service_account.value:
        return OrderKind.TAX_SERVICE
    if account == day.customs_account.value:
        return OrderKind.CUSTOMS
    is_treasury = account.startswith(TREASURY_PREFIXES)
    if is_treasury or not account:
        if _is_meant_for_tax_service(order, day):
            return OrderKind.TAX_SERVICE
        return OrderKind.OTHER_BUDGET if is_treasury else OrderKind.NOT_BUDGET
    if order.budget is not None and is_institution_account(account, day):
        return OrderKind.OTHER_BUDGET
    return OrderKind.NOT_BUDGET


def is_institution_account(account: str, day: DayValues) -> bool:
    """Whether an account in a bank belongs to a state institution and takes payments with budget fields."""
    is_marked = account[_INSTITUTION_PLACE : _INSTITUTION_PLACE + 1] == _INSTITUTION_DIGIT
    return is_marked and account[:5] in day.institution_accounts.value


def tell_holder(account: str, day: DayValues) -> AccountHolder:
    """Whose account in a bank it is; unknown prefixes are companies'."""
    if _has_prefix(account, day.entrepreneur_accounts.value):
        return AccountHolder.ENTREPRENEUR
    if _has_prefix(account, day.person_accounts.value):
        return AccountHolder.PERSON
    if _has_prefix(account, day.person_or_company_accounts.value):
        return AccountHolder.PERSON_OR_COMPANY
    return AccountHolder.COMPANY


def is_non_resident(account: str, day: DayValues) -> bool:
    """Whether the account is a non-resident's."""
    return _has_prefix(account, day.non_resident_accounts.value)


def _is_meant_for_tax_service(order: PaymentOrder, day: DayValues) -> bool:
    kbk = order.budget.kbk if order.budget is not None else None
    return order.payee.inn == day.tax_service_inn.value or kbk == day.single_tax_kbk.value


def _has_prefix(account: str, prefixes: frozenset[str]) -> bool:
    return account[:5] in prefixes or account[:3] in prefixes
