"""The sandbox bank's invented people, companies and banks, read from the CSV files beside this module.

Names are invented; INN, KPP, account keys and bics are well-formed.  A test checks every one of them.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from adapter.domain.parties import Counterparty

FOLDER = Path(__file__).parent
Row = dict[str, str]

SANDBOX_BIC = "044525987"


@dataclass(frozen=True, slots=True, kw_only=True)
class SampleAccount:
    """`life` names what goes on there (see `life.py`), `activity` how much of it, 1 being lively."""

    id: str
    customer_id: str
    number: str
    name: str
    status: str
    can_be_shared: bool
    reason: str | None
    life: str
    activity: float
    opening_kopecks: int


def bank_directory() -> bytes:
    """The banks of the sandbox's world and some that everybody knows, as the Bank of Russia's message ED807."""
    return (FOLDER / "ed807.xml").read_bytes()


def read_rows(name: str) -> list[Row]:
    """All rows of a file, as texts by column."""
    with (FOLDER / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@cache
def accounts() -> tuple[SampleAccount, ...]:
    return tuple(_account(row) for row in read_rows("accounts"))


@cache
def counterparties(role: str) -> tuple[Counterparty, ...]:
    """Everybody outside the bank in one role: buyer, supplier, landlord, telecom, energy, marketplace, acquirer."""
    banks = {row["bic"]: row for row in read_rows("banks")}
    return tuple(_counterparty(row, banks[row["bic"]]) for row in read_rows("counterparties") if row["role"] == role)


def bank_itself() -> Counterparty:
    """The sandbox bank, as it stands in its own fees."""
    return counterparties("bank")[0]


def _account(row: Row) -> SampleAccount:
    return SampleAccount(
        id=row["id"],
        customer_id=row["customer_id"],
        number=row["number"],
        name=row["name"],
        status=row["status"],
        can_be_shared=row["can_be_shared"] == "1",
        reason=row["reason"] or None,
        life=row["life"],
        activity=float(row["activity"]),
        opening_kopecks=int(row["opening_rubles"]) * 100,
    )


def _counterparty(row: Row, bank: Row) -> Counterparty:
    return Counterparty(
        name=row["name"],
        inn=row["inn"],
        kpp=row["kpp"] or None,
        account=row["account"],
        bic=row["bic"],
        bank_name=bank["name"],
        correspondent_account=bank["correspondent_account"],
    )
