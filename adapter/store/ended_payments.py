"""Payments that ended in refusal, withdrawal or expiry, and whose money moved all the same: the entry is there.

The core may have named the payment; else an entry that names none and fits by its fields counts, unless another payment
still waits for just such an entry.  A part of `reconciliation.py`.
"""

from __future__ import annotations

from typing import Any

import sqlalchemy as sa

from adapter.domain.reconciliation import is_booking_of
from adapter.schemas.orders import load_stored_order
from adapter.store.entry_json import load_details
from adapter.store.matching import booking_days, is_present
from adapter.store.tables import entries, payments

# Written as text: these are the conditions of partial indexes.
HAS_ENDED = sa.text("payments.status IN ('rejected', 'cancelled', 'expired')")
HAS_NOT_ENDED = sa.text("payments.status NOT IN ('rejected', 'cancelled', 'expired')")
UNEXECUTED_WITH_ENTRY = sa.text("payments.status <> 'executed' AND payments.entry_id IS NOT NULL")
_ENDED_WITHOUT_ENTRY = sa.text("payments.status IN ('rejected', 'cancelled', 'expired') AND payments.entry_id IS NULL")
_IS_UNNAMED_DEBIT = sa.text("entries.direction = 'debit' AND entries.payment_id IS NULL AND entries.superseded IS NULL")
_STILL_WAITS = sa.text(
    "(rival.status IN ('awaiting_signature', 'signed', 'in_process')"
    " OR (rival.status = 'executed' AND rival.entry_id IS NULL))"
)

_rival = payments.alias("rival")
_FIELDS = ("number", "date", "amount")  # of an order: by these and its payee a person calls two payments the same
# It is the entry's account that is compared: so others are looked for where an entry was found, not for each payment.
_IS_ANOTHERS = sa.exists().where(
    _rival.c.account_id == entries.c.account_id,
    _STILL_WAITS,
    *[_rival.c.order[name].as_string() == payments.c.order[name].as_string() for name in _FIELDS],
)
_IS_LINKED = sa.exists().where(_rival.c.entry_id == entries.c.entry_id)
_KOPECKS = sa.cast(sa.func.replace(payments.c.order["amount"].as_string(), ".", ""), sa.BigInteger)

_PAYMENT = (
    payments.c.id.label("subject"),
    payments.c.account_id,
    payments.c.id.label("payment_id"),
    payments.c.order,
    payments.c.edited_in_bank,
    payments.c.created_at,
    payments.c.updated_at,
    entries.c.entry_id,
)
_NAMED = (
    sa.select(*_PAYMENT, sa.cast(sa.null(), sa.Text).label("details"))
    .select_from(payments.join(entries, entries.c.entry_id == payments.c.entry_id))
    .where(UNEXECUTED_WITH_ENTRY, HAS_ENDED, is_present(entries))
)
_ALIKE = (
    sa.select(*_PAYMENT, entries.c.details)
    .select_from(payments.join(entries, entries.c.account_id == payments.c.account_id))
    .where(
        _ENDED_WITHOUT_ENTRY,
        payments.c.updated_at >= sa.bindparam("ended_since"),
        entries.c.booking_date >= sa.bindparam("booked_since"),
        _IS_UNNAMED_DEBIT,
        entries.c.kopecks == _KOPECKS,
        sa.not_(entries.c.removed),
        sa.not_(_IS_LINKED),
        sa.not_(_IS_ANOTHERS),
    )
)
BOOKED_THOUGH_ENDED = sa.union_all(_NAMED, _ALIKE)


def may_be_booking(row: Any) -> bool:
    """A closer look at a row of BOOKED_THOUGH_ENDED; where the core names the payment none is needed."""
    if row.details is None:
        return True
    details = load_details(row.details)
    first, last = booking_days(row.created_at, row.updated_at)
    is_in_time = first <= details.booking_date <= last
    return is_in_time and is_booking_of(load_stored_order(row.order), row.edited_in_bank, details)
