"""The bank's core from the product's side.  One package or module per kind of core; `open_core` picks one.

To connect another core, meet `adapter.ports.CoreBanking` and `oauth.CustomerLogin`, let `bank-adapter core check`
judge it and add its opener to `OPENERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from flask import Blueprint
from sqlalchemy.engine import Engine

from adapter.connectors.files.opening import open_files_core
from adapter.connectors.guard import GuardedCore, NoteWrong, log_wrong
from adapter.connectors.http.desk import ClosedDesk, SignedDesk
from adapter.connectors.http.opening import HttpOptions, open_http_core
from adapter.connectors.key_sets import KeySource, open_keys
from adapter.connectors.logins import NoLogin
from adapter.connectors.logins.handover import HandoverLogin, HandoverOptions
from adapter.connectors.logins.oidc import OidcLogin, OidcOptions
from adapter.connectors.options import CoreOptions
from adapter.connectors.sandbox.opening import open_sandbox
from adapter.connectors.signed_tokens import read_signing_key
from adapter.connectors.sql.opening import open_sql_core
from adapter.domain.core import CoreDocument
from adapter.domain.lanes import LaneState
from adapter.ports import Clock, CoreBanking, CoreDesk
from oauth import CustomerLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """An opened core.  `blueprint` and `clock_step` belong to the sandbox; a real bank has neither."""

    banking: CoreBanking
    login: CustomerLogin
    blueprint: Blueprint | None = None
    clock_step: Callable[[], int] | None = None  # executes what is signed; answers how many orders
    background: Callable[[], bool] | None = None  # what it does beside calls, in the worker; whether there was any
    recall_sent: Callable[[], Sequence[CoreDocument]] = tuple  # what left without a word since, from its own records
    close: Callable[[], None] = lambda: None
    lanes: Callable[[], Sequence[LaneState]] = tuple  # how this process stands to the core
    desk: CoreDesk = field(default_factory=ClosedDesk)  # where the core calls us


def open_core(
    options: CoreOptions, *, clock: Clock, reader: Engine, writer: Engine, note_wrong: NoteWrong = log_wrong
) -> Core:
    """Open the core behind its guard; `reader` and `writer` are the product's own database, for what a connector keeps.

    `note_wrong` hears of answers that break the contract.  Raises ValueError.
    """
    if options.core not in OPENERS:
        raise ValueError(f"there is no core {options.core!r}; known: {', '.join(OPENERS)}")
    core = OPENERS[options.core](options, clock, reader, writer)
    guarded = GuardedCore(
        core.banking,
        calls_max=options.core_calls_max,
        failures_max=options.core_failures_max,
        rest_s=options.core_rest_s,
        note_wrong=note_wrong,
    )
    return replace(
        core,
        banking=guarded,
        lanes=guarded.lanes,
        login=_open_login(options, core.login, clock, writer),
        desk=_open_desk(options, clock, writer),
    )


def _open_login(options: CoreOptions, own: CustomerLogin, clock: Clock, writer: Engine) -> CustomerLogin:
    """The login that the settings name; the core's own where they name none.  Raises ValueError."""
    if not options.core_login:
        return own
    if options.core_login not in LOGINS:
        raise ValueError(f"there is no login {options.core_login!r}; known: {', '.join(LOGINS)}")
    return LOGINS[options.core_login](options, clock, writer)


def _open_desk(options: CoreOptions, clock: Clock, writer: Engine) -> CoreDesk:
    has_keys = bool(options.core_issuer and (options.core_jwks_file or options.core_jwks_url))
    return SignedDesk(
        keys=_open_keys(options) if has_keys else None,
        issuer=options.core_issuer,
        audience=options.issuer,
        our_key=read_signing_key(options.core_token_key_file) if options.core_token_key_file else None,
        clock=clock,
        writer=writer,
    )


def _open_keys(options: CoreOptions) -> KeySource:
    return open_keys(file=options.core_jwks_file, url=options.core_jwks_url, ca_file=options.core_ca_file)


def _open_oidc(options: CoreOptions, clock: Clock, writer: Engine) -> CustomerLogin:
    registered = OidcOptions(
        issuer=options.oidc_issuer,
        client_id=options.oidc_client_id,
        client_secret=options.oidc_client_secret,
        client_key_file=options.oidc_client_key_file,
        scope=options.oidc_scope,
        strong_acrs=options.strong_acrs,
        ca_file=options.core_ca_file,
    )
    return OidcLogin(registered, clock, writer)


def _open_handover(options: CoreOptions, clock: Clock, writer: Engine) -> CustomerLogin:
    agreed = HandoverOptions(
        url=options.core_handover_url,
        issuer=options.core_issuer,
        audience=options.issuer,
        keys=_open_keys(options),
        strong_acrs=options.strong_acrs,
    )
    return HandoverLogin(agreed, clock, writer)


def _open_sandbox(options: CoreOptions, clock: Clock, _reader: Engine, _writer: Engine) -> Core:
    sandbox = open_sandbox(
        options.sandbox_database_url, base_url=options.issuer, bank_name=options.bank_name, clock=clock
    )
    return Core(
        banking=sandbox.banking,
        login=sandbox.login,
        blueprint=sandbox.blueprint,
        clock_step=sandbox.clock_step,
        close=sandbox.database.close,
    )


def _open_http(options: CoreOptions, clock: Clock, _reader: Engine, _writer: Engine) -> Core:
    reached = HttpOptions(
        url=options.core_url,
        our_issuer=options.issuer,
        ca_file=options.core_ca_file,
        certificate_file=options.core_certificate_file,
        certificate_key_file=options.core_certificate_key_file,
        token_key_file=options.core_token_key_file,
        calls_max=options.core_calls_max,
    )
    core = open_http_core(reached, clock)
    return Core(banking=core, login=NoLogin(), close=core.close)


def _open_files(options: CoreOptions, clock: Clock, reader: Engine, writer: Engine) -> Core:
    core = open_files_core(
        options.core_files_dir, clock=clock, reader=reader, writer=writer, keep_days=options.core_files_keep_days
    )
    return Core(banking=core.banking, login=NoLogin(), background=core.scan, recall_sent=core.recall_sent)


def _open_sql(options: CoreOptions, clock: Clock, _reader: Engine, _writer: Engine) -> Core:
    core = open_sql_core(options.core_sql_url, clock=clock, calls_max=options.core_calls_max)
    return Core(banking=core.banking, login=NoLogin(), close=core.database.close)


LoginOpener = Callable[[CoreOptions, Clock, Engine], CustomerLogin]

LOGINS: Mapping[str, LoginOpener] = {"oidc": _open_oidc, "handover": _open_handover}

Opener = Callable[[CoreOptions, Clock, Engine, Engine], Core]

OPENERS: Mapping[str, Opener] = {"sandbox": _open_sandbox, "http": _open_http, "files": _open_files, "sql": _open_sql}
