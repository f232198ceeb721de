"""An entry that names a payment of another account tells nobody of it, whoever made the mistake."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import replace

from adapter.domain.core import CoreBalance, Deadline, EntryPage, Mark
from adapter.domain.feeds import Span, Viewer
from adapter.domain.money import Money
from adapter.domain.reconciliation import MismatchKind
from adapter.domain.statements import DayTotals, Direction
from adapter.store.accounts import StoredAccounts
from adapter.store.contract_alarms import ContractAlarms
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from tests.fakes import MemoryBank, entry_details
from tests.services.test_reconciliation import Books

OTHER = "acc-2"


def test_an_entry_of_another_account_is_linked_to_no_payment_and_alarms_once(database: Database) -> None:
    books = Books(database)
    desk = books.desk
    payment = books.signed()
    other = _register_other(books)
    books.bank.book(OTHER, entry_details(direction=Direction.DEBIT), payment.id)
    for _ in range(2):
        assert books.feeds.refresh(other, Deadline.after(10))
        books.bank.change(OTHER, "core-1", entry_details("15.00", Direction.DEBIT))
    assert desk.read(payment.id).entry_id is None
    (told,) = _read_feed(database, other, desk.caller.partner_id)
    assert payment.id not in told
    assert "inv-1" not in told
    assert [one.kind for one in books.run().found] == [MismatchKind.DIFFERS]
    assert [kind for kind, _ in desk.alarms()] == ["foreign_entry"]

    books.bank.execute(payment.id)
    books.read()
    desk.work()
    assert desk.read(payment.id).entry_id
    (own,) = _read_feed(database, desk.account_id, desk.caller.partner_id)
    assert payment.id in own
    assert "inv-1" in own
    assert len(desk.alarms()) == 1


def _register_other(books: Books) -> str:
    accounts = books.desk.core.list_accounts("cus-1", Deadline.after(10))
    registered = StoredAccounts(books.desk.database).register("cus-1", accounts, books.clock.now())
    return registered[OTHER].id


def _read_feed(database: Database, account_id: str, partner_id: str) -> list[str]:
    feed = StoredFeed(database)
    heads = feed.list_heads([account_id])
    span = Span(key=heads[0].key, generation=heads[0].generation, base=0, position=0, until=heads[0].number)
    viewer = Viewer(partner_id=partner_id, history_from=dt.date(2020, 1, 1))
    return list(feed.read_changes(heads, [span], viewer, 100).added)


def test_an_entry_in_another_currency_is_not_taken_until_the_core_puts_it_right(database: Database) -> None:
    books = Books(database)
    contract = ContractAlarms(database, books.clock)
    books.feeds = replace(books.feeds, note_wrong=contract.note)
    right = entry_details("15.00")
    books.bank.book("acc-1", replace(right, amount=Money.of("15.00", "USD")))
    account_id, partner_id = books.desk.account_id, books.desk.caller.partner_id
    for _ in range(3):
        assert not books.feeds.refresh(account_id, Deadline.after(10))
        books.clock.advance(seconds=61)
    assert _read_feed(database, account_id, partner_id) == []
    assert books.desk.alarms() == [("core_contract", account_id)]
    books.bank._ledgers["acc-1"].log.clear()
    books.bank.book("acc-1", right)
    books.clock.advance(seconds=61)
    assert books.feeds.refresh(account_id, Deadline.after(10))
    assert len(_read_feed(database, account_id, partner_id)) == 1


def in_dollars(sum_: Money) -> Money:
    return Money(sum_.amount, "USD")


def test_a_closed_day_in_another_currency_is_not_taken(database: Database) -> None:
    books, right = Books(database), MemoryBank.pull_entries

    def tell(core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = right(books.bank, core_account_id, after, limit, deadline)
        days = [
            DayTotals(day=one.day, opening=one.opening, closing=in_dollars(one.closing)) for one in page.closed_days
        ]
        return replace(page, closed_days=days)

    books.bank.pull_entries = tell  # type: ignore[method-assign]
    assert not books.feeds.refresh(books.desk.account_id, Deadline.after(10))
    assert books.desk.count("account_days") == 0
    del books.bank.pull_entries
    books.clock.advance(seconds=61)
    assert books.feeds.refresh(books.desk.account_id, Deadline.after(10))
    assert books.desk.count("account_days") > 0


def test_a_balance_in_another_currency_is_left_out_and_alarms(database: Database) -> None:
    books, right = Books(database), MemoryBank.read_balances
    accounts, account_id = StoredAccounts(database), books.desk.account_id
    contract = ContractAlarms(database, books.clock)
    books.feeds = replace(books.feeds, note_wrong=contract.note)

    def tell(core_account_ids: Sequence[str], deadline: Deadline) -> list[CoreBalance]:
        told = right(books.bank, core_account_ids, deadline)
        return [replace(one, booked=in_dollars(one.booked), available=in_dollars(one.available)) for one in told]

    books.bank.read_balances = tell  # type: ignore[method-assign]
    assert books.feeds.refresh(account_id, Deadline.after(10)), "its entries are worth keeping"
    assert accounts.read_balances([account_id]) == []
    assert books.desk.alarms() == [("core_contract", account_id)]
    del books.bank.read_balances
    books.clock.advance(seconds=61)
    assert books.feeds.refresh(account_id, Deadline.after(10))
    assert [one.booked.currency for one in accounts.read_balances([account_id])] == ["RUB"]


def test_an_account_that_is_told_wrongly_keeps_no_other_from_being_read(database: Database) -> None:
    books = Books(database)
    other = _register_other(books)
    books.bank.book("acc-1", replace(entry_details(), amount=Money.of("15.00", "USD")))
    books.bank.book(OTHER, entry_details())
    accounts = [books.desk.account_id, other]
    assert books.feeds.refresh_due(accounts, Deadline.after(10)) == 1
    assert len(_read_feed(database, other, books.desk.caller.partner_id)) == 1
    assert books.feeds.rest.until is None
