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
from adapter.store.tables import accounts, alarms, feeds

GONE, MOVED = "account_gone", "account_moved"
DETAILS = {
    GONE: "the core does not tell it of its customer any more",
    MOVED: "the core tells it of another customer",
}

_COLUMNS = [column for column in accounts.c if column.name not in ("updated_at", "gone_at")]
_ROW = [*_COLUMNS, accounts.c.gone_at]
_LIST = sa.select(*_ROW).where(is_one_of(accounts.c.id, "ids")).order_by(accounts.c.number)
_OLD_CUSTOMERS = (
    sa.select(accounts.c.customer_id)
    .where(is_one_of(accounts.c.id, "ids"))
    .group_by(accounts.c.customer_id)
    .having(sa.func.max(accounts.c.updated_at) < sa.bindparam("before", type_=UtcDateTime))
    .order_by(sa.func.random())  # one whom the core cannot tell never stands before all others
)
_TOLD = is_one_of(accounts.c.core_id, "core_ids")
_LEAVE = sa.update(accounts).where(accounts.c.gone_at.is_(None)).values(gone_at=sa.bindparam("now", type_=UtcDateTime))
_GONE = _LEAVE.where(accounts.c.customer_id == sa.bindparam("of_customer"), sa.not_(_TOLD)).returning(accounts.c.id)
_MOVED = _LEAVE.where(accounts.c.customer_id != sa.bindparam("of_customer"), _TOLD).returning(accounts.c.id)
_ASKED = (
    sa.update(accounts)
    .where(accounts.c.customer_id == sa.bindparam("of_customer"))
    .values(updated_at=sa.bindparam("now", type_=UtcDateTime))
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
        told = [account for account in accounts if account.customer_id == customer_id]
        with self.database.transaction() as connection:
            rows = [upsert_account(connection, customer_id, account, now) for account in told]
            _close_others(connection, customer_id, [account.core_id for account in told], now)
        return {row.core_id: _load(row) for row in rows}

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
    """The account's row of this customer, renewed, or new under `account_id` (None: an id of its own)."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    told = _dump(account) | {"updated_at": now, "gone_at": None}
    new = {
        "id": account_id or f"acc_{secrets.token_hex(12)}",
        "core_id": account.core_id,
        "customer_id": customer_id,
    }
    statement = (
        insert(accounts)
        .values(new | told)
        .on_conflict_do_update(index_elements=["core_id", "customer_id"], set_=told)
        .returning(*_ROW)
    )
    row = connection.execute(statement).one()
    feed = {"account_id": row.id, "key": secrets.randbits(40)}
    connection.execute(insert(feeds).values(feed).on_conflict_do_nothing(index_elements=["account_id"]))
    return row


def _close_others(connection: Connection, customer_id: str, core_ids: Sequence[str], now: datetime) -> None:
    """What the core tells of this customer no more, or of others no more; an alarm for each."""
    given = {"of_customer": customer_id, "core_ids": list(core_ids), "now": now}
    for kind, leave in ((GONE, _GONE), (MOVED, _MOVED)):
        left = [
            {"kind": kind, "subject": account_id, "detail": DETAILS[kind], "at": now}
            for account_id in connection.scalars(leave, given)
        ]
        if left:
            connection.execute(alarms.insert(), left)
    connection.execute(_ASKED, {"of_customer": customer_id, "now": now})


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
    """One that is gone is closed, whatever its status was: nothing newer is read of it, and no draft is accepted."""
    found = {column.name: getattr(row, column.name) for column in _COLUMNS}
    status = AccountStatus(row.status) if row.gone_at is None else AccountStatus.CLOSED
    return Account(**found | {"owner": Party(**row.owner), "status": status})


def _load_balance(row: Any) -> Balance:
    return Balance(
        account_id=row.account_id,
        booked=Money.from_kopecks(row.booked_kopecks, row.currency),
        available=Money.from_kopecks(row.available_kopecks, row.currency),
        as_of=row.balance_as_of,
    )
