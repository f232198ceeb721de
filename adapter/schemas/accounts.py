"""Accounts and balances as JSON."""

from __future__ import annotations

import marshmallow as ma

from adapter.domain.accounts import AccountStatus
from adapter.schemas.parties import Open, OwnerBody, amount, currency


class AccountBody(Open):
    """An account of the consent.  Its id never changes, through renewals of the consent too."""

    id = ma.fields.Str(required=True, metadata={"example": "acc_5f0c1b2a3d4e5f60718293a4"})
    number = ma.fields.Str(required=True, metadata={"description": "20 digits"})
    bic = ma.fields.Str(required=True, metadata={"description": "БИК of the bank, 9 digits"})
    currency = currency()
    name = ma.fields.Str(required=True)
    owner = ma.fields.Nested(OwnerBody, required=True)
    status = ma.fields.Enum(AccountStatus, by_value=True, required=True)


class AccountsBody(Open):
    """All accounts of the consent, in the order of their numbers."""

    accounts = ma.fields.List(ma.fields.Nested(AccountBody), required=True)


class BalancesBody(Open):
    """What the core said, and when."""

    account_id = ma.fields.Str(required=True)
    currency = currency()
    booked = amount("what the entries add up to; may be negative")
    available = amount("what can be spent now")
    as_of = ma.fields.AwareDateTime(required=True, metadata={"description": "the moment that the core vouches for"})
