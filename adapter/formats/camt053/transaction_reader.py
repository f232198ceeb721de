"""One `TxDtls` → what it tells of an entry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.formats.camt053 import versions
from adapter.formats.camt053.party_reader import read_side
from adapter.formats.camt053.values import Values
from adapter.formats.xml import child_text, find_child, find_children

_PRIORITIES = {text: int(text) for digit in range(6) for text in (str(digit), f"0{digit}")}


@dataclass(frozen=True, slots=True, kw_only=True)
class Transaction:
    """What one `TxDtls` tells; `amount` is None where it names none in the currency of the entry."""

    amount: Decimal | None
    bank_reference: str
    external_id: str | None
    payment_id: str | None
    number: str
    date: dt.date | None
    counterparty: Counterparty
    purpose: str
    priority: int | None
    uin: str | None
    budget: BudgetDetails | None


NOTHING = Transaction(
    amount=None,
    bank_reference="",
    external_id=None,
    payment_id=None,
    number="",
    date=None,
    counterparty=Counterparty(name=""),
    purpose="",
    priority=None,
    uin=None,
    budget=None,
)


def read_transaction(details: etree._Element, entry: etree._Element, values: Values) -> Transaction:
    """What a `TxDtls` of an entry tells."""
    document = _document(details)
    end_to_end_id = _provided(child_text(details, "Refs/EndToEndId"))
    number = child_text(document, "Nb") if document is not None else ""
    additional = child_text(details, "AddtlTxInf")
    if additional.startswith(versions.EXTERNAL_ID_MARK):
        end_to_end_id, additional = additional.removeprefix(versions.EXTERNAL_ID_MARK), ""
    return Transaction(
        amount=_amount(details, entry, values),
        bank_reference=child_text(details, "Refs/AcctSvcrRef"),
        # Banks that name no document write its number as the id of the payment.
        external_id=end_to_end_id if document is not None else None,
        payment_id=child_text(details, "Refs/TxId") or None,
        number=number if document is not None else end_to_end_id or child_text(details, "Refs/InstrId"),
        date=values.date_of(document, "RltdDt") if document is not None else None,
        counterparty=read_side(details, "Dbtr" if child_text(entry, "CdtDbtInd") == "CRDT" else "Cdtr", values),
        purpose=_purpose(details) or additional,
        priority=_priority(details, values),
        uin=_uin(details),
        budget=_budget(details),
    )


def _amount(details: etree._Element, entry: etree._Element, values: Values) -> Decimal | None:
    for path in ("Amt", "AmtDtls/TxAmt/Amt"):
        if find_child(details, path) is not None:
            is_same_currency = values.currency(details, path) in (None, values.currency(entry, "Amt"))
            return values.optional_amount(details, path) if is_same_currency else None
    return None


def _document(details: etree._Element) -> etree._Element | None:
    """The referred document that is the order itself: `POD`; invoices and contracts are no orders."""
    for document in find_children(details, "RmtInf/Strd/RfrdDocInf"):
        if child_text(document, "Tp/CdOrPrtry/Prtry") == "POD":
            return document
    return None


def _provided(reference: str) -> str | None:
    return reference if reference and reference != versions.NOT_PROVIDED else None


def _purpose(details: etree._Element) -> str:
    """All pieces of the purpose; a full piece goes on in the next one, a shorter one ends with a word."""
    purpose = ""
    is_full = True
    for element in find_children(details, "RmtInf/Ustrd"):
        piece = element.text or ""
        piece = piece if len(piece) == versions.TEXT_LENGTH else piece.strip("\r\n\t")
        purpose += piece if is_full else f" {piece}"
        is_full = len(piece) == versions.TEXT_LENGTH
    return purpose.strip()


def _priority(details: etree._Element, values: Values) -> int | None:
    """`Purp` of other banks may hold a code of ISO 20022, which is no priority."""
    text = child_text(details, "Purp/Prtry")
    if text and text not in _PRIORITIES:
        values.note(details, "Purp/Prtry", "priority_unclear", f"очерёдность не понята: {text}")
    return _PRIORITIES.get(text)


def _uin(details: etree._Element) -> str | None:
    for reference in find_children(details, "RmtInf/Strd/CdtrRefInf"):
        text = child_text(reference, "Ref")
        if child_text(reference, "Tp/CdOrPrtry/Prtry") == "UIN" and text.strip("0"):
            return text
    return None


def _budget(details: etree._Element) -> BudgetDetails | None:
    tax = find_child(details, "Tax")
    if tax is None:
        return None
    found = {
        "drawer_status": child_text(tax, "Rcrd/DbtrSts"),
        "kbk": child_text(tax, "Rcrd/Ctgy"),
        "oktmo": child_text(tax, "AdmstnZn") or child_text(tax, "AdmstnZone"),
        "reason": child_text(tax, "Mtd"),
        "tax_period": child_text(tax, "Rcrd/FrmsCd"),
        "basis_number": child_text(tax, "RefNb"),
        "basis_date": child_text(tax, "Rcrd/CertId"),
        "payment_type": child_text(tax, "Rcrd/Tp"),
    }
    if not any(text.strip("0") for text in found.values()):
        return None
    status = found.pop("drawer_status")
    return BudgetDetails(drawer_status=status, **{field: text or None for field, text in found.items()})
