"""Who has accounts in the sandbox bank and who acts for them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection, Row

from adapter.connectors.sandbox.tables import accounts, customers, documents, mandates, users
from adapter.domain.accounts import AccountStatus
from adapter.domain.core import CoreAccount, CoreBalance, CoreCustomer
from adapter.domain.money import Money
from adapter.domain.parties import Party
from adapter.domain.payments import PaymentStatus

_MANDATES = (
    sa.select(
        mandates,
        customers.c.name.label("customer_name"),
        customers.c.inn,
        customers.c.kpp,
        users.c.name.label("user_name"),
    )
    .join(customers, customers.c.id == mandates.c.customer_id)
    .join(users, users.c.id == mandates.c.user_id)
    .where(mandates.c.user_id == sa.bindparam("user"))
    .order_by(customers.c.name)
)
_ALL_ACCOUNTS = (
    sa.select(accounts, customers.c.name.label("owner_name"), customers.c.inn, customers.c.kpp)
    .join(customers, customers.c.id == accounts.c.customer_id)
    .order_by(customers.c.name, accounts.c.number)
)
_ACCOUNTS = _ALL_ACCOUNTS.where(accounts.c.customer_id == sa.bindparam("customer"))
# Money of orders that are signed but not yet booked cannot be spent twice.
_HELD = (
    sa.select(sa.func.coalesce(sa.func.sum(documents.c.kopecks), 0))
    .where(
        documents.c.account_id == accounts.c.id,
        documents.c.status.in_([PaymentStatus.SIGNED.value, PaymentStatus.IN_PROCESS.value]),
    )
    .scalar_subquery()
)
_BALANCES = sa.select(accounts.c.id, accounts.c.booked_kopecks, accounts.c.currency, _HELD.label("held")).where(
    accounts.c.id.in_(sa.bindparam("ids", expanding=True))
)
_USER_BY_LOGIN = sa.select(users).where(users.c.login == sa.bindparam("wanted"))
_USER_BY_ID = sa.select(users).where(users.c.id == sa.bindparam("wanted"))


def list_customers(connection: Connection, user_id: str) -> list[CoreCustomer]:
    """Companies and entrepreneurs that the user acts for, by name."""
    return [_customer(row) for row in connection.execute(_MANDATES, {"user": user_id})]


def list_accounts(connection: Connection, customer_id: str) -> list[CoreAccount]:
    return [_account(row) for row in connection.execute(_ACCOUNTS, {"customer": customer_id})]


def list_all_accounts(connection: Connection) -> list[CoreAccount]:
    """Everybody's, by owner and number: for the operator."""
    return [_account(row) for row in connection.execute(_ALL_ACCOUNTS)]


def list_balances(connection: Connection, account_ids: Sequence[str], now: dt.datetime) -> list[CoreBalance]:
    """In the order asked; unknown accounts are left out."""
    rows = {row.id: row for row in connection.execute(_BALANCES, {"ids": list(account_ids)})}
    return [_balance(rows[one], now) for one in account_ids if one in rows]


def list_users(connection: Connection) -> Sequence[Row[*tuple[Any, ...]]]:
    return connection.execute(sa.select(users).order_by(users.c.id)).all()


def find_user(connection: Connection, login: str) -> Row[*tuple[Any, ...]] | None:
    return connection.execute(_USER_BY_LOGIN, {"wanted": login}).one_or_none()


def read_user(connection: Connection, user_id: str) -> Row[*tuple[Any, ...]]:
    return connection.execute(_USER_BY_ID, {"wanted": user_id}).one()


def _customer(row: Row[*tuple[Any, ...]]) -> CoreCustomer:
    return CoreCustomer(
        customer_id=row.customer_id,
        party=Party(name=row.customer_name, inn=row.inn, kpp=row.kpp),
        user_id=row.user_id,
        user_name=row.user_name,
        role=row.role,
        may_give_consent=row.may_give_consent,
        reason=row.reason,
    )


def _account(row: Row[*tuple[Any, ...]]) -> CoreAccount:
    return CoreAccount(
        core_id=row.id,
        customer_id=row.customer_id,
        number=row.number,
        bic=row.bic,
        currency=row.currency,
        name=row.name,
        owner=Party(name=row.owner_name, inn=row.inn, kpp=row.kpp),
        status=AccountStatus(row.status),
        can_be_shared=row.can_be_shared,
        reason=row.reason,
    )


def _balance(row: Row[*tuple[Any, ...]], now: dt.datetime) -> CoreBalance:
    return CoreBalance(
        core_account_id=row.id,
        booked=Money.from_kopecks(row.booked_kopecks, row.currency),
        available=Money.from_kopecks(row.booked_kopecks - int(row.held), row.currency),
        as_of=now,
    )
