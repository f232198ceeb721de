"""Accounts under ids of ours, one feed for each.

A core's account has one living row, its present customer's.  When the core gives it to another customer the old row is
over for good, with its feed and its place in consents; the new one begins on the day after, and so does its feed.
"""

from __future__ import annotations

import secrets
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.accounts import Account, AccountStatus, Balance
from adapter.domain.alarms import AlarmKind
from adapter.domain.core import CoreAccount
from adapter.domain.money import Money
from adapter.domain.moscow import moscow_day
from adapter.domain.parties import Party
from adapter.store.alarms import raise_while_open
from adapter.store.database import Database, UtcDateTime, insert_into
from adapter.store.lists import is_one_of
from adapter.store.tables import accounts, feeds

# Takes a customer's accounts out of consents, in the transaction in which it is learnt that they are another's now.
TakeAway = Callable[[Connection, str, Collection[str], datetime], None]

GONE, MOVED = AlarmKind.ACCOUNT_GONE, AlarmKind.ACCOUNT_MOVED
DETAILS = {
    GONE: "the core does not tell it of its customer any more",
    MOVED: "the core tells it of another customer",
}

_INTERNAL = ("updated_at", "gone_at", "moved_at")
_COLUMNS = [column for column in accounts.c if column.name not in _INTERNAL]
_ROW = [*_COLUMNS, accounts.c.gone_at]
_LIST = sa.select(*_ROW).where(is_one_of(accounts.c.id, "ids")).order_by(accounts.c.number)
_OLD_CUSTOMERS = (
    sa.select(accounts.c.customer_id)
    .where(is_one_of(accounts.c.id, "ids"))
    .group_by(accounts.c.customer_id)
    .having(sa.func.max(accounts.c.updated_at) < sa.bindparam("before", type_=UtcDateTime))
    .order_by(sa.func.random())  # one whom the core cannot tell never stands before all others
)
# A row that was told anew after the core was asked knows better than an answer to that.
_TOLD = is_one_of(accounts.c.core_id, "core_ids")
_GONE = (
    sa.update(accounts)
    .where(
        accounts.c.gone_at.is_(None),
        accounts.c.customer_id == sa.bindparam("of_customer"),
        accounts.c.updated_at <= sa.bindparam("now", type_=UtcDateTime),
        sa.not_(_TOLD),
    )
    .values(gone_at=sa.bindparam("now", type_=UtcDateTime))
    .returning(accounts.c.id)
)
_MOVE = (
    sa.update(accounts)
    .where(
        _TOLD,
        accounts.c.moved_at.is_(None),
        sa.or_(accounts.c.gone_at.is_not(None), accounts.c.updated_at <= sa.bindparam("now", type_=UtcDateTime)),
    )
    .values(
        moved_at=sa.bindparam("now", type_=UtcDateTime),
        gone_at=sa.func.coalesce(accounts.c.gone_at, sa.bindparam("now", type_=UtcDateTime)),
    )
    .returning(accounts.c.id, accounts.c.customer_id)
)
_MOVED_TO = _MOVE.where(accounts.c.customer_id != sa.bindparam("of_customer"))
_MOVED_FROM = _MOVE.where(accounts.c.customer_id == sa.bindparam("of_customer"))
_OWN_CORE_IDS = sa.select(accounts.c.core_id).where(accounts.c.customer_id == sa.bindparam("of_customer"))
_LOCK = sa.select(sa.func.pg_advisory_xact_lock(sa.func.hashtextextended(sa.bindparam("core_id", type_=sa.Text), 0)))
_LEFT = (
    sa.select(accounts.c.core_id, sa.func.max(accounts.c.gone_at, type_=UtcDateTime).label("left_at"))
    .where(_TOLD, accounts.c.moved_at.is_not(None))
    .group_by(accounts.c.core_id)
)
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


def _leave_consents(tx: Connection, customer_id: str, account_ids: Collection[str], now: datetime) -> None:
    """For a store without an authorization server beside it."""


@dataclass(frozen=True, slots=True)
class StoredAccounts:
    """Meets the port AccountBook."""

    database: Database
    take_away: TakeAway = _leave_consents

    def register(self, customer_id: str, accounts: Sequence[CoreAccount], asked_at: datetime) -> Mapping[str, Account]:
        own = [account for account in accounts if account.customer_id == customer_id]
        core_ids = [account.core_id for account in own]
        others = [account.core_id for account in accounts if account.customer_id != customer_id]
        with self.database.transaction() as tx:
            _lock(tx, customer_id, [*core_ids, *others])
            moved = _move(tx, customer_id, core_ids, others, asked_at)
            owned_from = find_beginnings(tx, core_ids)
            rows = [upsert_account(tx, account, asked_at, owned_from.get(account.core_id)) for account in own]
            _close_others(tx, customer_id, core_ids, asked_at)
            for former, account_ids in moved.items():
                self.take_away(tx, former, account_ids, asked_at)
        return {row.core_id: _load(row) for row in rows if row is not None}

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
    """Our ids of the accounts with this number that the core tells of their customer; None: of all."""
    wanted = sa.select(accounts.c.id).where(accounts.c.gone_at.is_(None)).order_by(accounts.c.id)
    return connection.scalars(wanted if number is None else wanted.where(accounts.c.number == number)).all()


def upsert_account(
    connection: Connection,
    account: CoreAccount,
    now: datetime,
    owned_from: date | None = None,
    account_id: str | None = None,
) -> Any:
    """The account's row of its customer, renewed, or new under `account_id` (None: an id of its own).

    None where the account is another customer's, as was told after the core was asked for this one.
    """
    told = _dump(account) | {"updated_at": now, "gone_at": None}
    new = {
        "id": account_id or f"acc_{secrets.token_hex(12)}",
        "core_id": account.core_id,
        "customer_id": account.customer_id,
        "owned_from": owned_from,
    }
    statement = (
        insert_into(connection, accounts)
        .values(new | told)
        .on_conflict_do_update(
            index_elements=["core_id"],
            index_where=accounts.c.moved_at.is_(None),
            set_=told,
            where=accounts.c.customer_id == account.customer_id,
        )
        .returning(*_ROW)
    )
    row = connection.execute(statement).one_or_none()
    if row is None:
        return None
    feed = {"account_id": row.id, "key": secrets.randbits(40)}
    connection.execute(
        insert_into(connection, feeds).values(feed).on_conflict_do_nothing(index_elements=["account_id"])
    )
    return row


def _lock(tx: Connection, customer_id: str, core_ids: Sequence[str]) -> None:
    """One at a time over each account, whoever's it is or was: two customers may be asked about it at once.

    On SQLite the transaction holds the only write lock.
    """
    if tx.dialect.name != "postgresql":
        return
    touched = {*core_ids, *tx.scalars(_OWN_CORE_IDS, {"of_customer": customer_id})}
    for core_id in sorted(touched):
        tx.execute(_LOCK, {"core_id": core_id})


def _move(
    tx: Connection, customer_id: str, own: Sequence[str], others: Sequence[str], now: datetime
) -> Mapping[str, Sequence[str]]:
    """Accounts that are another customer's now, by the customer whose they were; an alarm for each."""
    found: dict[str, list[str]] = defaultdict(list)
    for move, core_ids in ((_MOVED_TO, own), (_MOVED_FROM, others)):
        for row in tx.execute(move, {"of_customer": customer_id, "core_ids": core_ids, "now": now}):
            found[row.customer_id].append(row.id)
    raise_while_open(tx, MOVED, {one: DETAILS[MOVED] for ids in found.values() for one in ids}, now)
    return found


def find_beginnings(tx: Connection, core_ids: Sequence[str]) -> Mapping[str, date]:
    """The first whole day on which an account that others had was not theirs any more."""
    rows = tx.execute(_LEFT, {"core_ids": core_ids})
    return {row.core_id: moscow_day(row.left_at) + timedelta(days=1) for row in rows}


def _close_others(tx: Connection, customer_id: str, core_ids: Sequence[str], now: datetime) -> None:
    """What the core tells of this customer no more; an alarm for each."""
    given = {"of_customer": customer_id, "core_ids": core_ids, "now": now}
    raise_while_open(tx, GONE, dict.fromkeys(tx.scalars(_GONE, given).all(), DETAILS[GONE]), now)
    tx.execute(_ASKED, {"of_customer": customer_id, "now": now})


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
