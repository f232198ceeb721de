"""What a payment is for, field 24 of form 0401060, with the code of a currency operation at its start.

Sources: Bank of Russia, regulation 762-P (width), instruction 181-I (codes of operations with non-residents,
{VO12345}).
"""

from __future__ import annotations

import re

from adapter.domain.findings import Findings, given
from adapter.domain.order_kinds import OrderKind, is_non_resident
from adapter.domain.order_values import DayValues
from adapter.domain.payments import PaymentOrder
from adapter.domain.third_person import check_no_third_person

PURPOSE_LENGTH_MAX = 210
_VO_CODE = re.compile(r"\{VO[0-9]{5}\}").match
# What people write instead: Russian or small letters, a zero, spaces, missing brackets, a passport of the deal.
_VO_ATTEMPT = re.compile(r"[({\[]? ?[VvВв][OoОо0] ?([0-9]{5})(?![0-9])").match
_BRACKET_ATTEMPT = re.compile(r"\{ ?[VvВв][OoОо0](?![A-Za-zА-Яа-яЁё])").match


def check_purpose(order: PaymentOrder, kind: OrderKind, payer_account: str, day: DayValues, findings: Findings) -> None:
    """Note every broken rule of the purpose."""
    purpose = order.purpose
    if not given(purpose):
        if kind is not OrderKind.TAX_SERVICE:
            findings.add("purpose", "required", "укажите назначение платежа")
            return
    elif len(purpose) > PURPOSE_LENGTH_MAX:
        message = f"назначение платежа не длиннее {PURPOSE_LENGTH_MAX} знаков, сейчас {len(purpose)}"
        findings.add("purpose", "too_long", message)
    findings.check_characters("purpose", purpose)
    _check_operation_code(order, kind, payer_account, day, findings)
    if kind is OrderKind.NOT_BUDGET and order.budget is None and order.payee.account:
        check_no_third_person(purpose, findings)


def _check_operation_code(
    order: PaymentOrder, kind: OrderKind, payer_account: str, day: DayValues, findings: Findings
) -> None:
    """{VO…}: the code of the currency operation, required where a non-resident pays or is paid."""
    if _VO_CODE(order.purpose):
        return
    reference = day.non_resident_accounts.note
    has_non_resident = _has_non_resident(order, payer_account, day)
    attempt = _VO_ATTEMPT(order.purpose)
    # Between residents only a brace is certain to be meant for a code: «ВО 10203 водоотведение» is a purpose.
    if attempt and (has_non_resident or order.purpose.startswith("{")):
        right = f"{{VO{attempt[1]}}}"
        message = f"код вида валютной операции пишется латиницей в фигурных скобках: {right}"
        findings.add("purpose", "operation_code_form", message, right_value=right, reference=reference)
    elif _BRACKET_ATTEMPT(order.purpose):
        message = "код вида валютной операции состоит из 5 цифр: {VO20100}"
        findings.add("purpose", "operation_code_form", message, reference=reference)
    elif kind is OrderKind.NOT_BUDGET and has_non_resident:
        message = "платёж с участием нерезидента начинается с кода вида валютной операции, например {VO20100}"
        findings.add("purpose", "operation_code_required", message, reference=reference)


def _has_non_resident(order: PaymentOrder, payer_account: str, day: DayValues) -> bool:
    return is_non_resident(order.payee.account or "", day) or is_non_resident(payer_account, day)
