"""Accounts under ids of ours, one feed for each."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Connection

from adapter.domain.accounts import Account, AccountStatus, Balance
from adapter.domain.core import CoreAccount
from adapter.domain.money import Money
from adapter.domain.parties import Party
from adapter.store.database import Database, UtcDateTime
from adapter.store.lists import is_one_of
from adapter.store.tables import accounts, feeds

_COLUMNS = [column for column in accounts.c if column.name != "updated_at"]
_LIST = sa.select(*_COLUMNS).where(is_one_of(accounts.c.id, "ids")).order_by(accounts.c.number)
_OLD_CUSTOMERS = (
    sa.select(accounts.c.customer_id)
    .where(is_one_of(accounts.c.id, "ids"))
    .group_by(accounts.c.customer_id)
    .having(sa.func.max(accounts.c.updated_at) < sa.bindparam("before", type_=UtcDateTime))
    .order_by(sa.func.random())  # one whom the core cannot tell never stands before all others
)
_BALANCES = (
    sa.select(
        feeds.c.account_id,
        accounts.c.currency,
        feeds.c.booked_kopecks,
        feeds.c.available_kopecks,
        feeds.c.balance_as_of,
    )
    .join(accounts, accounts.c.id == feeds.c.account_id)
    .where(is_one_of(feeds.c.account_id, "ids"), feeds.c.balance_as_of.is_not(None))
    .order_by(accounts.c.number)
)


@dataclass(frozen=True, slots=True)
class StoredAccounts:
    """Meets the port AccountBook."""

    database: Database

    def register(self, customer_id: str, accounts: Sequence[CoreAccount], now: datetime) -> Mapping[str, Account]:
        found = {}
        with self.database.transaction() as connection:
            for account in accounts:
                row = upsert_account(connection, customer_id, account, now)
                if row is not None:
                    found[account.core_id] = _load(row)
        return found

    def list_old_customers(self, account_ids: Sequence[str], before: datetime) -> Sequence[str]:
        with self.database.reading() as connection:
            return connection.scalars(_OLD_CUSTOMERS, {"ids": account_ids, "before": before}).all()

    def read_accounts(self, account_ids: Sequence[str]) -> Sequence[Account]:
        with self.database.reading() as connection:
            return [_load(row) for row in connection.execute(_LIST, {"ids": list(account_ids)})]

    def read_balances(self, account_ids: Sequence[str]) -> Sequence[Balance]:
        with self.database.reading() as connection:
            return [_load_balance(row) for row in connection.execute(_BALANCES, {"ids": list(account_ids)})]


def list_ids(connection: Connection, number: str | None) -> Sequence[str]:
    """Our ids of the accounts with this number; None: of all."""
    wanted = sa.select(accounts.c.id).order_by(accounts.c.id)
    return connection.scalars(wanted if number is None else wanted.where(accounts.c.number == number)).all()


def upsert_account(
    connection: Connection, customer_id: str, account: CoreAccount, now: datetime, account_id: str | None = None
) -> Any:
    """The account's row, renewed, or new under `account_id` (None: an id of its own); None under another customer."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    told = _dump(account) | {"updated_at": now}
    new = {
        "id": account_id or f"acc_{secrets.token_hex(12)}",
        "core_id": account.core_id,
        "customer_id": customer_id,
    }
    statement = (
        insert(accounts)
        .values(new | told)
        .on_conflict_do_update(index_elements=["core_id"], set_=told, where=accounts.c.customer_id == customer_id)
        .returning(*_COLUMNS)
    )
    row = connection.execute(statement).one_or_none()
    if row is not None:
        feed = {"account_id": row.id, "key": secrets.randbits(40)}
        connection.execute(insert(feeds).values(feed).on_conflict_do_nothing(index_elements=["account_id"]))
    return row


def _dump(account: CoreAccount) -> dict[str, Any]:
    return {
        "number": account.number,
        "bic": account.bic,
        "currency": account.currency,
        "name": account.name,
        "owner": asdict(account.owner),
        "status": account.status.value,
    }


def _load(row: Any) -> Account:
    found = row._asdict()
    return Account(**found | {"owner": Party(**row.owner), "status": AccountStatus(row.status)})


def _load_balance(row: Any) -> Balance:
    return Balance(
        account_id=row.account_id,
        booked=Money.from_kopecks(row.booked_kopecks, row.currency),
        available=Money.from_kopecks(row.available_kopecks, row.currency),
        as_of=row.balance_as_of,
    )
