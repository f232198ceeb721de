"""Opening the use cases over the database and the core; every part gets its values by constructor."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import oauth
from adapter.api.shapes import render_file
from adapter.connectors import Core
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
from adapter.services.worker_lanes import LaneReader
from adapter.settings import Settings
from adapter.staff_acts import record_alarm_act, record_document_act
from adapter.store.accounts import StoredAccounts
from adapter.store.banks import StoredBanks
from adapter.store.contract_alarms import ContractAlarms
from adapter.store.core_link import CoreLinkRecords
from adapter.store.database import Database
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Opened:
    """What is open before any use case is."""

    settings: Settings
    clock: Clock
    database: Database
    contract: ContractAlarms
    core: Core
    process: str  # its name, where it leases work and tells its lanes


def open_services(opened: Opened, feeds: Feeds) -> Services:
    accounts = Accounts(book=StoredAccounts(opened.database))
    return Services(
        accounts=accounts,
        feeds=feeds,
        statements=Statements(
            feeds=feeds,
            accounts=accounts,
            book=StoredStatements(opened.database),
            banks=StoredBanks(opened.database),
            clock=opened.clock,
        ),
        statement_orders=_open_statement_orders(opened),
        payments=_open_payments(opened),
        stuck_documents=_open_stuck_documents(opened),
        core_links=_open_core_links(opened),
        core_watch=CoreWatch(opened.core.banking),
        reconciliation=_open_reconciliation(opened, feeds),
    )


def open_feeds(opened: Opened, errands: Outbox, owners: AccountDirectory) -> Feeds:
    return Feeds(
        feed=StoredFeed(opened.database),
        writer=StoredFeedWriter(opened.database),
        core=opened.core.banking,
        payments=errands,
        clock=opened.clock,
        read_timeout_s=opened.settings.core_read_timeout_s,
        refresh_s=opened.settings.feed_refresh_s,
        read_max_age_s=opened.settings.feed_read_max_age_s,
        note_wrong=opened.contract.note,
        owners=owners,
    )


def _open_reconciliation(opened: Opened, feeds: Feeds) -> Reconciliation:
    return Reconciliation(
        book=ReconciliationRecords(opened.database),
        standing=StandingDrafts(
            book=StandingDraftRecords(opened.database),
            core=opened.core.banking,
            clock=opened.clock,
            read_timeout_s=opened.settings.core_read_timeout_s,
        ),
        feeds=feeds,
        clock=opened.clock,
        after_s=opened.settings.reconcile_after_s,
        read_timeout_s=opened.settings.core_read_timeout_s,
    )


def _open_statement_orders(opened: Opened) -> StatementOrders:
    return StatementOrders(
        book=StatementOrderRecords(opened.database, opened.clock),
        clock=opened.clock,
        years_max=opened.settings.statement_years_max,
        unfinished_max=opened.settings.statement_orders_max,
        files_max=opened.settings.statement_files_max,
    )


def _open_payments(opened: Opened) -> Payments:
    orders = OrderCheck(
        accounts=StoredAccounts(opened.database),
        banks=StoredBanks(opened.database),
        clock=opened.clock,
        values=read_order_values(opened.settings.order_values_file),
        past_days=opened.settings.order_date_past_days,
        future_days=opened.settings.order_date_future_days,
    )
    return Payments(
        journal=PaymentRecords(opened.database, opened.clock, opened.settings.duplicate_window_days),
        orders=orders,
        core=opened.core.banking,
        clock=opened.clock,
        change_timeout_s=opened.settings.core_change_timeout_s,
    )


def _open_stuck_documents(opened: Opened) -> StuckDocuments:
    return StuckDocuments(
        book=StoredStuckDocuments(opened.database, opened.clock, oauth.list_payment_permits, record_document_act),
        core=opened.core.banking,
        clock=opened.clock,
        read_timeout_s=opened.settings.core_read_timeout_s,
    )


def _open_core_links(opened: Opened) -> CoreLinks:
    return CoreLinks(
        core=opened.core.banking,
        list_lanes=opened.core.lanes,
        worker=LaneReader(book=WorkerLanes(opened.database), clock=opened.clock),
        book=CoreLinkRecords(
            opened.database,
            opened.clock,
            connected=lambda connection, now: oauth.list_connected_accounts(connection, now=now),
            record=record_alarm_act,
        ),
        clock=opened.clock,
    )


def open_directory(opened: Opened) -> AccountDirectory:
    return AccountDirectory(
        core=opened.core.banking,
        book=StoredAccounts(opened.database, oauth.take_away_accounts),
        clock=opened.clock,
        read_timeout_s=opened.settings.core_read_timeout_s,
        renew_s=opened.settings.account_renew_s,
    )


def open_delivery(opened: Opened, errands: Outbox) -> Delivery:
    return Delivery(
        fates=errands,
        core=opened.core.banking,
        clock=opened.clock,
        owner=opened.process,
        lease_s=opened.settings.outbox_lease_s,
        read_timeout_s=opened.settings.core_read_timeout_s,
        change_timeout_s=opened.settings.core_change_timeout_s,
    )


def open_maker(opened: Opened, statements: Statements) -> StatementMaker:
    return StatementMaker(
        workshop=StatementMakings(opened.database, oauth.list_statement_accounts),
        statements=statements,
        render=render_file,
        clock=opened.clock,
        owner=opened.process,
        lease_s=opened.settings.statement_lease_s,
        keep=timedelta(hours=opened.settings.statement_file_hours),
    )


def open_feed_check(opened: Opened, feeds: Feeds) -> FeedCheck:
    return FeedCheck(
        core=opened.core.banking,
        feeds=feeds,
        writer=StoredFeedWriter(opened.database),
        book=StoredStatements(opened.database),
        read_timeout_s=opened.settings.core_read_timeout_s,
    )
