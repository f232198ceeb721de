"""Accounts keep our ids for ever and their customer for good."""

from __future__ import annotations

from dataclasses import replace

from adapter.domain.accounts import AccountStatus
from adapter.domain.money import Money
from adapter.store.accounts import StoredAccounts
from adapter.store.database import Database
from tests.fakes import NOON
from tests.store.feed_bank import FeedBank, core_account


def test_an_account_keeps_its_id_and_takes_what_the_core_changed(database: Database) -> None:
    book = StoredAccounts(database)
    first = book.register("cus-1", [core_account()], NOON)["acc-1"]
    blocked = replace(core_account(), name="Основной", status=AccountStatus.BLOCKED)
    second = book.register("cus-1", [blocked], NOON)["acc-1"]
    assert second == replace(first, name="Основной", status=AccountStatus.BLOCKED)
    assert book.read_accounts([first.id]) == [second]


def test_an_account_of_one_customer_never_becomes_anothers(database: Database) -> None:
    book = StoredAccounts(database)
    mine = book.register("cus-1", [core_account()], NOON)["acc-1"]
    assert book.register("cus-2", [core_account(), core_account("acc-9")], NOON).keys() == {"acc-9"}
    assert book.read_accounts([mine.id]) == [mine]


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
