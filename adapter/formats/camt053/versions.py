"""Where the written versions differ, and the words that all of them share."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from adapter.domain.statements import DocumentType

Version = Literal["001.02", "001.08"]

NAMESPACE = "urn:iso:std:iso:20022:tech:xsd:camt.053."
EXTERNAL_ID_MARK = "EXTERNAL_ID/"

# ISO 20022 families of bank transactions, for a debit and for a credit.
FAMILIES = {
    DocumentType.PAYMENT_ORDER: ("ICDT", "RCDT"),
    DocumentType.PAYMENT_WARRANT: ("ICDT", "RCDT"),
    DocumentType.PAYMENT_REQUEST: ("RDDT", "IDDT"),
    DocumentType.COLLECTION_ORDER: ("RDDT", "IDDT"),
    DocumentType.MEMORIAL_ORDER: ("MDOP", "MCOP"),
    DocumentType.BANK_ORDER: ("MDOP", "MCOP"),
    DocumentType.OTHER: ("NTAV", "NTAV"),
}


@dataclass(frozen=True, slots=True, kw_only=True)
class VersionWords:
    """How one version writes what the other writes in another way."""

    namespace: str
    status: str  # of a booked entry
    party_start: str  # around a party that is no account owner
    party_end: str
    zone: str  # the element of the OKTMO
    has_transaction_amount: bool


WORDS: Mapping[Version, VersionWords] = {
    "001.02": VersionWords(
        namespace=NAMESPACE + "001.02",
        status="<Sts>BOOK</Sts>",
        party_start="",
        party_end="",
        zone="AdmstnZn",
        has_transaction_amount=False,
    ),
    "001.08": VersionWords(
        namespace=NAMESPACE + "001.08",
        status="<Sts><Cd>BOOK</Cd></Sts>",
        party_start="<Pty>",
        party_end="</Pty>",
        zone="AdmstnZone",
        has_transaction_amount=True,
    ),
}
