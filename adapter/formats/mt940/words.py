"""Words of MT940: tags, codes of :61:, subfields of :86:, and what they hold.

Source: SWIFT User Handbook, Category 9, MT940 Customer Statement Message; subfields `?00`-`?65` of :86: by the rules of
Deutsche Kreditwirtschaft (DFÜ-Abkommen, Anlage 3, 8.2), as readers in many countries know them.  `?40`-`?57`, free
there, hold what a Russian document has besides.
"""

from __future__ import annotations

from adapter.domain.statements import OPERATION_CODES, DocumentType

LINE_MAX = 65  # characters of one line of :86:
PIECE_MAX = 27  # characters of one subfield of the purpose or the name; only the last one may be longer
REFERENCE_MAX = 16
NO_REFERENCE = "NONREF"

PURPOSE_CODES = tuple(str(code) for code in range(20, 30))
MORE_PURPOSE_CODES = tuple(str(code) for code in range(60, 66))
NAME_CODES = ("32", "33")

# Subfields that hold one value each, by the name of our field.
ENTRY_CODES = {
    "number": "10",
    "counterparty.bic": "30",
    "counterparty.account": "31",
    "counterparty.inn": "40",
    "counterparty.kpp": "41",
    "counterparty.bank_name": "42",
    "counterparty.correspondent_account": "43",
    "priority": "44",
    "uin": "45",
    "date": "46",
    "booking_date": "47",  # only where :61: cannot tell its year
    "budget.drawer_status": "50",
    "budget.kbk": "51",
    "budget.oktmo": "52",
    "budget.reason": "53",
    "budget.tax_period": "54",
    "budget.basis_number": "55",
    "budget.basis_date": "56",
    "budget.payment_type": "57",
}
POSTING_TEXT = "00"

# The three digits before the first subfield: the code of field 18, «вид операции».
POSTING_CODES = {kind: f"0{OPERATION_CODES.get(kind, '00')}" for kind in DocumentType}
# The type of transaction in :61:.
TRANSACTION_TYPES = {
    DocumentType.PAYMENT_ORDER: "NTRF",
    DocumentType.PAYMENT_REQUEST: "NDDT",
    DocumentType.COLLECTION_ORDER: "NCOL",
    DocumentType.MEMORIAL_ORDER: "NMSC",
    DocumentType.PAYMENT_WARRANT: "NTRF",
    DocumentType.BANK_ORDER: "NCHG",
    DocumentType.OTHER: "NMSC",
}
TYPE_BY_POSTING_CODE = {code: kind for kind, code in POSTING_CODES.items()}
TYPE_BY_TRANSACTION = {
    "TRF": DocumentType.PAYMENT_ORDER,
    "DDT": DocumentType.PAYMENT_REQUEST,
    "COL": DocumentType.COLLECTION_ORDER,
    "CHG": DocumentType.BANK_ORDER,
    "COM": DocumentType.BANK_ORDER,
}

# Words of the :86: after the closing balance.
PERIOD, MADE_AT, CREDITS, DEBITS = "PER", "ASO", "CRD", "DEB"
OWNER_INN, OWNER_KPP, BANK_ACCOUNT, OWNER_NAME, BANK_NAME, BANK_PLACE = "INN", "KPP", "COR", "OWN", "BNK", "PLC"
STATEMENT_WORDS = (
    *(PERIOD, MADE_AT, CREDITS, DEBITS),
    *(OWNER_INN, OWNER_KPP, BANK_ACCOUNT, OWNER_NAME, BANK_NAME, BANK_PLACE),
)
