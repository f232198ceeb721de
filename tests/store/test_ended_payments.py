"""What is asked about ended payments costs as much as there are of them, not as there are payments and entries."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa

from adapter.store.database import Database
from adapter.store.ended_payments import BOOKED_THOUGH_ENDED
from adapter.store.tables import entries, payments
from tests.payment_desk import Desk
from tests.store.test_feed_cost import explain

ENDED, PAID = 100, 3000


def test_neither_all_payments_nor_all_entries_of_an_account_are_read_for_each_ended_payment(
    database: Database,
) -> None:
    desk = Desk(database)
    desk.submit(desk.order("inv-1"))
    now = desk.clock.now()
    with database.transaction() as tx:
        one = dict(tx.execute(sa.select(payments)).mappings().one())
        ended = [copy(one, place) | {"status": "rejected"} for place in range(ENDED)]
        paid = [
            copy(one, place) | {"status": "executed", "entry_id": f"ent_{place}"}
            for place in range(ENDED, ENDED + PAID)
        ]
        tx.execute(payments.insert(), ended + paid)
        tx.execute(
            entries.insert(), [an_entry(desk.account_id, now.date(), place) for place in range(ENDED, ENDED + PAID)]
        )
    since = now - dt.timedelta(days=35)
    plan = explain(database, BOOKED_THOUGH_ENDED, {"ended_since": since, "booked_since": since.date()})
    assert "ix_entries_unnamed" in plan, plan
    assert "ix_payments_waiting" in plan, plan
    for table in ("payments", "rival", "entries"):
        assert f"SCAN {table}" not in plan, plan
    assert "Seq Scan on entries" not in plan, plan


def copy(one: Mapping[str, Any], place: int) -> dict[str, Any]:
    return dict(one) | {"id": f"pay_{place}", "external_id": f"x-{place}", "number": 100 + place}


def an_entry(account_id: str, day: dt.date, place: int) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "number": place,
        "entry_id": f"ent_{place}",
        "version": 1,
        "added_number": place,
        "removed": False,
        "booking_date": day,
        "first_booking_date": day,
        "direction": "debit",
        "kopecks": 100 + place,
        "details": "{}",
    }
