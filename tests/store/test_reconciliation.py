"""What reconciliation asks costs as much as there is open or recent, not as much as there ever was."""

from __future__ import annotations

import datetime as dt

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql

from adapter.domain.reconciliation import MismatchKind
from adapter.store.database import Database
from adapter.store.reconciliation import QUERIES

GIVEN = {
    "settled_before": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "read_since": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
    "booked_since": dt.date(2026, 1, 1),
    "ended_since": dt.datetime(2026, 1, 1, tzinfo=dt.UTC),
}
# The index that a query begins at, or looks things up by; the first is of what is open or recent.
INDEXES = {
    MismatchKind.ENTRY_MISSING: "ix_payments_unbooked",
    MismatchKind.ENTRY_REMOVED: "ix_entries_removed",
    MismatchKind.ENTRIES_DOUBLED: "ix_entries_payment_day",
    MismatchKind.NOT_EXECUTED: "ix_payments_booked_early",
    MismatchKind.ENDED_BOOKED: "ix_payments_ended",
    MismatchKind.PAYMENT_UNKNOWN: "ix_entries_payment_day",
    MismatchKind.DIFFERS: "ix_entries_payment_day",
    MismatchKind.LOST_BY_CORE: "ix_outbox_lost",
    MismatchKind.ENTRY_OF_ANOTHER: "ix_entries_payment_day",
}


@pytest.mark.parametrize("kind", list(MismatchKind))
def test_a_query_can_begin_at_its_partial_index(postgres: Database, kind: MismatchKind) -> None:
    """On empty tables the planner is told not to read them whole: what it then uses is what it can use."""
    compiled = QUERIES[kind].params(GIVEN).compile(dialect=postgresql.dialect(), compile_kwargs={"literal_binds": True})
    with postgres.transaction() as tx:
        tx.exec_driver_sql("SET LOCAL enable_seqscan = off")
        if kind is MismatchKind.NOT_EXECUTED:  # empty, it is as good as the one that is meant
            tx.exec_driver_sql("DROP INDEX ix_payments_entry")
        plan = "\n".join(tx.execute(sa.text("EXPLAIN " + str(compiled).replace(":", r"\:"))).scalars())
    assert INDEXES[kind] in plan, plan
    assert "Seq Scan on payments" not in plan
    assert "Seq Scan on entries" not in plan
