"""Composition: settings → core, store → services → authorization server → blueprints.

Only this module and those above it see settings and more than one edge; every part gets its values by constructor.
"""

from __future__ import annotations

import os
import secrets
import socket
import sqlite3
import threading
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import flask
import orjson
import psycopg
import sqlalchemy as sa
import structlog
from werkzeug.middleware.proxy_fix import ProxyFix

import oauth
from adapter import api, migrations
from adapter.api.shapes import render_file
from adapter.api.statement_desk import StatementDesk
from adapter.connectors import Core, open_core
from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable
from adapter.formats.order_values import read_order_values
from adapter.ports import Clock
from adapter.services import Services
from adapter.services.accounts import AccountDirectory, Accounts
from adapter.services.delivery import Delivery
from adapter.services.feeds import Feeds
from adapter.services.order_check import OrderCheck
from adapter.services.payments import Payments
from adapter.services.statement_making import StatementMaker
from adapter.services.statement_orders import StatementOrders
from adapter.services.statements import Statements
from adapter.settings import Settings
from adapter.store.accounts import StoredAccounts
from adapter.store.banks import StoredBanks
from adapter.store.database import Database, open_database
from adapter.store.feed import StoredFeed
from adapter.store.feed_writing import StoredFeedWriter
from adapter.store.idempotency import forget_keys
from adapter.store.measures import read_measures
from adapter.store.outbox import Outbox
from adapter.store.payments import PaymentRecords
from adapter.store.statement_making import StatementMakings
from adapter.store.statement_orders import StatementOrderRecords
from adapter.store.statements import StoredStatements
from adapter.worker import Chore

log = structlog.get_logger("adapter.app")

FORM_PARTS_MAX = 64
# Gone, out of connections, or waited too long for a lock: nothing was committed, asking again is safe.
NO_DATABASE = (sa.exc.OperationalError, sa.exc.TimeoutError, psycopg.OperationalError, sqlite3.OperationalError)
HOUSEKEEPING_S = 3600.0
DROP_STATEMENTS_S = 60.0
RENEW_ACCOUNTS_S = 60.0  # how often those not told of for an hour are looked for
REFRESH_SLICE_S = 5.0  # of one round, so that a stop does not wait long
KEY_LIFETIME = timedelta(days=30)  # of an idempotency key; an external id holds for ever


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

    def close(self) -> None:
        self.core.close()
        self.database.close()

    def loops(self, stop: threading.Event) -> Sequence[Sequence[Chore]]:
        """The worker's loops, one thread each: neither a slow core nor a long statement holds up drafts.

        Chores are short; the only long one, a statement, is given back in its middle once `stop` is set.
        """
        delivery = [
            Chore(name="send drafts", do=self.delivery.send_due),
            Chore(name="follow fates", do=self.delivery.follow_fates),
        ]
        feeds = [
            Chore(name="refresh feeds", do=self._refresh_feeds, every_s=min(self.settings.feed_refresh_s, 1.0)),
            Chore(name="renew accounts", do=self._renew_accounts, every_s=RENEW_ACCOUNTS_S),
            Chore(name="forget what is over", do=self._forget, every_s=HOUSEKEEPING_S),
        ]
        statements = [
            Chore(name="drop statements", do=self.maker.sweep, every_s=DROP_STATEMENTS_S),
            Chore(name="make statements", do=lambda: self.maker.make_next(stop.is_set)),
        ]
        if self.core.clock_step is not None and self.settings.sandbox_clock_interval_s:
            step, every_s = self.core.clock_step, self.settings.sandbox_clock_interval_s
            delivery.append(Chore(name="sandbox clock", do=lambda: bool(step()), every_s=every_s))
        return [delivery, feeds, statements]

    def _forget(self) -> bool:
        now = self.clock.now()
        with self.database.transaction() as tx:
            oauth.clean_up(tx, now)
            forget_keys(tx, now - KEY_LIFETIME)
        return False

    def connected_accounts(self) -> Sequence[str]:
        """Accounts that some partner may read statements of now."""
        with self.database.reading() as connection:
            return sorted(oauth.list_connected_accounts(connection, now=self.clock.now()))

    def _renew_accounts(self) -> bool:
        self.directory.renew_old(self.connected_accounts(), Deadline.after(REFRESH_SLICE_S))
        return False

    def _refresh_feeds(self) -> bool:
        return bool(self.services.feeds.refresh_due(self.connected_accounts(), Deadline.after(REFRESH_SLICE_S)))


def open_parts(settings: Settings, clock: Clock | None = None, core: Core | None = None) -> Parts:
    """Open the database and the core and build the use cases; tests give their own clock and core."""
    clock = clock or SystemClock()
    database = open_database(settings.database_url, settings.database_pool_size)
    core = core or open_core(
        settings.core,
        database_url=settings.sandbox_database_url,
        base_url=settings.issuer,
        bank_name=settings.bank_name,
        clock=clock,
    )
    return _build(settings, clock, database, core)


def create_app(parts: Parts) -> flask.Flask:
    """The web application: authorization server, API, and the core's own pages where it has some."""
    settings = parts.settings
    app = flask.Flask("adapter", static_folder=None, template_folder=None)
    app.config.update(MAX_CONTENT_LENGTH=settings.body_bytes_max, MAX_FORM_PARTS=FORM_PARTS_MAX)
    if settings.trusted_proxies:
        hops = settings.trusted_proxies
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]
    api.init_app(
        app,
        parts.services,
        _api_options(settings),
        health_check=lambda: _find_trouble(parts),
        measures=lambda: read_measures(parts.database, parts.connected_accounts(), parts.clock.now()),
    )
    for kind in NO_DATABASE:
        app.register_error_handler(kind, _answer_no_database)
    oauth.init_app(
        app,
        settings=oauth_settings(settings),
        reader=parts.database.reader,
        writer=parts.database.writer,
        customer_login=parts.core.login,
        directory=_Directory(parts.directory),
        statement_desk=StatementDesk(parts.services),
        clock=parts.clock,
    )
    if parts.core.blueprint is not None:
        app.register_blueprint(parts.core.blueprint)
    return app


def openapi_document(app: flask.Flask) -> bytes:
    """The API's document as committed in api_specs/openapi.json."""
    answer = app.test_client().get("/openapi.json")
    return orjson.dumps(answer.get_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


def _build(settings: Settings, clock: Clock, database: Database, core: Core) -> Parts:
    book = StoredAccounts(database)
    banks = StoredBanks(database)
    errands = Outbox(database, clock, oauth.list_payment_permits)
    feeds = Feeds(
        feed=StoredFeed(database),
        writer=StoredFeedWriter(database),
        core=core.banking,
        payments=errands,
        clock=clock,
        read_timeout_s=settings.core_read_timeout_s,
        refresh_s=settings.feed_refresh_s,
        read_max_age_s=settings.feed_read_max_age_s,
    )
    accounts, statements = Accounts(book=book), Statements(book=StoredStatements(database), banks=banks, clock=clock)
    owner = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"[:64]
    return Parts(
        settings=settings,
        clock=clock,
        database=database,
        core=core,
        services=Services(
            accounts=accounts,
            feeds=feeds,
            statements=statements,
            statement_orders=StatementOrders(
                book=StatementOrderRecords(database, clock),
                clock=clock,
                years_max=settings.statement_years_max,
                unfinished_max=settings.statement_orders_max,
                files_max=settings.statement_files_max,
            ),
            payments=Payments(
                journal=PaymentRecords(database, clock, settings.duplicate_window_days),
                orders=OrderCheck(
                    accounts=book,
                    banks=banks,
                    clock=clock,
                    values=read_order_values(settings.order_values_file),
                    past_days=settings.order_date_past_days,
                    future_days=settings.order_date_future_days,
                ),
                core=core.banking,
                clock=clock,
                change_timeout_s=settings.core_change_timeout_s,
            ),
        ),
        directory=AccountDirectory(
            core=core.banking, book=book, clock=clock, read_timeout_s=settings.core_read_timeout_s
        ),
        delivery=Delivery(
            fates=errands,
            core=core.banking,
            clock=clock,
            owner=owner,
            lease_s=settings.outbox_lease_s,
            read_timeout_s=settings.core_read_timeout_s,
            change_timeout_s=settings.core_change_timeout_s,
        ),
        maker=StatementMaker(
            workshop=StatementMakings(database, oauth.list_statement_accounts),
            feeds=feeds,
            accounts=accounts,
            statements=statements,
            render=render_file,
            clock=clock,
            owner=owner,
            lease_s=settings.statement_lease_s,
            keep=timedelta(hours=settings.statement_file_hours),
        ),
    )


class _Directory:
    """Meets `oauth.CustomerDirectory` with the adapter's account directory."""

    def __init__(self, directory: AccountDirectory) -> None:
        self._directory = directory

    def customers(self, user_id: str) -> Sequence[oauth.CustomerChoice]:
        try:
            found = self._directory.customers(user_id)
        except CoreUnavailable as error:
            raise oauth.DirectoryUnavailable from error
        return [
            oauth.CustomerChoice(
                customer_id=one.customer_id,
                name=one.party.name,
                inn=one.party.inn or "",
                kpp=one.party.kpp,
                role=one.role,
                may_give_consent=one.may_give_consent,
                reason=one.reason,
            )
            for one in found
        ]

    def accounts(self, customer_id: str) -> Sequence[oauth.AccountChoice]:
        try:
            found = self._directory.accounts(customer_id)
        except CoreUnavailable as error:
            raise oauth.DirectoryUnavailable from error
        return [
            oauth.AccountChoice(
                account_id=one.account.id,
                number=one.account.number,
                bic=one.account.bic,
                currency=one.account.currency,
                name=one.account.name,
                can_be_shared=one.can_be_shared,
                reason=one.reason,
            )
            for one in found
        ]


def _api_options(settings: Settings) -> api.ApiOptions:
    return api.ApiOptions(
        issuer=settings.issuer,
        bank_name=settings.bank_name,
        page_limit_max=settings.page_limit_max,
        feed_wait_max_s=settings.feed_wait_max_s,
        feed_waiters_max=settings.feed_waiters_max,
        body_bytes_max=settings.body_bytes_max,
        batch_orders_max=settings.batch_orders_max,
    )


def oauth_settings(settings: Settings) -> oauth.OAuthSettings:
    """The authorization server's part of the settings."""
    return oauth.OAuthSettings(issuer=settings.issuer, secret_key=settings.secret_key, bank_name=settings.bank_name)


def _answer_no_database(error: Exception) -> flask.Response:
    log.error("the database does not answer", error=type(error).__name__, request_id=flask.g.get("request_id"))
    return api.unavailable()


def _find_trouble(parts: Parts) -> Mapping[str, str]:
    """What keeps this process from serving, by check; empty when nothing does."""
    try:
        with parts.database.reading() as connection:
            if not migrations.is_current(connection):
                return {"schema": "the database is not at this program's revision: bank-adapter db upgrade"}
    except sa.exc.SQLAlchemyError:
        return {"database": "the database does not answer"}
    return {}
