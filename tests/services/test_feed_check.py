"""What differs between the core's statement and our feed is found, and what only looks so for a moment is not told."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from adapter.domain.accounts import Account
from adapter.domain.core import (
    Capabilities,
    CoreStatementOrder,
    Deadline,
    EntryPage,
    StatementAnswer,
    StatementPending,
    StatementRefused,
)
from adapter.domain.errors import CoreUnavailable
from adapter.domain.feed_check import DifferenceKind, FeedCheckReport
from adapter.domain.money import Money
from adapter.services.feed_check import FeedCheck
from adapter.store.database import Database
from adapter.store.feed_writing import StoredFeedWriter
from adapter.store.statements import StoredStatements
from tests.fakes import FakeClock, FakeCore, entry_details
from tests.services.conftest import NotedPayments, make_feeds

TODAY = dt.date(2026, 11, 20)
FROM, TO = dt.date(2026, 11, 1), dt.date(2026, 11, 19)
DAY = dt.timedelta(days=1)


class WrongFeed(FakeCore):
    """Its feed tells entries otherwise than its books and its statements have them."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__(clock)
        self.spoil: Callable[[EntryPage], EntryPage] = lambda page: page
        self.capable = True
        self.pending = 0
        self.refusal: str | None = None
        self.on_statement: Callable[[], object] = lambda: None

    def capabilities(self) -> Capabilities:
        return replace(super().capabilities(), can_order_statements=self.capable)

    def pull_entries(self, *args: Any) -> EntryPage:
        return self.spoil(super().pull_entries(*args))

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        if self.pending:
            self.pending -= 1
            return StatementPending(order_id=order_id, again_after_s=7.0)
        if self.refusal:
            return StatementRefused(order_id=order_id, code="closed", reason=self.refusal)
        answer = super().read_statement(order_id, deadline)
        self.on_statement()
        return answer


@pytest.fixture
def core(clock: FakeClock) -> WrongFeed:
    core = WrongFeed(clock)
    for ago in (1, 2, 3):
        core.bank.book("acc-1", entry_details(f"{ago}.00", day=TODAY - ago * DAY, number=str(ago)))
    return core


class Checked:
    def __init__(self, database: Database, core: WrongFeed, clock: FakeClock, account: Account) -> None:
        self.account = account
        self.pauses: list[float] = []
        self.service = FeedCheck(
            core=core,
            feeds=make_feeds(database, core, clock, NotedPayments()),
            writer=StoredFeedWriter(database),
            book=StoredStatements(database),
            read_timeout_s=2.0,
            pause=self.pauses.append,
        )

    def run(self, date_from: dt.date = FROM, date_to: dt.date = TO, seconds: float = 10) -> FeedCheckReport:
        return self.service.check(self.account, date_from, date_to, Deadline.after(seconds))

    def kinds(self, **period: dt.date) -> list[DifferenceKind]:
        return [one.kind for one in self.run(**period).differences]


@pytest.fixture
def checked(database: Database, core: WrongFeed, clock: FakeClock, accounts: Any, account_id: str) -> Checked:
    return Checked(database, core, clock, accounts.read_account(account_id))


def test_a_feed_that_was_read_whole_agrees(checked: Checked) -> None:
    report = checked.run()
    assert (report.holds, report.entries, report.differences) == (True, 3, ())


def test_the_time_of_a_former_customer_is_not_compared(checked: Checked, core: WrongFeed) -> None:
    core.spoil = lambda page: replace(page, entries=[])  # as where all was booked before the account was his
    assert not checked.run().holds
    checked.account = replace(checked.account, owned_from=TO + DAY)
    assert (checked.run().holds, checked.run().entries) == (True, 0)


def test_a_part_of_a_month_and_a_day_that_is_not_closed_agree(checked: Checked, core: WrongFeed) -> None:
    core.bank.book("acc-1", entry_details("9.00", day=TODAY))
    assert checked.run(TODAY - 2 * DAY, TODAY - 2 * DAY).entries == 1
    assert checked.run(TODAY - DAY, TODAY).holds
    assert checked.run(TODAY, TODAY).holds


def test_what_changed_and_what_was_removed_agrees(checked: Checked, core: WrongFeed) -> None:
    core_id = core.bank.book("acc-1", entry_details("5.00", day=TODAY - DAY))
    gone = core.bank.book("acc-1", entry_details("6.00", day=TODAY - DAY))
    assert checked.run().holds
    core.bank.change("acc-1", core_id, entry_details("5.50", day=TODAY - 2 * DAY))
    core.bank.remove("acc-1", gone)
    assert checked.run().holds


def test_an_entry_that_the_feed_never_told_is_missing(checked: Checked, core: WrongFeed) -> None:
    core.spoil = lambda page: replace(page, entries=page.entries[1:])
    assert checked.kinds() == [DifferenceKind.CLOSING, DifferenceKind.MISSING]
    (difference,) = checked.run().differences[1:]
    assert difference.details is not None
    assert difference.details.number == "1"


def test_an_entry_that_the_books_do_not_have_is_extra(checked: Checked, core: WrongFeed) -> None:
    gone = core.bank.book("acc-1", entry_details("8.00", day=TODAY - DAY))
    assert checked.run().holds
    core.spoil = lambda page: replace(page, entries=[one for one in page.entries if one.details])
    core.bank.remove("acc-1", gone)
    assert DifferenceKind.EXTRA in checked.kinds()


def test_an_entry_that_is_told_differently_names_its_fields(checked: Checked, core: WrongFeed) -> None:
    wrong = entry_details("1.00", day=TODAY - DAY, number="1", purpose="Другое")
    core.spoil = lambda page: replace(
        page,
        entries=[
            replace(one, details=wrong) if one.details and one.details.number == "1" else one for one in page.entries
        ],
    )
    (difference,) = checked.run().differences
    assert (difference.kind, difference.fields) == (DifferenceKind.DIFFERENT, ("purpose",))


def test_an_opening_balance_that_differs_is_told_with_both(checked: Checked, core: WrongFeed) -> None:
    core.spoil = lambda page: replace(
        page,
        closed_days=[
            replace(one, opening=Money(one.opening.amount + 1), closing=Money(one.closing.amount + 1))
            for one in page.closed_days
        ],
    )
    opening, closing = checked.run().differences
    assert (opening.kind, closing.kind) == (DifferenceKind.OPENING, DifferenceKind.CLOSING)
    assert opening.told is not None
    assert opening.held == Money(opening.told.amount + 1)


def test_an_entry_that_is_booked_while_we_look_is_no_difference(checked: Checked, core: WrongFeed) -> None:
    late = iter([entry_details("4.00", day=TODAY - DAY)])

    def book_once() -> None:
        for details in late:
            core.bank.book("acc-1", details)

    core.on_statement = book_once
    report = checked.run()
    assert (report.holds, report.entries) == (True, 4)


def test_a_statement_that_takes_time_is_asked_for_again(checked: Checked, core: WrongFeed) -> None:
    core.pending = 2
    assert checked.run().holds
    assert checked.pauses == [7.0, 7.0]


def test_a_statement_that_does_not_come_in_time_is_told(checked: Checked, core: WrongFeed) -> None:
    core.pending = 10**9
    with pytest.raises(CoreUnavailable, match="did not come in time"):
        checked.run(seconds=0.2)
    core.pending = 0
    assert checked.run().holds


def test_a_refused_statement_compares_nothing(checked: Checked, core: WrongFeed) -> None:
    core.refusal = "Счёт закрыт"
    report = checked.run()
    assert (report.holds, report.refusal, report.differences) == (False, "Счёт закрыт", ())
    core.refusal = None
    assert checked.run().holds


def test_a_core_without_statements_cannot_be_checked(checked: Checked, core: WrongFeed) -> None:
    core.capable = False
    with pytest.raises(CoreUnavailable, match="no statements"):
        checked.run()
    core.capable = True
    assert checked.run().holds


def test_each_look_is_an_order_of_its_own(checked: Checked, core: WrongFeed) -> None:
    orders: list[str] = []
    known = core.order_statement

    def note(order: CoreStatementOrder, deadline: Deadline) -> None:
        orders.append(order.id)
        known(order, deadline)

    core.order_statement = note  # type: ignore[method-assign]
    checked.run()
    checked.run()
    assert len(set(orders)) == 2
