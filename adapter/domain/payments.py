"""Payment orders and their fate."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.domain.errors import FieldError
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party


@dataclass(frozen=True, slots=True, kw_only=True)
class BudgetDetails:
    """Fields 101 and 104-110 of a payment to the budget."""

    drawer_status: str  # 101
    kbk: str | None = None  # 104
    oktmo: str | None = None  # 105
    reason: str | None = None  # 106
    tax_period: str | None = None  # 107
    basis_number: str | None = None  # 108
    basis_date: str | None = None  # 109, text: «0» and «00» occur
    payment_type: str | None = None  # 110

    def texts(self) -> tuple[str, ...]:
        """All eight in the order of the form, for files with a place for each; empty where there is none."""
        return (
            self.drawer_status,
            self.kbk or "",
            self.oktmo or "",
            self.reason or "",
            self.tax_period or "",
            self.basis_number or "",
            self.basis_date or "",
            self.payment_type or "",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class PaymentOrder:
    """A payment order as a partner sends it (form 0401060).

    The payer's account is told by `account_id` (ours) or by `payer_account` (20 characters, as files do).
    """

    number: str  # 3
    date: dt.date  # 4
    amount: Money  # 7
    payee: Counterparty  # 13-17, 61, 103
    purpose: str  # 24
    external_id: str | None = None
    account_id: str | None = None
    payer_account: str | None = None  # 9
    payer: Party | None = None  # 8, 60, 102 as sent; they count in payments to the budget only
    priority: int = 5  # 21
    uin: str | None = None  # 22
    income_type_code: str | None = None  # 20
    operation_code: str = "01"  # 18
    payment_kind: str | None = None  # 5
    budget: BudgetDetails | None = None


class PaymentStatus(StrEnum):
    """Where a payment is.  `RANK` makes the way one-directional: a word from the core never moves a payment back."""

    RECEIVED = "received"
    QUEUED = "queued"
    SENDING = "sending"
    UNKNOWN = "unknown"  # sent, the answer was lost; the core is being asked
    AWAITING_SIGNATURE = "awaiting_signature"
    SIGNED = "signed"
    IN_PROCESS = "in_process"
    EXECUTED = "executed"
    REJECTED = "rejected"
    CANCELLED = "cancelled"
    EXPIRED = "expired"

    @property
    def is_final(self) -> bool:
        return self in FINAL


FINAL = frozenset({PaymentStatus.EXECUTED, PaymentStatus.REJECTED, PaymentStatus.CANCELLED, PaymentStatus.EXPIRED})

RANK = {
    PaymentStatus.RECEIVED: 0,
    PaymentStatus.QUEUED: 1,
    PaymentStatus.SENDING: 2,
    PaymentStatus.UNKNOWN: 3,
    PaymentStatus.AWAITING_SIGNATURE: 4,
    PaymentStatus.SIGNED: 5,
    PaymentStatus.IN_PROCESS: 6,
    PaymentStatus.EXECUTED: 7,
    PaymentStatus.REJECTED: 7,
    PaymentStatus.CANCELLED: 7,
    PaymentStatus.EXPIRED: 7,
}
# What a core may tell, in the order of a draft's life; the others are the adapter's own.
TOLD_BY_CORE = tuple(status for status in PaymentStatus if RANK[status] >= RANK[PaymentStatus.AWAITING_SIGNATURE])


def may_become(now: PaymentStatus, told: PaymentStatus) -> bool:
    """Whether a told status moves the payment forward; equal or lower ranks, and anything after a final one, do not."""
    return RANK[told] > RANK[now]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusStep:
    """One step of a payment's fate.  `applied` is False for a late or contradicting word, kept but not followed."""

    status: PaymentStatus
    at: dt.datetime
    source: str  # "partner", "adapter", "core"
    reason: str | None = None
    applied: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Payment:
    """A payment order that was accepted, and what became of it."""

    id: str
    partner_id: str
    customer_id: str
    consent_id: str
    account_id: str
    order: PaymentOrder
    status: PaymentStatus
    status_reason: str | None
    status_history: tuple[StatusStep, ...]
    created_at: dt.datetime
    updated_at: dt.datetime
    import_id: str | None = None
    entry_id: str | None = None
    sign_url: str | None = None
    possible_duplicate: bool = False  # the same payment came under another id within three days
    possible_duplicate_of: str | None = None  # that payment, where it is the same partner's
    edited_in_bank: dict[str, str] = field(default_factory=dict)  # field → value now held by the bank
    warnings: tuple[FieldError, ...] = ()  # told when it was accepted
