"""Where each field of an order stands in a message: the table of `api_specs/formats.md` as code.

Paths are below `CdtTrfTxInf`; those of `PAYMENT_PLACES` are below its `PmtInf` and common to all its orders.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache

from adapter.formats.iso20022 import tax

NAMESPACES = {
    "urn:iso:std:iso:20022:tech:xsd:pain.001.001.03": "pain.001.001.03",
    "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09": "pain.001.001.09",
}

DOCUMENT = "RmtInf/Strd/RfrdDocInf[POD]"
PURPOSE = "RmtInf/Ustrd"
AMOUNT = "Amt/InstdAmt"

# Our fields and the places that may hold them, the preferred one first.  Two places must not contradict each other.
ORDER_PLACES: Mapping[str, tuple[str, ...]] = {
    "number": (f"{DOCUMENT}/Nb",),
    "date": (f"{DOCUMENT}/RltdDt",),
    "amount": (AMOUNT,),
    "payee.name": ("Cdtr/Nm",),
    "payee.inn": ("Cdtr/Id/OrgId/Othr[TXID]/Id", "Cdtr/Id/PrvtId/Othr[TXID]/Id", "Tax/Cdtr/TaxId"),
    "payee.kpp": ("Cdtr/Id/OrgId/Othr[KPP]/Id", "Cdtr/Id/PrvtId/Othr[KPP]/Id", "Tax/Cdtr/TaxTp"),
    "payee.account": ("CdtrAcct/Id/Othr/Id", "CdtrAcct/Id/IBAN"),
    "payee.bic": ("CdtrAgt/FinInstnId/ClrSysMmbId/MmbId",),
    "payee.bank_name": ("CdtrAgt/FinInstnId/Nm",),
    "payee.correspondent_account": ("CdtrAgtAcct/Id/Othr/Id", "CdtrAgt/FinInstnId/Othr/Id"),
    "purpose": (PURPOSE,),
    "priority": ("Purp/Prtry",),
    "uin": ("RmtInf/Strd/CdtrRefInf[UIN]/Ref",),
    "income_type_code": ("PmtTpInf/CtgyPurp/Prtry",),
    "payment_kind": ("PmtTpInf/LclInstrm/Prtry",),
    **{f"budget.{field}": paths for field, paths in tax.PLACES.items()},
}
PAYMENT_PLACES: Mapping[str, tuple[str, ...]] = {
    "payer_account": ("DbtrAcct/Id/Othr/Id", "DbtrAcct/Id/IBAN"),
    "payer.name": ("Dbtr/Nm",),
    "payer.inn": ("Dbtr/Id/OrgId/Othr[TXID]/Id", "Dbtr/Id/PrvtId/Othr[TXID]/Id"),
    "payer.kpp": ("Dbtr/Id/OrgId/Othr[KPP]/Id", "Dbtr/Id/PrvtId/Othr[KPP]/Id"),
}
EXECUTION_DATE = ("ReqdExctnDt/Dt", "ReqdExctnDt/DtTm", "ReqdExctnDt")
INSTRUCTION_ID = "PmtId/InstrId"
END_TO_END_ID = "PmtId/EndToEndId"


# First steps of paths that carry nothing of an order, and schemes that were read already.
_SILENT = (
    "ChrgBr",
    "PmtId/UETR",
    "CdtrAgt/FinInstnId/ClrSysMmbId/ClrSysId",
    "CdtrAcct/Ccy",
    "CdtrAcct/Tp",
    "CdtrAcct/Nm",
)
_SILENT_ENDS = ("/SchmeNm/Cd", "/SchmeNm/Prtry", "/Tp/CdOrPrtry/Prtry", "/Tp/CdOrPrtry/Cd", "@Ccy", "/AdrLine", "/Ctry")
ORDER_FIELDS = {path: field for field, paths in ORDER_PLACES.items() for path in paths}
PAYMENT_FIELDS = {path: field for field, paths in PAYMENT_PLACES.items() for path in paths}
_READ = frozenset(ORDER_FIELDS) | {INSTRUCTION_ID, END_TO_END_ID}


def first_place(field: str) -> str:
    """The preferred place of a field."""
    return (ORDER_PLACES.get(field) or PAYMENT_PLACES[field])[0]


@lru_cache(maxsize=1024)
def is_unread(path: str) -> bool:
    """Whether nobody looks at this place, so that what stands there would be lost without a word."""
    return path not in _READ and not path.startswith(_SILENT) and not path.endswith(_SILENT_ENDS)
