"""Answers that break the core's contract: one alarm while they last, whoever meets them and however often."""

from __future__ import annotations

import datetime as dt

import sqlalchemy as sa

from adapter.store.contract_alarms import ContractAlarms
from adapter.store.database import Database
from adapter.store.tables import alarms
from tests.fakes import FakeClock


def told(database: Database) -> list[tuple[str, str]]:
    with database.reading() as connection:
        rows = connection.execute(sa.select(alarms).where(alarms.c.kind == "core_contract").order_by(alarms.c.id))
        return [(row.subject, row.detail) for row in rows]


def acknowledge(database: Database, at: dt.datetime) -> None:
    with database.transaction() as tx:
        tx.execute(alarms.update().values(acknowledged_at=at))


def test_one_alarm_of_a_kind_while_it_lasts(database: Database, clock: FakeClock) -> None:
    contract = ContractAlarms(database, clock)
    for _ in range(10):
        contract.note("accounts", "the core answered 404")
        clock.advance(minutes=10)
    contract.note("users", "/customers: absent")
    ContractAlarms(database, clock).note("accounts", "the core answered 404")  # another process
    assert told(database) == [("accounts", "the core answered 404"), ("users", "/customers: absent")]


def test_who_knows_of_it_is_not_told_again_until_it_was_over(database: Database, clock: FakeClock) -> None:
    contract = ContractAlarms(database, clock)
    contract.note("accounts", "the core answered 404")
    acknowledge(database, clock.now())
    for _ in range(10):
        clock.advance(minutes=10)
        contract.note("accounts", "the core answered 404")
    assert len(told(database)) == 1
    clock.advance(minutes=16)
    contract.note("accounts", "the core answered 404")
    assert len(told(database)) == 2
