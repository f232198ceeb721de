"""Orders on their way in: single ones, batches and files, and what each line of them became."""

from __future__ import annotations

import datetime as dt
import hashlib
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.domain.errors import FieldError
from adapter.domain.payments import Payment, PaymentOrder, PaymentStatus
from adapter.domain.statements import ReadWarning

EXTERNAL_ID_MAX = 64


class ImportMode(StrEnum):
    ALL_OR_NOTHING = "all_or_nothing"  # one broken rule anywhere and nothing is stored
    VALID_ONLY = "valid_only"  # good orders are stored, the others are told


class ImportShape(StrEnum):
    JSON = "json"
    ONEC = "1c"
    PAIN_001 = "pain.001"


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """One order as it was sent, and where it stood: `pointer` into JSON, lines of a file by our field names."""

    order: PaymentOrder
    pointer: str = ""
    line: int | None = None
    field_lines: Mapping[str, int] = field(default_factory=dict)
    references: OrderReferences | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderReferences:
    """How an ISO 20022 message names one order: a pain.002 answers by these."""

    payment_information_id: str
    instruction_id: str | None
    end_to_end_id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SentMessage:
    """How an ISO 20022 message names itself: a pain.002 answers by these."""

    definition: str  # pain.001.001.03 or pain.001.001.09
    message_id: str
    created_at: str  # as it was written
    transactions: int
    control_sum: str | None = None  # as it was written


@dataclass(frozen=True, slots=True, kw_only=True)
class ParsedOrders:
    """What a tolerant reader made of a file: orders, repairs, and the orders that could not be read, by pointer."""

    shape: ImportShape
    orders: Sequence[OrderLine]
    warnings: Sequence[ReadWarning]
    errors: Sequence[FieldError]
    message: SentMessage | None = None
    unread: Mapping[str, OrderReferences] = field(default_factory=dict)  # of orders with errors, by pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class SentBatch:
    """A batch as it was read; `errors` tell the orders that could not even be read, by pointer `/payments/<place>`."""

    lines: Sequence[OrderLine]
    errors: Sequence[FieldError] = ()
    warnings: Sequence[ReadWarning] = ()
    shape: ImportShape = ImportShape.JSON
    mode: ImportMode = ImportMode.ALL_OR_NOTHING
    message: SentMessage | None = None
    unread: Mapping[str, OrderReferences] = field(default_factory=dict)  # of orders with errors, by pointer


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyClaim:
    """An Idempotency-Key and its use; `body_sha256` covers everything that makes two requests the same."""

    key: str
    operation: str
    body_sha256: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Draft:
    """A payment about to be stored, and the fingerprint by which a person would call two payments the same.

    `sent` is its order without what the bank's record of the payer filled in: a repetition is known by it, also after
    that record changed.
    """

    payment: Payment
    sent: PaymentOrder
    fingerprint: str

    @property
    def external_id(self) -> str:
        """Never absent here: files got theirs from their content."""
        assert self.payment.order.external_id is not None
        return self.payment.order.external_id


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportLine:
    """What became of one order of a batch; `payment_id` is None where it was refused, then `errors` say why."""

    index: int
    line: int | None
    external_id: str | None
    payment_id: str | None = None
    is_new: bool = False
    status: PaymentStatus | None = None
    status_reason: str | None = None
    possible_duplicate: bool = False
    errors: tuple[FieldError, ...] = ()
    warnings: tuple[FieldError, ...] = ()
    references: OrderReferences | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentImport:
    """A batch that was accepted; `lines` tell the present status of every payment."""

    id: str
    partner_id: str
    customer_id: str
    consent_id: str
    shape: ImportShape
    mode: ImportMode
    created_at: dt.datetime
    lines: tuple[ImportLine, ...]
    warnings: tuple[ReadWarning, ...] = ()
    message: SentMessage | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckReport:
    """The answer of a check: nothing was stored.  `read_warnings` tell what a tolerant reader repaired in a file."""

    errors: Sequence[FieldError]
    warnings: Sequence[FieldError]
    read_warnings: Sequence[ReadWarning]


def fingerprint_of(order: PaymentOrder, payer_account: str) -> str:
    """SHA-256 of what makes two orders the same to a person: both accounts, amount, number, date and purpose."""
    parts = (
        payer_account,
        order.payee.account or "",
        order.payee.bic or "",
        str(order.amount),
        order.amount.currency,
        order.number,
        order.date.isoformat(),
        order.purpose,
    )
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()


def external_id_of_file_order(fingerprint: str) -> str:
    """Without an id, as in every 1C file, an order is known by its content: sent again it names the same payment.

    The prefix says 1C whatever the file was: stored ids keep it.
    """
    return f"1c-{fingerprint[:48]}"


def make_id(prefix: str, at: dt.datetime) -> str:
    """A new id within 35 characters, the width of ISO 20022 ids; it begins with the time, so indexes stay dense."""
    return f"{prefix}_{int(at.timestamp() * 1000):011x}{secrets.token_hex(8)}"
