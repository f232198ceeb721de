"""Accounts of the bank's customers and what is on them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum

from adapter.domain.money import Money
from adapter.domain.parties import Party


class AccountStatus(StrEnum):
    OPEN = "open"
    BLOCKED = "blocked"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """An account as partners see it.  `id` is ours, never changes and is never reused."""

    id: str
    customer_id: str
    core_id: str
    number: str
    bic: str
    currency: str
    name: str
    owner: Party
    status: AccountStatus
    owned_from: date | None = None  # it was another customer's before; None: not that we know


@dataclass(frozen=True, slots=True, kw_only=True)
class Balance:
    """`booked` is what the entries add up to; `available` is what can be spent now."""

    account_id: str
    booked: Money
    available: Money
    as_of: datetime
