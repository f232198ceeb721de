"""Booked entries of an account, their feed, and the statement of a period."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from adapter.domain.accounts import Account
from adapter.domain.banks import Bank
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails


class Direction(StrEnum):
    """Seen from the account's owner."""

    CREDIT = "credit"
    DEBIT = "debit"


class DocumentType(StrEnum):
    """The document behind an entry."""

    PAYMENT_ORDER = "payment_order"
    PAYMENT_REQUEST = "payment_request"
    COLLECTION_ORDER = "collection_order"
    MEMORIAL_ORDER = "memorial_order"
    PAYMENT_WARRANT = "payment_warrant"
    BANK_ORDER = "bank_order"
    OTHER = "other"


DOCUMENT_TITLES = {
    DocumentType.PAYMENT_ORDER: "Платёжное поручение",
    DocumentType.PAYMENT_REQUEST: "Платёжное требование",
    DocumentType.COLLECTION_ORDER: "Инкассовое поручение",
    DocumentType.MEMORIAL_ORDER: "Мемориальный ордер",
    DocumentType.PAYMENT_WARRANT: "Платёжный ордер",
    DocumentType.BANK_ORDER: "Банковский ордер",
    DocumentType.OTHER: "Прочее",
}
# Field 18, «вид операции».
OPERATION_CODES = {
    DocumentType.PAYMENT_ORDER: "01",
    DocumentType.PAYMENT_REQUEST: "02",
    DocumentType.COLLECTION_ORDER: "06",
    DocumentType.MEMORIAL_ORDER: "09",
    DocumentType.PAYMENT_WARRANT: "16",
    DocumentType.BANK_ORDER: "17",
}
TYPE_BY_OPERATION_CODE = {code: kind for kind, code in OPERATION_CODES.items()}

# What an accounting system must not let anyone edit: «Получен из банка».
LOCKED_FIELDS = (
    "amount",
    "number",
    "date",
    "booking_date",
    "account",
    "counterparty.account",
    "counterparty.inn",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryDetails:
    """What a bank tells of one booked entry.  The amount is positive; `direction` carries the sign."""

    direction: Direction
    amount: Money
    document_type: DocumentType
    number: str
    date: dt.date  # of the document
    booking_date: dt.date  # дата проводки, a Moscow business date
    value_date: dt.date
    counterparty: Counterparty
    purpose: str
    priority: int | None = None
    uin: str | None = None
    budget: BudgetDetails | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A booked entry with our identity.  The id survives a change of document kind; `version` counts changes from 1."""

    id: str
    account_id: str
    version: int
    details: EntryDetails
    payment_id: str | None = None  # only for the partner whose payment it is
    external_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class DayTotals:
    """A banking day that the core has closed: opening + entries must give closing."""

    day: dt.date
    opening: Money
    closing: Money


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """A period of one account; `entries` may be a one-pass stream, ordered by booking date.

    `bank` holds the account; None where nothing but its bic is known.
    """

    account: Account
    date_from: dt.date
    date_to: dt.date
    opening_balance: Money
    closing_balance: Money
    total_credits: Money
    total_debits: Money
    credit_entries: int  # how many there are
    debit_entries: int
    entries: Iterable[Entry]
    as_of: dt.datetime
    complete_through: dt.date | None
    bank: Bank | None = None
    made_by: dt.datetime | None = None  # of a file: the latest moment at which it may be made, as far as it tells


@dataclass(frozen=True, slots=True, kw_only=True)
class ReadWarning:
    """Something that a reader repaired, with the line where it stood."""

    line: int
    code: str
    message: str
    field: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedStatements:
    """What a tolerant reader made of a file."""

    statements: Sequence[Statement]
    warnings: Sequence[ReadWarning]
