"""Rules of a payment order (form 0401060), told to an accountant: which field, what is wrong, what would be right.

Sources: Bank of Russia, regulation 762-P (form and widths), UFEBS ED101 (widths, characters).  This module judges the
order as a whole and the fields that every payment has; payer, payee, its bank, purpose and payments to the budget have
modules of their own.  Texts are measured as they will stand on the form: an order and its normalised twin have the same
errors.
"""

from __future__ import annotations

import datetime as dt
import re
from decimal import Decimal

from adapter.domain.bank_rules import check_payee_bank
from adapter.domain.banks import Bank
from adapter.domain.budget_rules import check_budget
from adapter.domain.errors import FieldError
from adapter.domain.findings import Findings, given
from adapter.domain.money import MAX_KOPECKS
from adapter.domain.normalising import normalise
from adapter.domain.order_kinds import tell_kind
from adapter.domain.order_values import OrderValues
from adapter.domain.parties import Party
from adapter.domain.payee_rules import check_income_type, check_payee
from adapter.domain.payer_rules import check_payer
from adapter.domain.payments import PaymentOrder
from adapter.domain.purpose_rules import check_purpose

PAYMENT_ORDER_CODE = "01"
PAYEE_CODE_LENGTH_MAX = 25  # field 22 outside the budget: a code of the payee's own (УИП)
PAYMENT_KINDS = frozenset(("электронно", "срочно", "телеграфом", "почтой"))

_AMOUNT_MAX = Decimal(MAX_KOPECKS).scaleb(-2)
_NUMBER = re.compile(r"[0-9]{1,6}").fullmatch
_DIGIT = re.compile(r"[0-9]").fullmatch


def check_order(
    order: PaymentOrder,
    *,
    payer: Party | None,
    payer_account: str,
    payer_bic: str,
    today: dt.date,
    past_days: int,
    future_days: int,
    values: OrderValues,
    payee_bank: Bank | None,
    knows_banks: bool,
) -> list[FieldError]:
    """Every broken rule of an order, in the order of the form; empty when the bank can take it as a draft.

    `payer`, `payer_account` and `payer_bic` are what the bank itself knows of the account that pays.  `today` is the
    Moscow date; the order's date may lie `past_days` before and `future_days` after it.  `payee_bank` is what
    the directory tells of the payee's bic; `knows_banks` says whether a directory is loaded.  Never raises.
    """
    order, _ = normalise(order)
    day = values.at(order.date)
    kind = tell_kind(order, day)
    findings = Findings()
    _check_heading(order, findings)
    _check_date(order.date, today, past_days, future_days, findings)
    check_payer(order, payer, payer_account, findings)
    check_payee(order, kind, day, findings)
    check_payee_bank(order.payee, kind, day, payee_bank, knows_banks, findings)
    if order.payee.account == payer_account and order.payee.bic == payer_bic:
        findings.add("payee.account", "payee_is_payer", "счёт получателя совпадает со счётом плательщика")
    _check_codes(order, findings)
    check_income_type(order, kind, day, findings)
    check_purpose(order, kind, payer_account, day, findings)
    check_budget(order, kind, payer, day, findings)
    return findings.errors


def _check_heading(order: PaymentOrder, findings: Findings) -> None:
    if not _NUMBER(order.number):
        findings.add("number", "number_form", "номер платёжного поручения - от 1 до 6 цифр")
    elif not order.number.strip("0"):
        findings.add("number", "number_zeros", "номер платёжного поручения не может быть нулём")
    if order.amount.amount <= 0:
        findings.add("amount", "amount_not_positive", "сумма должна быть больше нуля")
    elif order.amount.amount > _AMOUNT_MAX:
        findings.add("amount", "amount_too_big", "сумма не может быть длиннее 18 цифр вместе с копейками")
    if order.amount.currency != "RUB":
        findings.add("amount", "currency", "платёжное поручение составляется в рублях (RUB)")


def _check_date(date: dt.date, today: dt.date, past_days: int, future_days: int, findings: Findings) -> None:
    days_ahead = (date - today).days
    if days_ahead < -past_days:
        findings.add("date", "date_too_old", f"дата документа старше {past_days} дн.; сегодня {today:%d.%m.%Y}")
    elif days_ahead > future_days:
        message = f"дата документа позже чем через {future_days} дн.; сегодня {today:%d.%m.%Y}"
        findings.add("date", "date_too_far", message)


def _check_codes(order: PaymentOrder, findings: Findings) -> None:
    if order.operation_code != PAYMENT_ORDER_CODE:
        findings.add("operation_code", "operation_code", "вид операции платёжного поручения - 01", right_value="01")
    if not 1 <= order.priority <= 5:
        findings.add("priority", "priority", "очерёдность платежа - от 1 до 5, обычно 5")
    kind = order.payment_kind
    if kind and kind.lower() not in PAYMENT_KINDS and not _DIGIT(kind):
        message = "вид платежа - «Электронно», «Срочно», «Телеграфом», «Почтой» или пусто"
        findings.add("payment_kind", "payment_kind", message)
    if order.budget is None and (code := given(order.uin)):
        if len(code) > PAYEE_CODE_LENGTH_MAX:
            message = f"код (УИП) не длиннее {PAYEE_CODE_LENGTH_MAX} знаков, сейчас {len(code)}"
            findings.add("uin", "too_long", message)
        findings.check_characters("uin", code)
