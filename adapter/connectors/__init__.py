"""The bank's core from the product's side.  One package or module per kind of core; `open_core` picks one.

To connect another core, meet `adapter.ports.CoreBanking` and `oauth.CustomerLogin`, let `bank-adapter core check`
judge it and add its opener to `OPENERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from flask import Blueprint
from sqlalchemy.engine import Engine

from adapter.connectors.guard import GuardedCore
from adapter.connectors.http.opening import http_options, open_http_core
from adapter.connectors.sandbox.opening import open_sandbox
from adapter.domain.lanes import LaneState
from adapter.ports import Clock, CoreBanking
from oauth import CustomerLogin, LoginRefused, LoginRequest, LoginResult


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
    oidc_scope: str = ""
    oidc_acr_strong: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Core:
    """An opened core.  `blueprint` and `clock_step` belong to the sandbox; a real bank has neither."""

    banking: CoreBanking
    login: CustomerLogin
    blueprint: Blueprint | None = None
    clock_step: Callable[[], int] | None = None  # executes what is signed; answers how many orders
    close: Callable[[], None] = lambda: None
    lanes: Callable[[], Sequence[LaneState]] = tuple  # how this process stands to the core


class NoLogin:
    """Meets `oauth.CustomerLogin` for a core that has no login of its own, until `login` names one."""

    def begin(self, request: LoginRequest) -> str:
        raise LoginRefused("this core has no login of its own: name one in the settings")

    def finish(self, reply: Mapping[str, str]) -> LoginResult:
        raise LoginRefused("this core has no login of its own: name one in the settings")


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
    return replace(core, banking=guarded, lanes=guarded.lanes)


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


Opener = Callable[[CoreOptions, Clock, Engine, Engine], Core]

OPENERS: Mapping[str, Opener] = {"sandbox": _open_sandbox, "http": _open_http}
