"""Accounts keep our ids for ever and their customer for good."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta

import pytest
import sqlalchemy as sa

from adapter.domain.accounts import AccountStatus
from adapter.domain.money import Money
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from tests.fakes import NOON
from tests.store.feed_bank import FeedBank, core_account


def test_an_account_keeps_its_id_and_takes_what_the_core_changed(database: Database) -> None:
    book = StoredAccounts(database)
    first = book.register("cus-1", [core_account()], NOON)["acc-1"]
    blocked = replace(core_account(), name="Основной", status=AccountStatus.BLOCKED)
    second = book.register("cus-1", [blocked], NOON)["acc-1"]
    assert second == replace(first, name="Основной", status=AccountStatus.BLOCKED)
    assert book.read_accounts([first.id]) == [second]


def test_an_account_that_moves_is_another_one_for_its_new_customer_and_over_for_the_old(database: Database) -> None:
    book = StoredAccounts(database)
    mine = book.register("cus-1", [core_account()], NOON)["acc-1"]
    moved = replace(core_account(), customer_id="cus-2")
    theirs = book.register("cus-2", [moved], NOON)["acc-1"]
    assert theirs.id != mine.id
    assert theirs.status is AccountStatus.OPEN
    assert book.read_accounts([mine.id]) == [replace(mine, status=AccountStatus.CLOSED)]
    assert alarms(database) == [("account_moved", mine.id)]
    back = book.register("cus-1", [core_account()], NOON)["acc-1"]
    assert back.id not in (mine.id, theirs.id), "nobody goes on with what another had meanwhile"
    assert alarms(database)[1:] == [("account_moved", theirs.id)]


def test_a_list_that_names_another_owner_moves_the_account_too(database: Database) -> None:
    taken: list[tuple[str, list[str]]] = []
    book = StoredAccounts(database, lambda tx, customer_id, ids, now: taken.append((customer_id, list(ids))))
    mine = book.register("cus-1", [core_account()], NOON)["acc-1"]
    assert taken == []
    assert book.register("cus-1", [replace(core_account(), customer_id="cus-2")], NOON) == {}
    assert taken == [("cus-1", [mine.id])]
    assert alarms(database) == [("account_moved", mine.id)]


def test_an_answer_older_than_what_is_known_moves_nothing(database: Database) -> None:
    book = StoredAccounts(database)
    theirs = book.register("cus-2", [replace(core_account(), customer_id="cus-2")], NOON)["acc-1"]
    assert book.register("cus-1", [core_account()], NOON - timedelta(seconds=1)) == {}
    assert book.read_accounts([theirs.id]) == [theirs]
    assert book.register("cus-1", [core_account()], NOON).keys() == {"acc-1"}


def test_an_account_of_a_former_customer_is_read_from_the_day_after_it_left_him(database: Database) -> None:
    book, writer = StoredAccounts(database), StoredFeedWriter(database)
    book.register("cus-1", [core_account()], NOON)
    book.register("cus-1", [], NOON)  # told no more; whose it is nobody says yet
    later = NOON + timedelta(days=9)
    theirs = book.register("cus-2", [replace(core_account(), customer_id="cus-2")], later)["acc-1"]
    lease = writer.lease(theirs.id, later, later + timedelta(seconds=5))
    assert lease is not None
    assert lease.owned_from == NOON.date() + timedelta(days=1)
    others = book.register("cus-3", [replace(core_account("acc-3"), customer_id="cus-3")], later)["acc-3"]
    lease = writer.lease(others.id, later, later + timedelta(seconds=5))
    assert lease is not None
    assert lease.owned_from is None


def test_an_account_that_is_told_no_more_is_closed_until_it_is_told_again(database: Database) -> None:
    book, writer = StoredAccounts(database), StoredFeedWriter(database)
    both = book.register("cus-1", [core_account(), core_account("acc-2", "40702810400000000017")], NOON)
    later = NOON + timedelta(hours=2)
    assert book.register("cus-1", [], later) == {}
    assert {one.status for one in book.read_accounts([one.id for one in both.values()])} == {AccountStatus.CLOSED}
    assert len(alarms(database)) == 2
    book.register("cus-1", [], later)
    assert len(alarms(database)) == 2
    gone = both["acc-1"].id
    assert writer.lease(gone, later, later + timedelta(seconds=5)) is None, "nothing newer is read"
    assert StoredFeed(database).list_due([gone], later, later) == []
    assert book.list_old_customers([gone], later - timedelta(hours=1)) == [], "it is asked about hourly"
    assert book.list_old_customers([gone], later + timedelta(hours=2)) == ["cus-1"]
    assert book.register("cus-1", [core_account()], later)["acc-1"] == both["acc-1"]
    assert StoredFeed(database).list_due([gone], later, later) == [gone]
    assert writer.lease(gone, later, later + timedelta(seconds=5)) is not None


def test_an_older_answer_that_does_not_tell_an_account_closes_none(database: Database) -> None:
    book = StoredAccounts(database)
    known = book.register("cus-1", [core_account()], NOON)["acc-1"]
    book.register("cus-1", [], NOON - timedelta(seconds=1))
    assert book.read_accounts([known.id]) == [known]
    book.register("cus-1", [], NOON)
    assert book.read_accounts([known.id]) != [known]


def alarms(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        return [tuple(row) for row in connection.execute(sa.text("SELECT kind, subject FROM alarms ORDER BY id"))]


def test_unknown_ids_are_left_out_and_the_order_is_that_of_numbers(database: Database) -> None:
    book = StoredAccounts(database)
    found = book.register(
        "cus-1", [core_account("b", "40702810700000000018"), core_account("a", "40702810400000000017")], NOON
    )
    ids = [found["b"].id, "acc_unknown", found["a"].id]
    assert [account.core_id for account in book.read_accounts(ids)] == ["a", "b"]
    assert book.read_accounts([]) == []


def test_a_balance_is_told_once_the_core_said_it(database: Database) -> None:
    bank, book = FeedBank(database), StoredAccounts(database)
    assert book.read_balances([bank.account.id]) == []
    bank.tell(booked="-15.50")
    (balance,) = book.read_balances([bank.account.id])
    assert (balance.booked, balance.as_of) == (Money.of("-15.50"), NOON)


@pytest.mark.race
def test_two_customers_told_of_one_account_at_a_time_leave_it_to_one_of_them(postgres: Database) -> None:
    book, customers = StoredAccounts(postgres), [f"cus-{n}" for n in range(4)]
    core_ids = ["acc-1", "acc-2"]

    def tell(turn: int) -> None:
        customer = customers[turn % len(customers)]
        told = [replace(core_account(one), customer_id=customer) for one in core_ids]
        book.register(customer, told, NOON + timedelta(seconds=turn))

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(tell, range(40)))
    with postgres.reading() as connection:
        living = connection.execute(
            sa.text("SELECT core_id, count(*) FROM accounts WHERE moved_at IS NULL GROUP BY core_id ORDER BY core_id")
        ).all()
        feeds = connection.scalar(sa.text("SELECT count(*) FROM feeds"))
        rows = connection.scalar(sa.text("SELECT count(*) FROM accounts"))
    assert [tuple(row) for row in living] == [("acc-1", 1), ("acc-2", 1)]
    assert feeds == rows
