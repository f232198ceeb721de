"""Payments to the budget for somebody else, told by the purpose: «ИНН//КПП//Наименование//…».

Source: Ministry of Finance, order 107n.  The purpose begins with the INN (and KPP) of the one who pays and the name of
the one for whom is paid; fields 60 and 102 hold the INN and KPP of the one for whom is paid.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from adapter.domain import identifiers
from adapter.domain.findings import Findings, given
from adapter.domain.parties import Party
from adapter.domain.payments import PaymentOrder

_START = re.compile(r"[0-9]{5,12} ?//").match
_WHOLE = re.compile(r"([0-9]+) ?//(?: ?([0-9]{4}[0-9A-Z]{2}[0-9]{3}|0?) ?//)? ?([^/ ][^/]*(?:/[^/]+)*)//").match
_NOT_TO_BUDGET = "Приказ Минфина 107н: за третье лицо с «ИНН//КПП//Наименование//…» платят только в бюджет"
_RULE = "Приказ Минфина 107н: в назначении - ИНН//КПП//Наименование того, за кого платят//…"


@dataclass(frozen=True, slots=True, kw_only=True)
class ThirdPerson:
    """What the purpose of such a payment tells; the INN and KPP are of the one who pays."""

    payer_inn: str
    payer_kpp: str
    is_well_formed: bool
    tells_kpp: bool  # or its zero


def is_for_third_person(order: PaymentOrder) -> bool:
    """Whether the order pays to the budget for somebody else: then fields 60 and 102 are not the payer's own."""
    return order.budget is not None and _START(order.purpose) is not None


def find_third_person(purpose: str) -> ThirdPerson | None:
    """What the purpose tells, or None for a payment in one's own name."""
    start = _START(purpose)
    if start is None:
        return None
    whole = _WHOLE(purpose)
    if whole is None:
        return ThirdPerson(payer_inn=start[0].rstrip("/ "), payer_kpp="", is_well_formed=False, tells_kpp=False)
    return ThirdPerson(
        payer_inn=whole[1], payer_kpp=given(whole[2]), is_well_formed=True, tells_kpp=whole[2] is not None
    )


def is_certain(told: ThirdPerson) -> bool:
    """Whether nothing else can be meant: an INN with right check digits, a KPP or its zero, a name."""
    if not told.tells_kpp or len(told.payer_inn) < 10:
        return False
    try:
        identifiers.check_inn(told.payer_inn)
    except identifiers.InvalidIdentifier:
        return False
    return True


def check_no_third_person(purpose: str, findings: Findings) -> None:
    """Note a payment for somebody else that does not go to the budget."""
    told = find_third_person(purpose)
    if told is not None and is_certain(told):
        message = "за третье лицо через «ИНН//КПП//Наименование//…» платят только в бюджет"
        findings.add("purpose", "third_person_not_allowed", message, reference=_NOT_TO_BUDGET)


def check_third_person(told: ThirdPerson, payer: Party | None, field_60: str, findings: Findings) -> None:
    """Note what is wrong in a payment to the budget for somebody else; `payer` is the bank's record of who pays."""
    if not told.is_well_formed:
        message = "платёж за третье лицо начинается так: ИНН//КПП//Наименование того, за кого платят//"
        findings.add("purpose", "third_person_form", message, reference=_RULE)
        return
    inn = told.payer_inn
    if payer is not None and (right := given(payer.inn)) and inn != right:
        message = f"первым в назначении платежа за третье лицо стоит ИНН того, кто платит; верно: {right}"
        findings.add("purpose", "third_person_payer", message, right_value=right, reference=_RULE)
    elif findings.holds("purpose", identifiers.check_inn, inn) and len(inn) == 12 and told.payer_kpp:
        findings.add("purpose", "third_person_kpp", "у плательщика с ИНН из 12 цифр нет КПП", reference=_RULE)
    if inn == field_60:
        message = "в платеже за третье лицо здесь ИНН того, за кого платят, а не того, кто платит"
        findings.add("payer.inn", "third_person_is_payer", message, reference=_RULE)
