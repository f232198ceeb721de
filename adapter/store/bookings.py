"""Booked entries that name our payments.  Meets a part of `ports.BookedPayments`.

An entry is its payment's booking only on the payment's own account: what is told of any other account is another
customer's business, whatever document id it carries, and a person hears of it.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping

import sqlalchemy as sa
import structlog
from sqlalchemy.engine import Connection

from adapter.domain.alarms import AlarmKind, dump_facts
from adapter.store.alarms import raise_once
from adapter.store.fates import link_entries
from adapter.store.lists import is_one_of
from adapter.store.tables import payments

log = structlog.get_logger("adapter.bookings")

_OF_OTHER_ACCOUNTS = sa.select(payments.c.id).where(
    is_one_of(payments.c.id, "ids"), payments.c.account_id != sa.bindparam("account_id")
)


def note_booked(tx: Connection, account_id: str, entry_ids: Mapping[str, str], now: dt.datetime) -> None:
    """Link payments of this account to their entries (payment id → entry id); an alarm for each that is another's."""
    asked = {"ids": sorted(entry_ids), "account_id": account_id}
    foreign = set(tx.scalars(_OF_OTHER_ACCOUNTS, asked))
    link_entries(tx, {one: entry_id for one, entry_id in entry_ids.items() if one not in foreign}, now)
    if foreign:
        told = {entry_ids[one]: dump_facts(account=account_id, payment=one) for one in foreign}
        raise_once(tx, AlarmKind.FOREIGN_ENTRY, told, now)
        log.error("an entry names a payment of another account", account=account_id, payments=sorted(foreign))
