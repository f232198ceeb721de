"""Composition: settings → core, store → services.

Only this module and those above it see settings and more than one edge; every part gets its values by constructor.
"""

from __future__ import annotations

import os
import secrets
import socket
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import oauth
from adapter.api.shapes import render_file
from adapter.connectors import Core, open_core
from adapter.domain.origins import OriginSeal
from adapter.formats.order_values import read_order_values
from adapter.ports import Clock
from adapter.services import Services
from adapter.services.accounts import AccountDirectory, Accounts
from adapter.services.core_link import CoreLinks
from adapter.services.core_watch import CoreWatch
from adapter.services.delivery import Delivery
from adapter.services.feed_check import FeedCheck
from adapter.services.feeds import Feeds
from adapter.services.order_check import OrderCheck
from adapter.services.payments import Payments
from adapter.services.reconciliation import Reconciliation
from adapter.services.standing_drafts import StandingDrafts
from adapter.services.statement_making import StatementMaker
from adapter.services.statement_orders import StatementOrders
from adapter.services.statements import Statements
from adapter.services.stuck_documents import StuckDocuments
from adapter.services.worker_lanes import LaneReader, LaneTeller
from adapter.settings import BadSettings, Settings
from adapter.staff_acts import record_alarm_act, record_document_act
from adapter.store.accounts import StoredAccounts
from adapter.store.banks import StoredBanks
from adapter.store.contract_alarms import ContractAlarms
from adapter.store.core_link import CoreLinkRecords
from adapter.store.database import Database, open_database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from adapter.store.outbox import Outbox
from adapter.store.payments import PaymentRecords
from adapter.store.reconciliation import ReconciliationRecords
from adapter.store.standing_drafts import StandingDraftRecords
from adapter.store.statement_making import StatementMakings
from adapter.store.statement_orders import StatementOrderRecords
from adapter.store.statements import StoredStatements
from adapter.store.stuck_documents import StuckDocuments as StoredStuckDocuments
from adapter.store.worker_lanes import WorkerLanes


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
    clock = clock or SystemClock()
    database = open_database(settings.database_url, settings.database_pool_size)
    contract = ContractAlarms(database, clock)
    core = core or _open_core(settings, clock, database, contract)
    errands = Outbox(
        database, clock, oauth.list_payment_permits, OriginSeal(settings.secret_key), oauth.find_consent_owner
    )
    accounts = Accounts(book=StoredAccounts(database))
    directory = _open_directory(settings, clock, database, core)
    feeds = _open_feeds(settings, clock, database, core, contract, errands, directory)
    services = Services(
        accounts=accounts,
        feeds=feeds,
        statements=Statements(
            feeds=feeds,
            accounts=accounts,
            book=StoredStatements(database),
            banks=StoredBanks(database),
            clock=clock,
        ),
        statement_orders=_open_statement_orders(settings, clock, database),
        payments=_open_payments(settings, clock, database, core),
        stuck_documents=_open_stuck_documents(settings, clock, database, core),
        core_links=_open_core_links(clock, database, core),
        core_watch=CoreWatch(core.banking),
        reconciliation=_open_reconciliation(settings, clock, database, core, feeds),
    )
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[:64]
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        core=core,
        services=services,
        directory=directory,
        delivery=_open_delivery(settings, clock, core, errands, owner),
        maker=_open_maker(settings, clock, database, services, owner),
        feed_check=FeedCheck(
            core=core.banking,
            feeds=feeds,
            writer=StoredFeedWriter(database),
            book=StoredStatements(database),
            read_timeout_s=settings.core_read_timeout_s,
        ),
        lane_teller=LaneTeller(process=owner, list_lanes=core.lanes, book=WorkerLanes(database), clock=clock),
    )


def _open_core(settings: Settings, clock: Clock, database: Database, contract: ContractAlarms) -> Core:
    reader, writer = database.reader, database.writer
    try:
        return open_core(settings, clock=clock, reader=reader, writer=writer, note_wrong=contract.note)
    except ValueError as error:
        raise BadSettings(f"the core cannot be opened: {error}") from error


def _open_feeds(
    settings: Settings,
    clock: Clock,
    database: Database,
    core: Core,
    contract: ContractAlarms,
    errands: Outbox,
    owners: AccountDirectory,
) -> Feeds:
    return Feeds(
        feed=StoredFeed(database),
        writer=StoredFeedWriter(database),
        core=core.banking,
        payments=errands,
        clock=clock,
        read_timeout_s=settings.core_read_timeout_s,
        refresh_s=settings.feed_refresh_s,
        read_max_age_s=settings.feed_read_max_age_s,
        note_wrong=contract.note,
        owners=owners,
    )


def _open_reconciliation(
    settings: Settings, clock: Clock, database: Database, core: Core, feeds: Feeds
) -> Reconciliation:
    return Reconciliation(
        book=ReconciliationRecords(database),
        standing=StandingDrafts(
            book=StandingDraftRecords(database),
            core=core.banking,
            clock=clock,
            read_timeout_s=settings.core_read_timeout_s,
        ),
        feeds=feeds,
        clock=clock,
        after_s=settings.reconcile_after_s,
        read_timeout_s=settings.core_read_timeout_s,
    )


def _open_statement_orders(settings: Settings, clock: Clock, database: Database) -> StatementOrders:
    return StatementOrders(
        book=StatementOrderRecords(database, clock),
        clock=clock,
        years_max=settings.statement_years_max,
        unfinished_max=settings.statement_orders_max,
        files_max=settings.statement_files_max,
    )


def _open_payments(settings: Settings, clock: Clock, database: Database, core: Core) -> Payments:
    orders = OrderCheck(
        accounts=StoredAccounts(database),
        banks=StoredBanks(database),
        clock=clock,
        values=read_order_values(settings.order_values_file),
        past_days=settings.order_date_past_days,
        future_days=settings.order_date_future_days,
    )
    return Payments(
        journal=PaymentRecords(database, clock, settings.duplicate_window_days),
        orders=orders,
        core=core.banking,
        clock=clock,
        change_timeout_s=settings.core_change_timeout_s,
    )


def _open_stuck_documents(settings: Settings, clock: Clock, database: Database, core: Core) -> StuckDocuments:
    return StuckDocuments(
        book=StoredStuckDocuments(database, clock, oauth.list_payment_permits, record_document_act),
        core=core.banking,
        clock=clock,
        read_timeout_s=settings.core_read_timeout_s,
    )


def _open_core_links(clock: Clock, database: Database, core: Core) -> CoreLinks:
    return CoreLinks(
        core=core.banking,
        list_lanes=core.lanes,
        worker=LaneReader(book=WorkerLanes(database), clock=clock),
        book=CoreLinkRecords(
            database,
            clock,
            connected=lambda connection, now: oauth.list_connected_accounts(connection, now=now),
            record=record_alarm_act,
        ),
        clock=clock,
    )


def _open_directory(settings: Settings, clock: Clock, database: Database, core: Core) -> AccountDirectory:
    return AccountDirectory(
        core=core.banking,
        book=StoredAccounts(database, oauth.take_away_accounts),
        clock=clock,
        read_timeout_s=settings.core_read_timeout_s,
        renew_s=settings.account_renew_s,
    )


def _open_delivery(settings: Settings, clock: Clock, core: Core, errands: Outbox, owner: str) -> Delivery:
    return Delivery(
        fates=errands,
        core=core.banking,
        clock=clock,
        owner=owner,
        lease_s=settings.outbox_lease_s,
        read_timeout_s=settings.core_read_timeout_s,
        change_timeout_s=settings.core_change_timeout_s,
    )


def _open_maker(settings: Settings, clock: Clock, database: Database, services: Services, owner: str) -> StatementMaker:
    return StatementMaker(
        workshop=StatementMakings(database, oauth.list_statement_accounts),
        statements=services.statements,
        render=render_file,
        clock=clock,
        owner=owner,
        lease_s=settings.statement_lease_s,
        keep=timedelta(hours=settings.statement_file_hours),
    )
