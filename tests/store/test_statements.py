"""Statements: totals always agree with entries and balances, whatever was changed and whatever changes meanwhile."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.domain.core import CoreEntry
from adapter.domain.errors import CoreUnavailable
from adapter.domain.money import Money
from adapter.domain.statements import Direction
from adapter.store import statements as module
from adapter.store.database import Database
from adapter.store.statements import StoredStatements
from tests.fakes import entry_details
from tests.readers import ALL_HISTORY
from tests.store.feed_bank import FeedBank, day_totals

FIRST = dt.date(2026, 11, 1)
DAYS = st.integers(0, 9).map(lambda n: FIRST + dt.timedelta(days=n))
CHANGES = st.lists(
    st.tuples(
        st.sampled_from("abcdef"),
        st.none() | st.tuples(st.integers(1, 10**6), st.sampled_from(Direction), DAYS),
    ),
    max_size=12,
)


def entry(core_id: str, kopecks: int, direction: Direction, day: dt.date) -> CoreEntry:
    details = entry_details("1.00", direction, day, purpose=core_id)
    return CoreEntry(core_id=core_id, details=replace(details, amount=Money.from_kopecks(kopecks)))


def signed(one: tuple[int, Direction, dt.date]) -> int:
    return one[0] if one[1] is Direction.CREDIT else -one[0]


@given(changes=CHANGES, period=st.tuples(DAYS, DAYS), closed=st.integers(0, 10), data=st.data())
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
def test_opening_and_entries_give_closing(
    database: Database,
    changes: list[tuple[str, Any]],
    period: tuple[dt.date, dt.date],
    closed: int,
    data: st.DataObject,
) -> None:
    bank, live = FeedBank(database), {}
    for core_id, value in changes:
        if value is None:
            live.pop(core_id, None)
        else:
            live[core_id] = value
        bank.tell(CoreEntry(core_id=core_id, details=None) if value is None else entry(core_id, *value))

    def balance_before(day: dt.date) -> int:
        return 500 + sum(signed(one) for one in live.values() if one[2] < day)

    known = data.draw(st.sets(st.integers(0, 9), max_size=closed))
    totals = []
    for n in sorted(known):
        day = FIRST + dt.timedelta(days=n)
        opening, closing = (Money.from_kopecks(balance_before(day + dt.timedelta(days=k))) for k in (0, 1))
        totals.append(day_totals(day, str(opening), str(closing)))
    bank.tell(days=totals, booked=str(Money.from_kopecks(balance_before(dt.date.max))))
    first, last = sorted(period)
    reading = StoredStatements(database).read_statement(bank.account, first, last, ALL_HISTORY)
    statement, entries = reading.statement, list(reading.statement.entries)
    assert statement.opening_balance.kopecks == balance_before(first)
    assert statement.closing_balance.kopecks == balance_before(last + dt.timedelta(days=1))
    assert (
        statement.opening_balance.amount + statement.total_credits.amount - statement.total_debits.amount
        == statement.closing_balance.amount
    )
    inside = {core_id: one for core_id, one in live.items() if first <= one[2] <= last}
    assert sorted(one.details.purpose for one in entries) == sorted(inside)
    assert [one.details.booking_date for one in entries] == sorted(one[2] for one in inside.values())
    assert statement.total_credits.amount == sum(
        (one.details.amount.amount for one in entries if one.details.direction is Direction.CREDIT), Decimal(0)
    )


def test_a_long_statement_is_one_frozen_state_while_entries_change(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_BATCH", 2)
    monkeypatch.setattr(module, "_ENTRIES", module._ENTRIES.limit(2))
    bank = FeedBank(database)
    bank.tell(*(entry(f"{n}", 100, Direction.CREDIT, FIRST) for n in range(7)), booked="7.00")
    reading = StoredStatements(database).read_statement(bank.account, FIRST, FIRST, ALL_HISTORY)
    seen = []
    for text in reading.entry_texts:
        seen.append(json.loads(text)["purpose"])
        if len(seen) == 2:
            changed = [entry("5", 900, Direction.DEBIT, FIRST), CoreEntry(core_id="6", details=None)]
            bank.tell(*changed, entry("new", 100, Direction.CREDIT, FIRST), booked="-3.00")
    assert seen == [str(n) for n in range(7)]
    assert str(reading.statement.closing_balance) == "7.00"
    after = StoredStatements(database).read_statement(bank.account, FIRST, FIRST, ALL_HISTORY)
    assert [one.details.purpose for one in after.statement.entries] == ["0", "1", "2", "3", "4", "5", "new"]


def test_without_any_balance_there_is_no_statement(database: Database) -> None:
    bank = FeedBank(database)
    with pytest.raises(CoreUnavailable):
        StoredStatements(database).read_statement(bank.account, FIRST, FIRST, ALL_HISTORY)
    bank.tell()
    with pytest.raises(CoreUnavailable):
        StoredStatements(database).read_statement(bank.account, FIRST, FIRST, ALL_HISTORY)
    bank.tell(booked="0.00")
    assert StoredStatements(database).read_statement(bank.account, FIRST, FIRST, ALL_HISTORY)
    bank.tell(entry("later", 100, Direction.CREDIT, FIRST))  # the balance was read before it
    with pytest.raises(CoreUnavailable):
        StoredStatements(database).read_statement(bank.account, FIRST, FIRST, ALL_HISTORY)
