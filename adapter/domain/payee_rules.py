"""Who is paid, on form 0401060: name (16), INN (61), KPP (103) and the code of income (20), by whose account it is.

Sources: Bank of Russia, regulation 762-P and directive 5286-U (code of income); the chart of accounts (the first digits
of an account tell its holder).  Payees of payments to the budget have rules of their own: `budget_rules.py`.
"""

from __future__ import annotations

import re

from adapter.domain import identifiers
from adapter.domain.findings import Findings, given
from adapter.domain.order_kinds import AccountHolder, OrderKind, is_non_resident, tell_holder
from adapter.domain.order_values import DayValues
from adapter.domain.parties import Counterparty
from adapter.domain.payments import PaymentOrder

NAME_LENGTH_MAX = 160
_ACCOUNT_IN_NAME = re.compile(r"(?<![0-9])4[0-9]{19}(?![0-9])").search

# How long the INN of the holder is; the code of a foreign organisation (КИО) has 5 digits.
_INN_LENGTHS = {
    AccountHolder.COMPANY: (10, 5),
    AccountHolder.ENTREPRENEUR: (12,),
    AccountHolder.PERSON: (12,),
    AccountHolder.PERSON_OR_COMPANY: (10, 12, 5),
}
_HOLDER_WORDS = {
    AccountHolder.COMPANY: "организации",
    AccountHolder.ENTREPRENEUR: "индивидуального предпринимателя",
    AccountHolder.PERSON: "физического лица",
    AccountHolder.PERSON_OR_COMPANY: "организации или физического лица",
}
_WITHOUT_KPP = (AccountHolder.ENTREPRENEUR, AccountHolder.PERSON)
_WITH_INCOME_TYPE = (AccountHolder.PERSON, AccountHolder.PERSON_OR_COMPANY)


def check_payee(order: PaymentOrder, kind: OrderKind, day: DayValues, findings: Findings) -> None:
    """Note every broken rule of who is paid."""
    payee = order.payee
    _check_name(payee.name, findings)
    inn, kpp = given(payee.inn), given(payee.kpp)
    inn_holds = not inn or findings.holds("payee.inn", identifiers.check_inn, inn)
    if kpp:
        findings.holds("payee.kpp", identifiers.check_kpp, kpp)
    account = payee.account or ""
    if kind is OrderKind.NOT_BUDGET and account and order.budget is None:
        holder = tell_holder(account, day)
        if inn_holds:
            _check_inn_of_holder(inn, holder, account, day, findings)
        _check_kpp_of_holder(kpp, payee, holder, findings)


def check_income_type(order: PaymentOrder, kind: OrderKind, day: DayValues, findings: Findings) -> None:
    """Note a code of income (20) that is not of the list or does not belong to the payee's account."""
    told, codes = order.income_type_code, day.income_type_codes
    if not told:
        return
    if told not in codes.value:
        message = f"код вида дохода - один из: {', '.join(sorted(codes.value))}, или пусто"
        findings.add("income_type_code", "income_type_code", message, reference=codes.note)
        return
    account = order.payee.account or ""
    if kind is not OrderKind.NOT_BUDGET or (account and tell_holder(account, day) not in _WITH_INCOME_TYPE):
        message = "код вида дохода указывается только в платежах на счёт физического лица; оставьте пустым"
        findings.add("income_type_code", "income_type_of_person", message, right_value="", reference=codes.source)


def _check_name(name: str, findings: Findings) -> None:
    if not name:
        findings.add("payee.name", "required", "укажите получателя")
        return
    if len(name) > NAME_LENGTH_MAX:
        findings.add("payee.name", "too_long", f"получатель не длиннее {NAME_LENGTH_MAX} знаков, сейчас {len(name)}")
    if _ACCOUNT_IN_NAME(name):
        findings.add("payee.name", "account_in_name", "в наименовании получателя не должно быть номера счёта")
    findings.check_characters("payee.name", name)


def _check_inn_of_holder(inn: str, holder: AccountHolder, account: str, day: DayValues, findings: Findings) -> None:
    lengths = _INN_LENGTHS[holder]
    if not inn:
        if holder in (AccountHolder.COMPANY, AccountHolder.ENTREPRENEUR) and not is_non_resident(account, day):
            message = f"укажите ИНН получателя: {account[:5]}… - счёт {_HOLDER_WORDS[holder]}"
            findings.add("payee.inn", "required", message)
    elif len(inn) not in lengths:
        wanted = " или ".join(map(str, sorted(lengths)))
        message = f"{account[:5]}… - счёт {_HOLDER_WORDS[holder]}, ИНН из {wanted} цифр, а не из {len(inn)}"
        findings.add("payee.inn", "inn_of_other_kind", message)


def _check_kpp_of_holder(kpp: str, payee: Counterparty, holder: AccountHolder, findings: Findings) -> None:
    if kpp and (holder in _WITHOUT_KPP or len(payee.inn or "") == 12):
        message = "у предпринимателя и физлица (ИНН из 12 цифр) нет КПП; оставьте пустым"
        findings.add("payee.kpp", "kpp_of_person", message, right_value="")
