"""The payee's bank and account on form 0401060: fields 13, 14, 15 and 17.

Sources: Bank of Russia, order 515 (account keys), regulation 762-P (fields), the directory of banks (ED807) where a
bank has loaded it.  Accounts at the Bank of Russia's own offices have no correspondent account; the treasury's have the
unified treasury account (ЕКС, 40102…) in its place.
"""

from __future__ import annotations

from collections.abc import Callable

from adapter.domain import identifiers
from adapter.domain.banks import Bank
from adapter.domain.findings import Findings, given
from adapter.domain.order_kinds import TREASURY_PREFIXES, OrderKind
from adapter.domain.order_values import DayValues
from adapter.domain.parties import Counterparty

BANK_NAME_LENGTH_MAX = 160
UNIFIED_TREASURY_PREFIX = "40102"
DIRECTORY = "Справочник БИК Банка России"
_CORRESPONDENT = "payee.correspondent_account"


def check_payee_bank(
    payee: Counterparty, kind: OrderKind, day: DayValues, bank: Bank | None, knows_banks: bool, findings: Findings
) -> None:
    """Note every broken rule of the payee's bank and account; `bank` is what the directory tells of the bic."""
    bic, account = payee.bic or "", payee.account or ""
    bic_holds = _check_required("payee.bic", bic, "укажите БИК банка получателя", identifiers.check_bic, findings)
    account_holds = _check_required(
        "payee.account", account, "укажите счёт получателя", identifiers.check_account, findings
    )
    if bic_holds and knows_banks:
        _check_directory(bank, findings)
    is_unknown = knows_banks and bank is None  # then the account may well be right
    if bic_holds and account_holds and not is_unknown:
        reference = f"БИК {bic} - {bank.name}; проверьте и поле 14" if bank else None
        findings.holds("payee.account", identifiers.check_account_key, account, bic, reference=reference)
    if account.startswith(TREASURY_PREFIXES):
        _check_unified_account(payee, kind, day, bank, findings)
    else:
        _check_correspondent_account(payee, bic if bic_holds and not is_unknown else "", bank, findings)
    if payee.bank_name:
        _check_name(payee.bank_name, findings)


def _check_directory(bank: Bank | None, findings: Findings) -> None:
    if bank is None:
        findings.add("payee.bic", "unknown_bic", "такого БИК нет в справочнике Банка России", reference=DIRECTORY)
    elif bank.is_closing:
        message = "банк получателя закрывается и больше не принимает платежи; уточните реквизиты у получателя"
        findings.add("payee.bic", "bank_closing", message, reference=DIRECTORY)


def _check_unified_account(
    payee: Counterparty, kind: OrderKind, day: DayValues, bank: Bank | None, findings: Findings
) -> None:
    """15 of a payment to a treasury account, and that the bank of 14 holds such accounts at all."""
    if kind is OrderKind.OTHER_BUDGET and bank is not None and not bank.unified_treasury_account:
        message = "у этого банка нет казначейских счетов 03…; укажите БИК органа Казначейства"
        findings.add("payee.bic", "not_a_treasury_bank", message, reference=DIRECTORY)
        return
    told = given(payee.correspondent_account)
    right, reference = _find_unified_account(kind, day, bank)
    if not told.startswith(UNIFIED_TREASURY_PREFIX):
        message = "для казначейского счёта 03… укажите единый казначейский счёт 40102… (ЕКС)"
        code = "unified_treasury_account_required"
        findings.add(_CORRESPONDENT, code, message, right_value=right, reference=reference)
    elif not right:
        _check_account_and_key(told, payee.bic or "", findings)
    elif told != right:
        message = f"единый казначейский счёт (ЕКС) другой; верно: {right}"
        findings.add(
            _CORRESPONDENT, "unified_treasury_account_differs", message, right_value=right, reference=reference
        )


def _find_unified_account(kind: OrderKind, day: DayValues, bank: Bank | None) -> tuple[str | None, str | None]:
    """The unified account that belongs here and the rule that says so, where that is known."""
    if kind is OrderKind.TAX_SERVICE:
        ruling = day.tax_service_unified_account
        return ruling.value, ruling.reference(ruling.value)
    if kind is OrderKind.CUSTOMS:
        ruling = day.customs_unified_account
        return ruling.value, ruling.reference(ruling.value)
    return (bank.unified_treasury_account, DIRECTORY) if bank else (None, None)


def _check_correspondent_account(payee: Counterparty, bic: str, bank: Bank | None, findings: Findings) -> None:
    """15 of a payment to an account in a bank, or in an office of the Bank of Russia.

    What the directory knows comes before form and key: a slip breaks these too, and the right value helps more.
    Without a bic the form alone is checked.
    """
    told = given(payee.correspondent_account)
    if not told:
        return
    right = bank.correspondent_account if bank and not bank.is_central_bank_office else None
    if bank and right and told != right:
        message = f"у банка с БИК {bank.bic} корреспондентский счёт другой; верно: {right}"
        findings.add(_CORRESPONDENT, "correspondent_account_differs", message, right_value=right, reference=DIRECTORY)
        return
    if told.startswith(UNIFIED_TREASURY_PREFIX) and payee.account:
        message = "с единым казначейским счётом 40102… указывается казначейский счёт получателя 03…"
        findings.add("payee.account", "treasury_account_required", message)
    if not _check_account_and_key(told, bic, findings) or bank is None:
        return
    if bank.is_central_bank_office and not told.startswith(UNIFIED_TREASURY_PREFIX):
        message = "у счетов в учреждениях Банка России нет корреспондентского счёта; оставьте пустым"
        findings.add(_CORRESPONDENT, "correspondent_account_of_office", message, right_value="", reference=DIRECTORY)


def _check_account_and_key(told: str, bic: str, findings: Findings) -> bool:
    if not findings.holds(_CORRESPONDENT, identifiers.check_correspondent_account, told):
        return False
    if len(bic) != 9 or not bic.isdigit():
        return True  # told of the bic already
    return findings.holds(_CORRESPONDENT, identifiers.check_correspondent_account_key, told, bic)


def _check_name(name: str, findings: Findings) -> None:
    if len(name) > BANK_NAME_LENGTH_MAX:
        message = f"наименование банка не длиннее {BANK_NAME_LENGTH_MAX} знаков, сейчас {len(name)}"
        findings.add("payee.bank_name", "too_long", message)
    findings.check_characters("payee.bank_name", name)


def _check_required(field: str, value: str, missing: str, check: Callable[[str], None], findings: Findings) -> bool:
    if not value:
        findings.add(field, "required", missing)
        return False
    return findings.holds(field, check, value)
