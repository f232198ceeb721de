"""One `TxDtls` → what it tells of an entry."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from lxml import etree

from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.formats.camt053.parts import Part, fetch
from adapter.formats.camt053.party_reader import read_side, side_paths
from adapter.formats.camt053.values import Values
from adapter.formats.camt053.versions import EXTERNAL_ID_MARK
from adapter.formats.iso20022 import tax
from adapter.formats.iso20022.cut_texts import join_purpose
from adapter.formats.iso20022.references import NOT_PROVIDED
from adapter.formats.xml import find_children

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


_DOCUMENT = "RmtInf/Strd/RfrdDocInf[Tp/CdOrPrtry/Prtry='POD']"
_UIN = "RmtInf/Strd/CdtrRefInf[Tp/CdOrPrtry/Prtry='UIN']/Ref"
_BUDGET = {field: "|".join(paths) for field, paths in tax.PLACES.items()}
_AMOUNTS = ("Amt", "AmtDtls/TxAmt/Amt")
_PATHS = (
    *(f"Refs/{name}" for name in ("EndToEndId", "InstrId", "TxId", "AcctSvcrRef")),
    *(f"{_DOCUMENT}/{name}" for name in ("Nb", "RltdDt", "Tp/CdOrPrtry/Prtry")),
    *(path for amount in _AMOUNTS for path in (amount, f"{amount}/@Ccy")),
    *("AddtlTxInf", "Purp/Prtry", "Tax", _UIN),
    *_BUDGET.values(),
)
ENTRY_PATHS = ("CdtDbtInd", "Amt/@Ccy")  # of the entry around
_PATHS_BY_SIDE = {side: _PATHS + side_paths(side) for side in ("Dbtr", "Cdtr")}


def read_transaction(element: etree._Element, entry: Part, values: Values) -> Transaction:
    """What a `TxDtls` tells; `entry` is the one around it, fetched with `ENTRY_PATHS`."""
    side = "Dbtr" if entry.text("CdtDbtInd") == "CRDT" else "Cdtr"
    details = fetch(element, _PATHS_BY_SIDE[side])
    is_named = bool(details.text(f"{_DOCUMENT}/Tp/CdOrPrtry/Prtry"))
    end_to_end_id = _provided(details.text("Refs/EndToEndId"))
    additional = details.text("AddtlTxInf")
    if additional.startswith(EXTERNAL_ID_MARK):
        end_to_end_id, additional = additional.removeprefix(EXTERNAL_ID_MARK), ""
    # Banks that name no document write its number as the id of the payment.
    number = details.text(f"{_DOCUMENT}/Nb") if is_named else end_to_end_id or details.text("Refs/InstrId")
    return Transaction(
        amount=_amount(details, entry, values),
        bank_reference=details.text("Refs/AcctSvcrRef"),
        external_id=(end_to_end_id or None) if is_named else None,
        payment_id=details.text("Refs/TxId") or None,
        number=number,
        date=values.date_of(details, f"{_DOCUMENT}/RltdDt"),
        counterparty=read_side(details, side, values),
        purpose=join_purpose(child.text or "" for child in find_children(element, "RmtInf/Ustrd")) or additional,
        priority=_priority(details, values),
        uin=details.text(_UIN) if details.text(_UIN).strip("0") else None,
        budget=_budget(details),
    )


def _amount(details: Part, entry: Part, values: Values) -> Decimal | None:
    """Its own amount, where it is in the currency of the entry."""
    for path in _AMOUNTS:
        if details.text(path):
            is_same = values.currency(details, path) in (None, values.currency(entry, "Amt"))
            return values.amount(details, path) if is_same else None
    return None


def _provided(reference: str) -> str:
    return "" if reference == NOT_PROVIDED else reference


def _priority(details: Part, values: Values) -> int | None:
    """`Purp` of other banks may hold a code of ISO 20022, which is no priority."""
    text = details.text("Purp/Prtry")
    if text and text not in _PRIORITIES:
        values.note(details, "Purp/Prtry", "priority_unclear", f"очерёдность не понята: {text}")
    return _PRIORITIES.get(text)


def _budget(details: Part) -> BudgetDetails | None:
    if not details.text("Tax"):
        return None
    found = {field: details.text(path) for field, path in _BUDGET.items()}
    if not any(text.strip("0") for text in found.values()):
        return None
    status = found.pop("drawer_status")
    return BudgetDetails(drawer_status=status, **{field: text or None for field, text in found.items()})
