"""Opening the sandbox bank with all its parts."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Blueprint

from adapter.connectors.sandbox import acts, documents, seed
from adapter.connectors.sandbox.bank import SandboxBank
from adapter.connectors.sandbox.database import SandboxDatabase, open_sandbox_database
from adapter.connectors.sandbox.handover import Handover
from adapter.connectors.sandbox.login import SandboxLogin
from adapter.connectors.sandbox.web.blueprint import build_blueprint
from adapter.ports import Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class Sandbox:
    database: SandboxDatabase
    banking: SandboxBank
    login: SandboxLogin
    clock: Clock
    base_url: str
    bank_name: str
    handover: Handover | None = None  # only where the bank is served apart from its adapter

    @property
    def blueprint(self) -> Blueprint:
        """All pages under /sandbox."""
        return build_blueprint(self)

    def clock_step(self) -> int:
        """Execute or reject what is signed; answers how many orders."""
        with self.database.reading() as connection:
            if not documents.list_signed(connection):
                return 0  # a look takes no lock; the clock strikes every second
        with self.database.transaction() as tx:
            return acts.execute_signed(tx, self.clock.now())


def open_sandbox(
    database_url: str, *, base_url: str, bank_name: str, clock: Clock, handover: Handover | None = None
) -> Sandbox:
    """Open the bank; an empty one is filled with its sample customers and a year of entries."""
    database = open_sandbox_database(database_url)
    with database.transaction() as tx:
        seed.fill_if_empty(tx, clock.now())
    return Sandbox(
        database=database,
        banking=SandboxBank(database, clock, base_url),
        login=SandboxLogin(database, clock, base_url),
        clock=clock,
        base_url=base_url,
        bank_name=bank_name,
        handover=handover,
    )
