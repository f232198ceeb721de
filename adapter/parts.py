"""Composition: settings → database and core → use cases (`use_cases.py`): everything that a process holds open.

Only these two modules and those above them see settings and more than one edge.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

import oauth
from adapter.connectors import Core, open_core
from adapter.domain.origins import OriginSeal
from adapter.ports import Clock
from adapter.services import Services
from adapter.services.accounts import AccountDirectory
from adapter.services.delivery import Delivery
from adapter.services.feed_check import FeedCheck
from adapter.services.statement_making import StatementMaker
from adapter.services.worker_lanes import LaneTeller
from adapter.settings import BadSettings, Settings
from adapter.store.contract_alarms import ContractAlarms
from adapter.store.database import Database, open_database
from adapter.store.outbox import Outbox
from adapter.store.worker_lanes import WorkerLanes
from adapter.use_cases import (
    Opened,
    open_delivery,
    open_directory,
    open_feed_check,
    open_feeds,
    open_maker,
    open_services,
)


class SystemClock:
    """Meets `ports.Clock`."""

    def now(self) -> datetime:
        return datetime.now(UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """Everything that a process holds open."""

    settings: Settings
    clock: Clock
    database: Database
    core: Core
    services: Services
    directory: AccountDirectory
    delivery: Delivery
    maker: StatementMaker
    feed_check: FeedCheck
    lane_teller: LaneTeller

    def close(self) -> None:
        self.core.close()
        self.database.close()

    def connected_accounts(self) -> Sequence[str]:
        """Accounts that some partner may read statements of now."""
        with self.database.reading() as connection:
            return sorted(oauth.list_connected_accounts(connection, now=self.clock.now()))

    def shared_accounts(self) -> Sequence[str]:
        """Accounts that some partner may use now, for whatever."""
        with self.database.reading() as connection:
            return sorted(oauth.list_shared_accounts(connection, now=self.clock.now()))


def open_parts(settings: Settings, clock: Clock | None = None, core: Core | None = None) -> Parts:
    """Open the database and the core and build the use cases; tests give their own clock and core.

    Raises BadSettings.
    """
    opened = _open_base(settings, clock or SystemClock(), core)
    errands = Outbox(
        opened.database,
        opened.clock,
        oauth.list_payment_permits,
        OriginSeal(settings.secret_key),
        oauth.find_consent_owner,
    )
    directory = open_directory(opened)
    services = open_services(opened, open_feeds(opened, errands, directory))
    return Parts(
        settings=settings,
        clock=opened.clock,
        database=opened.database,
        core=opened.core,
        services=services,
        directory=directory,
        delivery=open_delivery(opened, errands),
        maker=open_maker(opened, services.statements),
        feed_check=open_feed_check(opened, services.feeds),
        lane_teller=LaneTeller(
            process=opened.process,
            list_lanes=opened.core.lanes,
            book=WorkerLanes(opened.database),
            clock=opened.clock,
        ),
    )


def _open_base(settings: Settings, clock: Clock, core: Core | None) -> Opened:
    database = open_database(settings.database_url, settings.database_pool_size)
    contract = ContractAlarms(database, clock)
    return Opened(
        settings=settings,
        clock=clock,
        database=database,
        contract=contract,
        core=core or _open_core(settings, clock, database, contract),
        process=f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[:64],
    )


def _open_core(settings: Settings, clock: Clock, database: Database, contract: ContractAlarms) -> Core:
    reader, writer = database.reader, database.writer
    try:
        return open_core(settings, clock=clock, reader=reader, writer=writer, note_wrong=contract.note)
    except ValueError as error:
        raise BadSettings(f"the core cannot be opened: {error}") from error
