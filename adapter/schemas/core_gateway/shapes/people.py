"""Customers, accounts, balances."""

from __future__ import annotations

import marshmallow as ma

from adapter.domain.accounts import AccountStatus
from adapter.domain.limits import INN_MAX, KPP_MAX
from adapter.schemas.core_gateway.people import BALANCES_MAX, PEOPLE_MAX
from adapter.schemas.core_gateway.shapes import fields
from adapter.schemas.parties import Open


class CustomerBody(Open):
    """A company or entrepreneur that a user acts for."""

    customer_id = fields.identifier("the bank's id of the company or entrepreneur")
    name = fields.text("as in payment documents")
    inn = fields.text_or_none("ИНН", INN_MAX)
    kpp = fields.text_or_none("КПП", KPP_MAX)
    user_id = fields.identifier("the person; the one that was asked for")
    user_name = fields.text("the person's name")
    role = fields.text("as the bank names it, e.g. «Генеральный директор»")
    may_give_consent = ma.fields.Bool(
        required=True, metadata={"description": "this person may give a service access to the customer's accounts"}
    )
    reason = fields.text_or_none("why not, in Russian, for the person")


class CustomersBody(Open):
    """All whom the user acts for."""

    customers = fields.many(CustomerBody, PEOPLE_MAX)


class CorePartyBody(Open):
    """Who."""

    name = fields.text("as in payment documents")
    inn = fields.text_or_none("ИНН", INN_MAX)
    kpp = fields.text_or_none("КПП", KPP_MAX)


class CoreAccountBody(Open):
    """An account of a customer."""

    account_id = fields.identifier("the bank's id of the account; it never changes and is never reused")
    customer_id = fields.identifier("whose it is")
    number = ma.fields.Str(required=True, validate=ma.validate.Regexp(r"^[0-9A-Z]{20}$"))
    bic = ma.fields.Str(required=True, validate=ma.validate.Regexp(r"^[0-9]{9}$"))
    currency = fields.currency()
    name = fields.text("for people")
    owner = ma.fields.Nested(CorePartyBody, required=True)
    status = ma.fields.Enum(AccountStatus, by_value=True, required=True)
    can_be_shared = ma.fields.Bool(metadata={"description": "false for deposits and the like; true where absent"})
    reason = fields.text_or_none("why it cannot be shared, in Russian")


class CoreAccountsBody(Open):
    """All accounts of a customer, also those that cannot be shared."""

    accounts = fields.many(CoreAccountBody, PEOPLE_MAX)


class BalancesQuery(Open):
    """Accounts whose balances are asked for."""

    account_ids = fields.identifiers("by the bank's ids")


class CoreBalanceBody(Open):
    """The balance of an account."""

    account_id = fields.identifier("one of those asked for")
    currency = fields.currency()
    booked = fields.money("what the entries add up to; may be negative")
    available = fields.money("what can be spent now")
    as_of = ma.fields.AwareDateTime(required=True, metadata={"description": fields.MOMENT})


class CoreBalancesBody(Open):
    """In the order asked; unknown accounts are left out."""

    balances = fields.many(CoreBalanceBody, BALANCES_MAX)
