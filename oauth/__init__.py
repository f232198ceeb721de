"""The authorization server: OAuth 2.0 for partners, consents of customers, written as a Flask extension.

This module is the front door; nothing else of the package is imported from outside.
"""

from __future__ import annotations

from flask import Flask
from sqlalchemy.engine import Engine

from oauth import endpoints, web
from oauth.audit import Actor
from oauth.audit import record as record_event
from oauth.cleaning import clean_up
from oauth.consents import list_connected_accounts, list_shared_accounts, take_away_accounts
from oauth.context import EXTENSION, Context
from oauth.models import metadata
from oauth.operations import (
    ActionRefused,
    AlarmView,
    Clerk,
    CoreSilent,
    DocumentStep,
    LaneView,
    LinkView,
    Mismatch,
    OperationsDesk,
    Seen,
    UnknownThing,
    WaitingDocument,
)
from oauth.partner_rules import Application
from oauth.partners import apply, approve, claim_credentials, list_changes
from oauth.permits import PaymentPermit, find_consent_owner, list_payment_permits, list_statement_accounts
from oauth.ports import (
    AccountChoice,
    Clock,
    CustomerChoice,
    CustomerDirectory,
    CustomerLogin,
    DirectoryUnavailable,
    LoginRefused,
    LoginRequest,
    LoginResult,
    LoginUnavailable,
    StatementDesk,
    StatementDownload,
    StatementNotReady,
    StatementRequest,
    StatementShape,
    StatementTooLong,
)
from oauth.protect import Access, current_access, end_consent, recheck_access, require
from oauth.scopes import Scope
from oauth.settings import OAuthSettings
from oauth.staff import add_staff, list_staff
from oauth.use_counter import UseCounter
from oauth.web.commands import BackOffice, partner_commands, staff_commands

__all__ = [
    "Access",
    "AccountChoice",
    "ActionRefused",
    "Actor",
    "AlarmView",
    "Application",
    "BackOffice",
    "Clerk",
    "CoreSilent",
    "CustomerChoice",
    "CustomerDirectory",
    "CustomerLogin",
    "DirectoryUnavailable",
    "DocumentStep",
    "LaneView",
    "LinkView",
    "LoginRefused",
    "LoginRequest",
    "LoginResult",
    "LoginUnavailable",
    "Mismatch",
    "OAuthSettings",
    "OperationsDesk",
    "PaymentPermit",
    "Scope",
    "Seen",
    "StatementDesk",
    "StatementDownload",
    "StatementNotReady",
    "StatementRequest",
    "StatementShape",
    "StatementTooLong",
    "UnknownThing",
    "WaitingDocument",
    "add_staff",
    "apply",
    "approve",
    "claim_credentials",
    "clean_up",
    "current_access",
    "end_consent",
    "find_consent_owner",
    "init_app",
    "list_changes",
    "list_connected_accounts",
    "list_payment_permits",
    "list_shared_accounts",
    "list_staff",
    "list_statement_accounts",
    "metadata",
    "partner_commands",
    "recheck_access",
    "record_event",
    "require",
    "staff_commands",
    "take_away_accounts",
]


def init_app(
    app: Flask,
    *,
    settings: OAuthSettings,
    reader: Engine,
    writer: Engine,
    customer_login: CustomerLogin,
    directory: CustomerDirectory,
    statement_desk: StatementDesk,
    operations_desk: OperationsDesk,
    clock: Clock,
) -> None:
    """Put the authorization server into an application; raises InvalidSettings.

    `reader` must be in AUTOCOMMIT: each statement sees the latest committed state.  `request.remote_addr` and
    `request.is_secure` must be right, so the application sets up its trusted proxies itself.
    """
    settings.check()
    app.extensions[EXTENSION] = Context(
        settings=settings,
        reader=reader,
        writer=writer,
        customer_login=customer_login,
        directory=directory,
        statement_desk=statement_desk,
        operations_desk=operations_desk,
        clock=clock,
        uses=UseCounter(writer, settings.usage_flush_s),
    )
    app.register_blueprint(endpoints.bp)
    web.register_pages(app)
