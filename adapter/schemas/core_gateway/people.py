"""Customers that a user acts for, their accounts, and balances."""

from __future__ import annotations

from collections.abc import Sequence

from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreAccount, CoreBalance, CoreCustomer
from adapter.schemas.core_gateway.members import Members
from adapter.schemas.core_gateway.values import ACCOUNT, BIC, Json, dump_party, load_party

PEOPLE_MAX = 10_000
BALANCES_MAX = 10_000


def dump_customers(customers: Sequence[CoreCustomer]) -> Json:
    return {"customers": [_dump_customer(one) for one in customers]}


def load_customers(body: Members) -> Sequence[CoreCustomer]:
    return [_load_customer(one) for one in body.objects("customers", PEOPLE_MAX)]


def dump_accounts(accounts: Sequence[CoreAccount]) -> Json:
    return {"accounts": [_dump_account(one) for one in accounts]}


def load_accounts(body: Members) -> Sequence[CoreAccount]:
    return [_load_account(one) for one in body.objects("accounts", PEOPLE_MAX)]


def dump_account_ids(account_ids: Sequence[str]) -> Json:
    return {"account_ids": list(account_ids)}


def load_account_ids(body: Members) -> Sequence[str]:
    return body.identifiers("account_ids", BALANCES_MAX)


def dump_balances(balances: Sequence[CoreBalance]) -> Json:
    return {"balances": [_dump_balance(one) for one in balances]}


def load_balances(body: Members) -> Sequence[CoreBalance]:
    return [_load_balance(one) for one in body.objects("balances", BALANCES_MAX)]


def _dump_customer(customer: CoreCustomer) -> Json:
    return {
        "customer_id": customer.customer_id,
        **dump_party(customer.party),
        "user_id": customer.user_id,
        "user_name": customer.user_name,
        "role": customer.role,
        "may_give_consent": customer.may_give_consent,
        "reason": customer.reason,
    }


def _load_customer(members: Members) -> CoreCustomer:
    return CoreCustomer(
        customer_id=members.identifier("customer_id"),
        party=load_party(members),
        user_id=members.identifier("user_id"),
        user_name=members.text("user_name"),
        role=members.text("role"),
        may_give_consent=members.flag("may_give_consent"),
        reason=members.text_or_none("reason"),
    )


def _dump_account(account: CoreAccount) -> Json:
    return {
        "account_id": account.core_id,
        "customer_id": account.customer_id,
        "number": account.number,
        "bic": account.bic,
        "currency": account.currency,
        "name": account.name,
        "owner": dump_party(account.owner),
        "status": account.status.value,
        "can_be_shared": account.can_be_shared,
        "reason": account.reason,
    }


def _load_account(members: Members) -> CoreAccount:
    return CoreAccount(
        core_id=members.identifier("account_id"),
        customer_id=members.identifier("customer_id"),
        number=members.matching("number", ACCOUNT, "an account's number of 20 characters"),
        bic=members.matching("bic", BIC, "a BIC of 9 digits"),
        currency=members.currency(),
        name=members.text("name"),
        owner=load_party(members.object("owner")),
        status=members.one_of("status", AccountStatus),
        can_be_shared=members.flag("can_be_shared", default=True),
        reason=members.text_or_none("reason"),
    )


def _dump_balance(balance: CoreBalance) -> Json:
    return {
        "account_id": balance.core_account_id,
        "currency": balance.booked.currency,
        "booked": str(balance.booked),
        "available": str(balance.available),
        "as_of": balance.as_of.isoformat(),
    }


def _load_balance(members: Members) -> CoreBalance:
    currency = members.currency()
    return CoreBalance(
        core_account_id=members.identifier("account_id"),
        booked=members.money("booked", currency),
        available=members.money("available", currency),
        as_of=members.moment("as_of"),
    )
