"""Executed payments whose entry the core did not name: found by number, date, amount and payee's account.

A payment and an entry are linked only where each is the other's one candidate; anything less is left to a person.
Until the time is over within which the payment's own entry comes, and the feed was read after it, the one candidate may
be a foreign entry: a payment of the same number, date, amount and payee that the customer made by hand.

A payment whose entry was taken away is looked for again at once: banks tell an entry anew with its number written
otherwise.
"""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.domain.moscow import moscow_day
from adapter.domain.reconciliation import Horizon, expected_amount, is_booking_of
from adapter.schemas.orders import load_stored_order
from adapter.store.entry_json import load_details
from adapter.store.fates import link_entries
from adapter.store.tables import entries, feeds, payments

MATCHED_MAX = 1000  # in a round, the latest executed first
BOOKED_EARLY = dt.timedelta(days=1)  # before the payment came here: clocks differ
BOOKED_LATE = dt.timedelta(days=30)  # after the last word about it

# Written as text: these are the conditions of partial indexes.
EXECUTED = sa.text("payments.status = 'executed'")
UNBOOKED = sa.text("payments.status = 'executed' AND payments.entry_id IS NULL")

_PAYMENT = (
    payments.c.id,
    payments.c.account_id,
    payments.c.entry_id,
    payments.c.order,
    payments.c.edited_in_bank,
    payments.c.created_at,
    payments.c.updated_at,
)
_WAITING = (
    sa.select(*_PAYMENT)
    .join(feeds, feeds.c.account_id == payments.c.account_id)
    .where(
        UNBOOKED,
        payments.c.updated_at <= sa.bindparam("settled_before"),
        feeds.c.read_at >= sa.bindparam("read_since"),
    )
    .order_by(payments.c.updated_at.desc())
    .limit(MATCHED_MAX)
)

_other = entries.alias("other")


def is_present(table: Any) -> sa.ColumnElement[bool]:
    """The entry's present version, not taken away."""
    return sa.and_(table.c.superseded.is_(None), sa.not_(table.c.removed))


def books(table: Any, payment_id: Any) -> sa.ColumnElement[bool]:
    """The entry is a booking of the payment; money that comes back under its name is not."""
    return sa.and_(table.c.payment_id == payment_id, table.c.direction == "debit", is_present(table))


# Executed payments whose entry was taken away and that no other entry names.
HAS_LOST_ENTRY = sa.and_(
    sa.text("entries.removed"),
    entries.c.superseded.is_(None),
    EXECUTED,
    sa.not_(sa.exists().where(books(_other, payments.c.id)).correlate(payments)),
)
_BEREFT = (
    sa.select(*_PAYMENT)
    .select_from(entries.join(payments, payments.c.entry_id == entries.c.entry_id))
    .where(HAS_LOST_ENTRY)
    .limit(MATCHED_MAX)
)
_CANDIDATES = sa.select(entries.c.entry_id, entries.c.details).where(
    entries.c.account_id == sa.bindparam("account"),
    entries.c.booking_date.between(sa.bindparam("first"), sa.bindparam("last")),
    entries.c.direction == "debit",
    entries.c.kopecks == sa.bindparam("kopecks"),
    entries.c.payment_id.is_(None),
    entries.c.superseded.is_(None),
    sa.not_(entries.c.removed),
    sa.not_(sa.exists().where(payments.c.entry_id == entries.c.entry_id)),
)


def booking_days(created_at: dt.datetime, updated_at: dt.datetime) -> tuple[dt.date, dt.date]:
    """Between which Moscow days the entry of a payment may be booked."""
    return moscow_day(created_at - BOOKED_EARLY), moscow_day(updated_at + BOOKED_LATE)


def link_by_fields(tx: Connection, horizon: Horizon) -> int:
    """Link what meets one to one; answers how many payments."""
    settled = {"settled_before": horizon.settled_before, "read_since": horizon.read_since}
    waiting = [*tx.execute(_WAITING, settled).all(), *tx.execute(_BEREFT).all()]
    candidates = {row.id: _list_candidates(tx, row) for row in waiting}
    wanted = Counter(entry_id for found in candidates.values() for entry_id in found)
    pairs = {
        payment_id: found[0] for payment_id, found in candidates.items() if len(found) == 1 and wanted[found[0]] == 1
    }
    if pairs:
        link_entries(tx, pairs, horizon.now)
    return len(pairs)


def _list_candidates(tx: Connection, row: Any) -> Sequence[str]:
    order = load_stored_order(row.order)
    amount = expected_amount(order.amount, row.edited_in_bank)
    first, last = booking_days(row.created_at, row.updated_at)
    span = {
        "account": row.account_id,
        "first": first,
        "last": last,
        "kopecks": amount.kopecks,
    }
    found = tx.execute(_CANDIDATES, span).all()
    had_entry = row.entry_id is not None
    return [
        one.entry_id
        for one in found
        if is_booking_of(order, row.edited_in_bank, load_details(one.details), may_lack_number=had_entry)
    ]
