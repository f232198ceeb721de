"""A desk for tests of ordered statements: an account with as many entries as wanted, orders, makers.

desk = StatementOrderDesk(database, entries=2500)
order = desk.order()
desk.maker().make_next()
b"".join(desk.pieces(desk.read(order.id)))
"""

from __future__ import annotations

import datetime as dt
import hashlib
import itertools
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import sqlalchemy as sa

from adapter.api.shapes import SHAPES, render_file
from adapter.domain.feeds import Viewer
from adapter.domain.imports import KeyClaim
from adapter.domain.statement_orders import Render, StatementOrder, StatementWish
from adapter.ports import Clock, StatementCaller
from adapter.services.accounts import Accounts
from adapter.services.feeds import Feeds
from adapter.services.statement_making import StatementMaker
from adapter.services.statement_orders import StatementOrders
from adapter.services.statements import Statements
from adapter.store.accounts import StoredAccounts
from adapter.store.banks import StoredBanks
from adapter.store.database import Database
from adapter.store.entry_json import dump_details
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from adapter.store.statement_making import StatementMakings
from adapter.store.statement_orders import StatementOrderRecords
from adapter.store.statements import StoredStatements
from adapter.store.tables import feeds
from tests.fakes import FakeClock, FakeCore, Fault, entry_details
from tests.store.feed_bank import core_account

FIRST, LAST = dt.date(2026, 11, 1), dt.date(2026, 11, 20)
keys = itertools.count(1)

_ADD_ENTRIES = sa.text(
    """
    INSERT INTO entries (account_id, number, entry_id, version, added_number, removed,
                         booking_date, first_booking_date, direction, kopecks, details)
    WITH RECURSIVE place (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM place WHERE i < :count)
    SELECT :account_id, i, 'en_' || i, 1, i, false, :day, :day, 'credit', 150000,
           replace(:details, 'PLACE', CAST(i AS TEXT))
    FROM place
    """
).bindparams(sa.bindparam("day", type_=sa.Date), sa.bindparam("count", type_=sa.Integer))


@dataclass(frozen=True, slots=True, kw_only=True)
class Caller:
    """Meets `ports.StatementCaller`."""

    account_ids: tuple[str, ...]
    partner_id: str = "pa_1"
    partner_name: str = "Учёт онлайн"
    customer_id: str = "cus-1"
    consent_id: str = "cn_1"
    history_from: dt.date = dt.date(2025, 11, 20)


class Permits:
    """What consents allow: the account, until a test takes it away."""

    def __init__(self, account_id: str) -> None:
        self.account_ids: Collection[str] | None = [account_id]

    def __call__(self, _connection: object, ids: Collection[str], _now: object) -> Mapping[str, Collection[str]]:
        return dict.fromkeys(ids, self.account_ids) if self.account_ids is not None else {}


class StatementOrderDesk:
    """The core is down unless a test clears its faults: what is read is what was put into the feed."""

    def __init__(self, database: Database, entries: int | None = 3, clock: Clock | None = None) -> None:
        """Without `entries` the account and its entries are in the database already."""
        self.database = database
        self.clock: Any = clock or FakeClock()
        self.core = FakeCore(FakeClock())
        self.core.faults.always("*", Fault.DOWN)
        self.account_id = _open_account(database, entries, self.clock.now())
        self.caller = Caller(account_ids=(self.account_id,))
        self.permits = Permits(self.account_id)
        self.book = StatementOrderRecords(database, self.clock)
        self.workshop = StatementMakings(database, self.permits)
        self.orders = StatementOrders(
            book=self.book, clock=self.clock, years_max=5, unfinished_max=1000, files_max=1000
        )
        self.statements = Statements(
            feeds=_open_feeds(database, self.core, self.clock),
            accounts=Accounts(book=StoredAccounts(database)),
            book=StoredStatements(database),
            banks=StoredBanks(database),
            clock=self.clock,
        )

    def maker(self, owner: str = "maker-1", render: Render = render_file, lease_s: float = 60.0) -> StatementMaker:
        return StatementMaker(
            workshop=self.workshop,
            statements=self.statements,
            render=render,
            clock=self.clock,
            owner=owner,
            lease_s=lease_s,
            keep=dt.timedelta(hours=72),
        )

    def wish(self, shape: str = "1c", **changed: Any) -> StatementWish:
        options = {name: values[0] for name, values in SHAPES[shape].options.items()}
        wish = StatementWish(account_id=self.account_id, date_from=FIRST, date_to=LAST, shape=shape, options=options)
        return replace(wish, **changed)

    def order(self, shape: str = "1c", key: str | None = None, caller: StatementCaller | None = None) -> StatementOrder:
        wish = self.wish(shape)
        return self.orders.order(caller or self.caller, claim(key, repr(wish)), wish)[0]

    def read(self, order_id: str) -> StatementOrder:
        return self.orders.read(self.caller, order_id)

    def pieces(self, order: StatementOrder) -> Iterator[bytes]:
        assert order.file
        return self.orders.read_pieces(order, 0, order.file.size)

    def fetch(self, order_id: str) -> bytes:
        """The whole file; its SHA-256 and size are what the order says."""
        order, file = self.orders.open_file(self.caller, order_id)
        data = b"".join(self.orders.read_pieces(order, 0, file.size))
        assert (hashlib.sha256(data).digest(), len(data)) == (file.sha256, file.size)
        return data

    def direct(self, shape: str = "1c") -> bytes:
        """What the direct answer holds now."""
        viewer = Viewer(partner_id=self.caller.partner_id, history_from=self.caller.history_from)
        reading = self.statements.read_statement(self.account_id, FIRST, LAST, viewer)
        return b"".join(SHAPES[shape].render(reading, self.wish(shape).options))

    def count(self, table: str) -> int:
        with self.database.reading() as connection:
            return int(connection.execute(sa.text(f"SELECT count(*) FROM {table}")).scalar_one())


def claim(key: str | None, body: str) -> KeyClaim:
    """A key claim; without a key each one is a request of its own."""
    digest = hashlib.sha256(body.encode()).digest()
    return KeyClaim(key=key or f"key-{next(keys)}", operation="statement-order", body_sha256=digest)


def _open_account(database: Database, entries: int | None, now: dt.datetime) -> str:
    account = StoredAccounts(database).register("cus-1", [core_account()], now)["acc-1"]
    if entries is None:
        return account.id
    details = dump_details(entry_details(day=LAST, purpose="Оплата по счёту PLACE, без НДС"))
    told = {"number": entries, "as_of": now, "read_at": now, "complete_through": LAST, "booked_kopecks": 10**12}
    with database.transaction() as tx:
        if entries:
            row = {"account_id": account.id, "count": entries, "day": LAST, "details": details}
            tx.execute(_ADD_ENTRIES, row)
        tx.execute(feeds.update().where(feeds.c.account_id == account.id).values(told))
    return account.id


class _Nobody:
    """No payment is told of its entry."""

    def note_booked(self, account_id: str, entry_ids: Mapping[str, str]) -> None: ...


def _open_feeds(database: Database, core: FakeCore, clock: Clock) -> Feeds:
    return Feeds(
        feed=StoredFeed(database),
        writer=StoredFeedWriter(database),
        core=core,
        payments=_Nobody(),
        clock=clock,
        read_timeout_s=1.0,
        refresh_s=60.0,
        read_max_age_s=300.0,
    )
