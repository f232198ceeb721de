"""Opening the SQL core."""

from __future__ import annotations

from dataclasses import dataclass

from adapter.connectors.sql.bank import SqlBank
from adapter.connectors.sql.database import BankDatabase
from adapter.ports import Clock


@dataclass(frozen=True, slots=True)
class SqlCore:
    banking: SqlBank
    database: BankDatabase


def open_sql_core(url: str, *, clock: Clock, calls_max: int) -> SqlCore:
    """Connections are made when they are needed, as many as there may be calls at once.  Raises ValueError."""
    if not url:
        raise ValueError("the SQL core needs BANK_ADAPTER_CORE_SQL_URL")
    database = BankDatabase(url, pool_size=2 * calls_max)  # readers and senders have lanes of their own
    return SqlCore(banking=SqlBank(database, clock), database=database)
