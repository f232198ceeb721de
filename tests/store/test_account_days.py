"""Closed days: what is proven, what stops completeness, what raises an alarm."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from adapter.domain.core import CoreEntry
from adapter.domain.statements import Direction
from adapter.store.database import Database
from adapter.store.feed import StoredFeed
from adapter.store.tables import alarms
from tests.fakes import entry_details
from tests.store.feed_bank import FeedBank, day_totals

MONDAY, TUESDAY, WEDNESDAY = (dt.date(2026, 11, day) for day in (16, 17, 18))


def entry(core_id: str, amount: str, day: dt.date, direction: Direction = Direction.CREDIT) -> CoreEntry:
    return CoreEntry(core_id=core_id, details=entry_details(amount, direction, day))


def complete_through(database: Database, bank: FeedBank) -> dt.date | None:
    return StoredFeed(database).list_heads([bank.account.id])[0].complete_through


def alarmed(database: Database) -> list[str]:
    with database.reading() as connection:
        return [row.subject[-10:] for row in connection.execute(sa.select(alarms).order_by(alarms.c.id))]


def test_days_that_add_up_and_follow_one_another_are_complete(database: Database) -> None:
    bank = FeedBank(database)
    bank.tell(
        entry("a", "10.00", MONDAY),
        entry("b", "3.00", TUESDAY, Direction.DEBIT),
        days=[day_totals(MONDAY, "0.00", "10.00"), day_totals(TUESDAY, "10.00", "7.00")],
    )
    assert complete_through(database, bank) == TUESDAY
    assert alarmed(database) == []


def test_a_day_whose_entries_come_in_a_later_page_is_proven_only_then(database: Database) -> None:
    bank = FeedBank(database)
    bank.tell(days=[day_totals(MONDAY, "0.00", "10.00")], has_more=True)
    assert complete_through(database, bank) is None
    bank.tell(entry("a", "10.00", MONDAY))
    assert complete_through(database, bank) == MONDAY
    assert alarmed(database) == []


def test_a_gap_between_two_days_that_add_up_is_found(database: Database) -> None:
    """A day that the core forgot whole, entries and totals, shows in the balances around it."""
    bank = FeedBank(database)
    bank.tell(
        entry("a", "10.00", MONDAY),
        entry("c", "1.00", WEDNESDAY),
        days=[day_totals(MONDAY, "0.00", "10.00"), day_totals(WEDNESDAY, "15.00", "16.00")],
    )
    assert complete_through(database, bank) == MONDAY
    assert alarmed(database) == ["2026-11-18"]
    bank.tell(entry("b", "5.00", TUESDAY), days=[day_totals(TUESDAY, "10.00", "15.00")])
    assert complete_through(database, bank) == WEDNESDAY


def test_a_late_entry_opens_the_question_again_until_the_core_closes_the_day_anew(database: Database) -> None:
    bank = FeedBank(database)
    bank.tell(days=[day_totals(day, "0.00", "0.00") for day in (MONDAY, TUESDAY, WEDNESDAY)])
    assert complete_through(database, bank) == WEDNESDAY
    bank.tell(entry("late", "1.00", TUESDAY))
    assert complete_through(database, bank) == MONDAY
    assert alarmed(database) == ["2026-11-17"]
    bank.tell()
    assert alarmed(database) == ["2026-11-17"]  # the same state says nothing new
    bank.tell(days=[day_totals(TUESDAY, "0.00", "1.00"), day_totals(WEDNESDAY, "1.00", "1.00")])
    assert complete_through(database, bank) == WEDNESDAY


def test_a_day_restated_alone_breaks_the_chain_of_the_days_after_it(database: Database) -> None:
    bank = FeedBank(database)
    bank.tell(days=[day_totals(MONDAY, "0.00", "0.00"), day_totals(TUESDAY, "0.00", "0.00")])
    bank.tell(entry("late", "1.00", MONDAY), days=[day_totals(MONDAY, "0.00", "1.00")])
    assert complete_through(database, bank) == MONDAY
    bank.tell()
    assert complete_through(database, bank) == MONDAY
    bank.tell(days=[day_totals(TUESDAY, "1.00", "1.00")])
    assert complete_through(database, bank) == TUESDAY


def test_while_a_change_of_closed_days_is_half_here_they_are_not_promised(database: Database) -> None:
    bank = FeedBank(database)
    bank.tell(
        entry("a", "10.00", MONDAY),
        days=[day_totals(MONDAY, "0.00", "10.00"), day_totals(TUESDAY, "10.00", "10.00")],
    )
    assert complete_through(database, bank) == TUESDAY
    bank.tell(entry("open", "1.00", WEDNESDAY), has_more=True)
    assert complete_through(database, bank) == TUESDAY
    bank.tell(entry("b", "5.00", TUESDAY), has_more=True)
    assert complete_through(database, bank) == MONDAY
    bank.tell(entry("c", "1.00", TUESDAY), days=[day_totals(TUESDAY, "10.00", "16.00")])
    assert complete_through(database, bank) == TUESDAY
    assert alarmed(database) == []


def test_a_broken_day_costs_nothing_while_nothing_comes(database: Database) -> None:
    bank = FeedBank(database)
    bank.tell(days=[day_totals(MONDAY, "0.00", "10.00")])
    assert alarmed(database) == ["2026-11-16"]
    summed: list[str] = []
    sa.event.listen(
        database.writer, "before_cursor_execute", lambda *call: summed.append(call[2]) if "sum(" in call[2] else None
    )
    bank.tell()
    assert (summed, complete_through(database, bank)) == ([], None)
    bank.tell(entry("a", "10.00", MONDAY))
    assert (len(summed), complete_through(database, bank)) == (1, MONDAY)
