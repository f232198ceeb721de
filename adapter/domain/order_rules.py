"""Rules of a payment order (form 0401060), told to an accountant: which field, what is wrong, what would be right.

Sources: Bank of Russia, regulation 762-P (form and widths), UFEBS ED101 (widths, characters), order 515 (account key).
Texts are measured as they will stand on the form, after `normalise`: an order and its normalised twin have the same
errors.
"""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal

from adapter.domain import identifiers
from adapter.domain.banks import Bank
from adapter.domain.budget_rules import check_budget, is_for_tax_service
from adapter.domain.characters import Normalisation, normalise_text
from adapter.domain.errors import FieldError
from adapter.domain.findings import Findings, field_error, given
from adapter.domain.money import MAX_KOPECKS
from adapter.domain.order_values import OrderValues
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import PaymentOrder

NAME_LENGTH_MAX = 160
PURPOSE_LENGTH_MAX = 210
BANK_NAME_LENGTH_MAX = 160
PAYMENT_ORDER_CODE = "01"
INCOME_TYPE_CODES = ("1", "2", "3", "4", "5")
PAYMENT_KINDS = frozenset(("электронно", "срочно", "телеграфом", "почтой"))

_AMOUNT_MAX = Decimal(MAX_KOPECKS).scaleb(-2)
_NUMBER = re.compile(r"[0-9]{1,6}").fullmatch
_UNIQUE_PAYMENT_ID = re.compile(r"[0-9A-Za-z]{1,25}").fullmatch
_ACCOUNT_IN_NAME = re.compile(r"(?<![0-9])4[0-9]{19}(?![0-9])").search
_DIGIT = re.compile(r"[0-9]").fullmatch

# How long an INN is where the first digits of the account tell who holds it.
_INN_LENGTHS = {"40802": (12,), "40817": (12,), "40820": (12,), "40702": (5, 10), "40703": (5, 10)}


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
    findings = Findings()
    _check_heading(order, findings)
    _check_date(order.date, today, past_days, future_days, findings)
    _check_payer(order, payer, payer_account, findings)
    _check_payee(order.payee, findings)
    if order.payee.account == payer_account and order.payee.bic == payer_bic:
        findings.add("payee.account", "payee_is_payer", "счёт получателя совпадает со счётом плательщика")
    _check_codes(order, findings)
    _check_purpose(order, findings)
    check_budget(order, findings)
    return findings.errors


def list_warnings(order: PaymentOrder, values: OrderValues) -> list[FieldError]:
    """What the bank takes but an accountant should look at again."""
    warnings = []
    if order.budget is None and "ндс" not in order.purpose.lower():
        warnings.append(field_error("purpose", "vat_not_named", "в назначении платежа не сказано об НДС"))
    if (order.payee.inn or "").startswith("00"):
        warnings.append(field_error("payee.inn", "inn_starts_with_zeros", "ИНН получателя начинается с двух нулей"))
    return warnings


def normalise(order: PaymentOrder) -> tuple[PaymentOrder, list[Normalisation]]:
    """The order with its texts as the form can hold them, and each change, before and after."""
    payee = order.payee
    texts = {
        "payee.name": payee.name,
        "payee.bank_name": payee.bank_name or "",
        "purpose": order.purpose,
    }
    after = {field: normalise_text(text) for field, text in texts.items()}
    changes = [
        Normalisation(field=field, before=text, after=after[field])
        for field, text in texts.items()
        if text != after[field]
    ]
    if not changes:
        return order, []
    bank_name = after["payee.bank_name"] if payee.bank_name is not None else None
    payee = replace(payee, name=after["payee.name"], bank_name=bank_name)
    return replace(order, payee=payee, purpose=after["purpose"]), changes


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


def _check_payer(order: PaymentOrder, payer: Party | None, payer_account: str, findings: Findings) -> None:
    if order.payer_account and order.payer_account != payer_account:
        findings.add("payer_account", "payer_account_differs", "счёт плательщика не тот, с которого идёт платёж")
    if order.payer is not None:
        _check_told_payer(order.payer, given(payer.inn) if payer else "", findings)


def _check_told_payer(told: Party, known_inn: str, findings: Findings) -> None:
    """The payer as the file names it: the bank will fill in its own record, but nobody may be told another one."""
    name = normalise_text(told.name)
    if len(name) > NAME_LENGTH_MAX:
        findings.add("payer.name", "too_long", f"плательщик не длиннее {NAME_LENGTH_MAX} знаков, сейчас {len(name)}")
    findings.check_characters("payer.name", name)
    inn = given(told.inn)
    if inn and known_inn and inn != known_inn:
        message = f"ИНН плательщика не совпадает с данными банка; верно: {known_inn}"
        findings.add("payer.inn", "payer_inn_differs", message)
    elif inn and not known_inn:
        findings.holds("payer.inn", identifiers.check_inn, inn)
    if kpp := given(told.kpp):
        findings.holds("payer.kpp", identifiers.check_kpp, kpp)


def _check_payee(payee: Counterparty, findings: Findings) -> None:
    name = normalise_text(payee.name)
    if not name:
        findings.add("payee.name", "required", "укажите получателя")
    elif len(name) > NAME_LENGTH_MAX:
        findings.add("payee.name", "too_long", f"получатель не длиннее {NAME_LENGTH_MAX} знаков, сейчас {len(name)}")
    if _ACCOUNT_IN_NAME(name):
        findings.add("payee.name", "account_in_name", "в наименовании получателя не должно быть номера счёта")
    findings.check_characters("payee.name", name)
    _check_payee_inn(payee, findings)
    _check_payee_kpp(payee, findings)
    _check_payee_bank(payee, findings)


def _check_payee_inn(payee: Counterparty, findings: Findings) -> None:
    inn = given(payee.inn)
    if not inn or not findings.holds("payee.inn", identifiers.check_inn, inn):
        return
    account = payee.account or ""
    lengths = _INN_LENGTHS.get(account[:5])
    if lengths and len(inn) not in lengths:
        wanted = " или ".join(map(str, lengths))
        findings.add("payee.inn", "inn_of_other_kind", f"у владельца счёта {account[:5]}… ИНН из {wanted} цифр")


def _check_payee_kpp(payee: Counterparty, findings: Findings) -> None:
    kpp = given(payee.kpp)
    if not kpp:
        return
    findings.holds("payee.kpp", identifiers.check_kpp, kpp)
    if len(payee.inn or "") == 12:
        message = "у предпринимателя и физлица (ИНН из 12 цифр) нет КПП; оставьте пустым"
        findings.add("payee.kpp", "kpp_of_person", message)


def _check_payee_bank(payee: Counterparty, findings: Findings) -> None:
    bic, account = payee.bic or "", payee.account or ""
    bic_holds = _check_required("payee.bic", bic, "укажите БИК банка получателя", identifiers.check_bic, findings)
    account_holds = _check_required(
        "payee.account", account, "укажите счёт получателя", identifiers.check_account, findings
    )
    if bic_holds and account_holds:
        findings.holds("payee.account", identifiers.check_account_key, account, bic)
    _check_correspondent_account(given(payee.correspondent_account), bic if bic_holds else "", findings)
    bank_name = normalise_text(payee.bank_name or "")
    if len(bank_name) > BANK_NAME_LENGTH_MAX:
        findings.add("payee.bank_name", "too_long", f"наименование банка не длиннее {BANK_NAME_LENGTH_MAX} знаков")
    findings.check_characters("payee.bank_name", bank_name)


def _check_correspondent_account(account: str, bic: str, findings: Findings) -> None:
    """An empty BIC means that there is none to check against."""
    field = "payee.correspondent_account"
    if account and findings.holds(field, identifiers.check_correspondent_account, account) and bic:
        findings.holds(field, identifiers.check_correspondent_account_key, account, bic)


def _check_required(field: str, value: str, missing: str, check: Callable[[str], None], findings: Findings) -> bool:
    if not value:
        findings.add(field, "required", missing)
        return False
    return findings.holds(field, check, value)


def _check_codes(order: PaymentOrder, findings: Findings) -> None:
    if order.operation_code != PAYMENT_ORDER_CODE:
        findings.add("operation_code", "operation_code", "вид операции платёжного поручения - 01")
    if not 1 <= order.priority <= 5:
        findings.add("priority", "priority", "очерёдность платежа - от 1 до 5, обычно 5")
    if order.income_type_code and order.income_type_code not in INCOME_TYPE_CODES:
        findings.add("income_type_code", "income_type_code", "код вида дохода - от 1 до 5 или пусто")
    kind = order.payment_kind
    if kind and kind.lower() not in PAYMENT_KINDS and not _DIGIT(kind):
        message = "вид платежа - «Электронно», «Срочно», «Телеграфом», «Почтой» или пусто"
        findings.add("payment_kind", "payment_kind", message)
    uin = given(order.uin)
    if uin and order.budget is None and not _UNIQUE_PAYMENT_ID(uin):
        findings.add("uin", "uin_form", "код (УИП) - не длиннее 25 знаков, цифры и латинские буквы; если его нет, 0")


def _check_purpose(order: PaymentOrder, findings: Findings) -> None:
    purpose = normalise_text(order.purpose)
    if not purpose and not is_for_tax_service(order):
        findings.add("purpose", "required", "укажите назначение платежа")
    elif len(purpose) > PURPOSE_LENGTH_MAX:
        message = f"назначение платежа не длиннее {PURPOSE_LENGTH_MAX} знаков, сейчас {len(purpose)}"
        findings.add("purpose", "too_long", message)
    findings.check_characters("purpose", purpose)
