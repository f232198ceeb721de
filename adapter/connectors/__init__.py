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
from adapter.connectors.guard import GuardedCore
from adapter.connectors.http.desk import ClosedDesk, SignedDesk
from adapter.connectors.http.opening import http_options, open_http_core
from adapter.connectors.key_sets import open_keys
from adapter.connectors.logins import NoLogin
from adapter.connectors.logins.handover import HandoverLogin, HandoverOptions
from adapter.connectors.logins.oidc import OidcLogin, OidcOptions
from adapter.connectors.sandbox.opening import open_sandbox
from adapter.connectors.signed_tokens import read_signing_key
from adapter.connectors.sql.opening import open_sql_core
from adapter.domain.lanes import LaneState
from adapter.ports import Clock, CoreBanking, CoreDesk
from oauth import CustomerLogin


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreOptions:
    """Which core and which login, and how they are reached; the settings of the same names tell units."""

    core: str = "sandbox"
    login: str = ""
    base_url: str  # where the browser finds the product
    bank_name: str
    sandbox_database_url: str = ""
    calls_max: int = 8
    failures_max: int = 5
    rest_s: float = 10.0
    url: str = ""
    ca_file: str = ""
    certificate_file: str = ""
    certificate_key_file: str = ""
    token_key_file: str = ""
    issuer: str = ""
    jwks_file: str = ""
    jwks_url: str = ""
    files_dir: str = ""
    sql_url: str = ""
    handover_url: str = ""
    oidc_issuer: str = ""
    oidc_client_id: str = ""
    oidc_client_secret: str = ""
    oidc_client_key_file: str = ""
    oidc_scope: str = ""
    login_acr_strong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """An opened core.  `blueprint` and `clock_step` belong to the sandbox; a real bank has neither."""

    banking: CoreBanking
    login: CustomerLogin
    blueprint: Blueprint | None = None
    clock_step: Callable[[], int] | None = None  # executes what is signed; answers how many orders
    background: Callable[[], bool] | None = None  # what it does beside calls, in the worker; whether there was any
    close: Callable[[], None] = lambda: None
    lanes: Callable[[], Sequence[LaneState]] = tuple  # how this process stands to the core
    desk: CoreDesk = field(default_factory=ClosedDesk)  # where the core calls us


def open_core(options: CoreOptions, *, clock: Clock, reader: Engine, writer: Engine) -> Core:
    """Open the core behind its guard; `reader` and `writer` are the product's own database, for what a connector keeps.

    Raises ValueError.
    """
    if options.core not in OPENERS:
        raise ValueError(f"there is no core {options.core!r}; known: {', '.join(OPENERS)}")
    core = OPENERS[options.core](options, clock, reader, writer)
    guarded = GuardedCore(
        core.banking, calls_max=options.calls_max, failures_max=options.failures_max, rest_s=options.rest_s
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
    if not options.login:
        return own
    if options.login not in LOGINS:
        raise ValueError(f"there is no login {options.login!r}; known: {', '.join(LOGINS)}")
    return LOGINS[options.login](options, clock, writer)


def _open_desk(options: CoreOptions, clock: Clock, writer: Engine) -> CoreDesk:
    has_keys = bool(options.issuer and (options.jwks_file or options.jwks_url))
    return SignedDesk(
        keys=open_keys(file=options.jwks_file, url=options.jwks_url, ca_file=options.ca_file) if has_keys else None,
        issuer=options.issuer,
        audience=options.base_url,
        our_key=read_signing_key(options.token_key_file) if options.token_key_file else None,
        clock=clock,
        writer=writer,
    )


def _open_oidc(options: CoreOptions, clock: Clock, writer: Engine) -> CustomerLogin:
    registered = OidcOptions(
        issuer=options.oidc_issuer,
        client_id=options.oidc_client_id,
        client_secret=options.oidc_client_secret,
        client_key_file=options.oidc_client_key_file,
        scope=options.oidc_scope,
        strong_acrs=tuple(options.login_acr_strong.split()),
        ca_file=options.ca_file,
    )
    return OidcLogin(registered, clock, writer)


def _open_handover(options: CoreOptions, clock: Clock, writer: Engine) -> CustomerLogin:
    agreed = HandoverOptions(
        url=options.handover_url,
        issuer=options.issuer,
        audience=options.base_url,
        keys=open_keys(file=options.jwks_file, url=options.jwks_url, ca_file=options.ca_file),
        strong_acrs=tuple(options.login_acr_strong.split()),
    )
    return HandoverLogin(agreed, clock, writer)


def _open_sandbox(options: CoreOptions, clock: Clock, _reader: Engine, _writer: Engine) -> Core:
    sandbox = open_sandbox(
        options.sandbox_database_url, base_url=options.base_url, bank_name=options.bank_name, clock=clock
    )
    return Core(
        banking=sandbox.banking,
        login=sandbox.login,
        blueprint=sandbox.blueprint,
        clock_step=sandbox.clock_step,
        close=sandbox.database.close,
    )


def _open_http(options: CoreOptions, clock: Clock, _reader: Engine, _writer: Engine) -> Core:
    core = open_http_core(http_options(options), clock)
    return Core(banking=core, login=NoLogin(), close=core.close)


def _open_files(options: CoreOptions, clock: Clock, reader: Engine, writer: Engine) -> Core:
    core = open_files_core(options.files_dir, clock=clock, reader=reader, writer=writer)
    return Core(banking=core.banking, login=NoLogin(), background=core.scan)


def _open_sql(options: CoreOptions, clock: Clock, _reader: Engine, _writer: Engine) -> Core:
    core = open_sql_core(options.sql_url, clock=clock, calls_max=options.calls_max)
    return Core(banking=core.banking, login=NoLogin(), close=core.database.close)


LoginOpener = Callable[[CoreOptions, Clock, Engine], CustomerLogin]

LOGINS: Mapping[str, LoginOpener] = {"oidc": _open_oidc, "handover": _open_handover}

Opener = Callable[[CoreOptions, Clock, Engine, Engine], Core]

OPENERS: Mapping[str, Opener] = {"sandbox": _open_sandbox, "http": _open_http, "files": _open_files, "sql": _open_sql}
