"""One `Ntry` → booked entries: usually one, or one for each `TxDtls` of a batch whose parts add up to it."""

from __future__ import annotations

import re
from collections.abc import Sequence
from decimal import Decimal

from adapter.domain.money import Money
from adapter.domain.statements import TYPE_BY_OPERATION_CODE, DocumentType, Entry, EntryDetails
from adapter.formats.camt053.parts import Part
from adapter.formats.camt053.transaction_reader import NOTHING, Transaction
from adapter.formats.camt053.values import Values
from adapter.formats.xml import line_of

_HEX_UUID = re.compile(r"([0-9a-f]{8})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{4})([0-9a-f]{12})").fullmatch
_TRANSFERS = ("ICDT", "RCDT")


_DATES = tuple(f"{name}/{kind}" for name in ("BookgDt", "ValDt") for kind in ("Dt", "DtTm"))
_CODES = ("BkTxCd/Prtry/Cd", "BkTxCd/Domn/Fmly/Cd")
PATHS = ("AcctSvcrRef", "Amt", "Amt/@Ccy", "CdtDbtInd", "Sts", "Sts/Cd", "AddtlNtryInf", *_DATES, *_CODES)


def read_entry(
    element: Part, transactions: Sequence[Transaction], currency: str, account_id: str, values: Values
) -> list[Entry]:
    """The entries that a `Ntry` stands for; none where its amount, direction or date cannot be read."""
    amount, direction = values.amount(element, "Amt"), values.direction(element)
    booked = values.date(element, "BookgDt")
    valued = values.date(element, "ValDt") or booked
    booked = booked or valued
    if booked is None or valued is None:
        values.refuse(element, "BookgDt", "required", "у операции нет ни даты проводки, ни даты валютирования")
    if amount is None or direction is None or booked is None or valued is None:
        return []
    currency = values.currency(element, "Amt") or currency
    kind = _document_type(element, values)
    additional = element.text("AddtlNtryInf")
    parts = _parts(element, transactions, amount, values)
    own_reference = parts[0].bank_reference if len(parts) == 1 else ""
    entry_id = _entry_id(element.text("AcctSvcrRef") or own_reference, element)
    return [
        Entry(
            id=entry_id if len(parts) == 1 else _own_id(part.bank_reference) or f"{entry_id}/{place}",
            account_id=account_id,
            version=1,
            payment_id=part.payment_id,
            external_id=part.external_id,
            details=EntryDetails(
                direction=direction,
                amount=Money(amount if len(parts) == 1 or part.amount is None else part.amount, currency),
                document_type=kind,
                number=part.number,
                date=part.date or booked,
                booking_date=booked,
                value_date=valued,
                counterparty=part.counterparty,
                purpose=part.purpose or additional,
                priority=part.priority,
                uin=part.uin,
                budget=part.budget,
            ),
        )
        for place, part in enumerate(parts, 1)
    ]


def _parts(
    element: Part, transactions: Sequence[Transaction], amount: Decimal, values: Values
) -> Sequence[Transaction]:
    """The transactions as entries of their own where their amounts make the sum; else one that tells what is common."""
    if len(transactions) <= 1:
        return transactions or (NOTHING,)
    amounts = [part.amount for part in transactions if part.amount is not None]
    if len(amounts) == len(transactions) and sum(amounts) == amount:
        return transactions
    message = f"{len(transactions)} переводов одной операции не складываются в её сумму {amount}; прочитаны как одна"
    values.note(element, "NtryDtls", "batch_not_split", message)
    purposes = dict.fromkeys(part.purpose for part in transactions if part.purpose)
    return (_joined(transactions, "; ".join(purposes)),)


def _joined(transactions: Sequence[Transaction], purpose: str) -> Transaction:
    """One transaction for many: what all of them share stays, the purposes are told one after the other."""
    first = transactions[0]
    is_one_payee = all(part.counterparty == first.counterparty for part in transactions)
    return Transaction(
        amount=None,
        bank_reference="",
        external_id=None,
        payment_id=None,
        number=first.number if all(part.number == first.number for part in transactions) else "",
        date=first.date,
        counterparty=first.counterparty if is_one_payee else NOTHING.counterparty,
        purpose=purpose,
        priority=first.priority,
        uin=None,
        budget=None,
    )


def _entry_id(reference: str, element: Part) -> str:
    """The reference of the bank, or the place in the file for an entry that has none.

    `NtryRef` is none: many banks number the entries of each statement with it, from 1.
    """
    return _own_id(reference) or f"line-{line_of(element.element)}"


def _own_id(reference: str) -> str:
    """A UUID that was written without hyphens gets them back; a bank's own reference stays as it is."""
    match = _HEX_UUID(reference)
    return "-".join(match.groups()) if match else reference


def _document_type(element: Part, values: Values) -> DocumentType:
    """By the code of the operation; where a bank gives none, a credit transfer is a payment order."""
    code = element.text("BkTxCd/Prtry/Cd")
    if kind := TYPE_BY_OPERATION_CODE.get(code):
        return kind
    if code.isascii() and code.isdigit():
        values.note(element, "BkTxCd/Prtry/Cd", "kind_unknown", f"вид операции не понят: {code}")
        return DocumentType.OTHER
    is_transfer = element.text("BkTxCd/Domn/Fmly/Cd") in _TRANSFERS
    return DocumentType.PAYMENT_ORDER if is_transfer else DocumentType.OTHER
