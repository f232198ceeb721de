"""The web application over what a process holds open: authorization server, API, the core's own pages."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping

import flask
import orjson
import psycopg
import sqlalchemy as sa
import structlog
from werkzeug.middleware.proxy_fix import ProxyFix

import oauth
from adapter import api, migrations
from adapter.api.customer_directory import CustomerDirectory
from adapter.api.operations_desk import OperationsDesk
from adapter.api.statement_desk import StatementDesk
from adapter.parts import Parts
from adapter.settings import Settings
from adapter.store.measures import read_measures
from adapter.store.recovery import is_recovering

log = structlog.get_logger("adapter.app")

FORM_PARTS_MAX = 64
# Gone, out of connections, or waited too long for a lock: nothing was committed, asking again is safe.
NO_DATABASE = (sa.exc.OperationalError, sa.exc.TimeoutError, psycopg.OperationalError, sqlite3.OperationalError)


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
        core_desk=parts.core.desk,
    )
    for kind in NO_DATABASE:
        app.register_error_handler(kind, _answer_no_database)
    oauth.init_app(
        app,
        settings=oauth_settings(settings),
        reader=parts.database.reader,
        writer=parts.database.writer,
        customer_login=parts.core.login,
        directory=CustomerDirectory(parts.directory),
        operations_desk=OperationsDesk(parts.services),
        statement_desk=StatementDesk(parts.services.statements),
        clock=parts.clock,
    )
    if parts.core.blueprint is not None:
        app.register_blueprint(parts.core.blueprint)
    return app


def openapi_document(app: flask.Flask) -> bytes:
    """The API's document as committed in api_specs/openapi.json."""
    answer = app.test_client().get("/openapi.json")
    return orjson.dumps(answer.get_json(), option=orjson.OPT_INDENT_2 | orjson.OPT_SORT_KEYS) + b"\n"


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
            if is_recovering(connection):
                return {"recovery": "the database was restored to an earlier moment: bank-adapter documents recover"}
    except sa.exc.SQLAlchemyError:
        return {"database": "the database does not answer"}
    return {}
