"""Filling an empty sandbox bank with its sample people, accounts and a year of entries."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from adapter.connectors.records import dump_details
from adapter.connectors.sandbox import sample
from adapter.connectors.sandbox.calendar import DAY
from adapter.connectors.sandbox.ledger import signed_kopecks
from adapter.connectors.sandbox.life import YEAR_DAYS, live_a_year
from adapter.connectors.sandbox.marks import start_life
from adapter.connectors.sandbox.tables import accounts, customers, entries, mandates, users
from adapter.domain.moscow import moscow_day
from adapter.domain.statements import EntryDetails


def fill_if_empty(tx: Connection, now: dt.datetime) -> int:
    """Make the sample bank where there is none; answers how many entries it wrote (0: there was one)."""
    start_life(tx)
    if tx.execute(sa.select(sa.func.count()).select_from(customers)).scalar_one():
        return 0
    _insert_people(tx)
    return _insert_accounts(tx, moscow_day(now))


def _insert_people(tx: Connection) -> None:
    tx.execute(sa.insert(users), sample.read_rows("users"))
    tx.execute(sa.insert(customers), [_customer_row(row) for row in sample.read_rows("customers")])
    tx.execute(sa.insert(mandates), [_mandate_row(row) for row in sample.read_rows("mandates")])


def _insert_accounts(tx: Connection, today: dt.date) -> int:
    year = live_a_year(sample.accounts(), today)
    opened_on = today - YEAR_DAYS * DAY
    tx.execute(sa.insert(accounts), [_account_row(one, year.get(one.id, []), opened_on) for one in sample.accounts()])
    rows = [
        _entry_row(account_id, number, details)
        for account_id, booked in year.items()
        for number, details in enumerate(booked, start=1)
    ]
    tx.execute(sa.insert(entries), rows)
    return len(rows)


def _customer_row(row: sample.Row) -> dict[str, Any]:
    return {**row, "kpp": row["kpp"] or None, "signatures_needed": int(row["signatures_needed"])}


def _mandate_row(row: sample.Row) -> dict[str, Any]:
    return {
        **row,
        "may_sign": row["may_sign"] == "1",
        "may_give_consent": row["may_give_consent"] == "1",
        "reason": row["reason"] or None,
    }


def _account_row(account: sample.SampleAccount, booked: list[EntryDetails], opened_on: dt.date) -> dict[str, Any]:
    return {
        "id": account.id,
        "customer_id": account.customer_id,
        "number": account.number,
        "bic": sample.SANDBOX_BIC,
        "currency": "RUB",
        "name": account.name,
        "status": account.status,
        "can_be_shared": account.can_be_shared,
        "reason": account.reason,
        "opened_on": opened_on,
        "opening_kopecks": account.opening_kopecks,
        "booked_kopecks": account.opening_kopecks + sum(signed_kopecks(details) for details in booked),
        "change_no": len(booked),
    }


def _entry_row(account_id: str, number: int, details: EntryDetails) -> dict[str, Any]:
    return {
        "account_id": account_id,
        "change_no": number,
        "core_id": f"{account_id}-{number}",
        "is_current": True,
        "booking_date": details.booking_date,
        "touched_from": details.booking_date,
        "kopecks": signed_kopecks(details),
        "document_id": None,
        "details": dump_details(details),
    }
