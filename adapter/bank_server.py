"""`bank-adapter sandbox serve`: the sandbox bank as an HTTP core in a process of its own, with its pages and its clock.

One process of gunicorn with threads: the tokens that were used and the clock are in it.
"""

from __future__ import annotations

import ssl
import threading
from dataclasses import dataclass
from ipaddress import ip_address
from typing import Any

import flask
import structlog
from gunicorn.app.base import BaseApplication

from adapter.connectors.gateway import app as gateway
from adapter.connectors.gateway.callers import CallerCheck
from adapter.connectors.key_sets import AddressKeys, FileKeys, fetch
from adapter.connectors.sandbox.handover import Handover
from adapter.connectors.sandbox.hinting import Hinter
from adapter.connectors.sandbox.opening import Sandbox, open_sandbox
from adapter.connectors.signed_tokens import read_signing_key
from adapter.core_kit.control_server import build_control
from adapter.core_kit.sandbox_bench import SandboxBench, StandClock
from adapter.logs import gunicorn_logging
from adapter.parts import SystemClock
from adapter.ports import Clock
from adapter.settings import Settings

log = structlog.get_logger("adapter.bank_server")

LOOK_S = 0.3  # how often the bank's books are looked at for news
SERVING: dict[str, Any] = {
    "workers": 1,
    "worker_class": "gthread",
    "timeout": 60,
    "graceful_timeout": 10,
    "keepalive": 75,
    "accesslog": None,
    "control_socket_disable": True,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class BankOptions:
    """How the bank is served.  `url` is its address as others have it; empty texts leave a thing out."""

    host: str
    port: int
    url: str
    adapter_url: str  # the adapter's issuer: who may call, and whom a person goes back to
    callers_jwks: str = ""  # file or address of the adapter's public keys: calls must then be signed
    token_key_file: str = ""  # the bank's own private key (JWK): hints and hand-overs
    hint_url: str = ""
    certificate_file: str = ""
    certificate_key_file: str = ""
    client_ca_file: str = ""  # only callers with a certificate of these may connect
    with_control: bool = False  # also the acts that `bank-adapter core check` asks for, unguarded; its clock can be set

    def check(self) -> None:
        """What others can reach is open to nobody by accident.  Raises ValueError."""
        if self.hint_url and not self.token_key_file:
            raise ValueError("hints are signed: --hint-url needs --token-key")
        if _is_loopback(self.host):
            return
        if self.with_control:
            raise ValueError("--with-control is unguarded: serve it on 127.0.0.1 only")
        if not self.callers_jwks and not self.client_ca_file:
            raise ValueError(f"on {self.host} anybody may call: name --callers-jwks or --client-ca")


class BankServer(BaseApplication):  # type: ignore[misc]  # gunicorn is untyped
    """gunicorn around the bank."""

    def __init__(self, settings: Settings, options: BankOptions) -> None:
        self._settings = settings
        self._options = options
        super().__init__()

    def load_config(self) -> None:
        options = self._options
        chosen = {**SERVING, "bind": f"{options.host}:{options.port}", "threads": self._settings.web_threads}
        if options.certificate_file:
            chosen |= {"certfile": options.certificate_file, "keyfile": options.certificate_key_file or None}
        if options.client_ca_file:
            chosen |= {"ca_certs": options.client_ca_file, "cert_reqs": ssl.CERT_REQUIRED}
        for name, value in {**chosen, "logconfig_dict": gunicorn_logging(self._settings.log_level)}.items():
            self.cfg.set(name, value)

    def load(self) -> flask.Flask:
        """In the process that serves."""
        clock = StandClock(SystemClock())
        sandbox = open_bank(self._settings, self._options, clock)
        start_clock(sandbox, self._settings, self._options)
        return create_bank_app(sandbox, self._options, clock)


def _is_loopback(host: str) -> bool:
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False


def open_bank(settings: Settings, options: BankOptions, clock: Clock) -> Sandbox:
    return open_sandbox(
        settings.sandbox_database_url,
        base_url=options.url,
        bank_name=settings.bank_name,
        clock=clock,
        handover=_handover(options),
    )


def _handover(options: BankOptions) -> Handover | None:
    """How customers log in here for the adapter; without a key nobody can."""
    if not options.token_key_file:
        return None
    key = read_signing_key(options.token_key_file)
    return Handover(key=key, issuer=options.url, adapter_url=options.adapter_url)


def create_bank_app(sandbox: Sandbox, options: BankOptions, clock: StandClock) -> flask.Flask:
    """The core's operations and the bank's pages; signed calls and health go by the machine's own time."""
    app = flask.Flask("sandbox_bank", static_folder=None)
    gateway.init_app(app, sandbox.banking, SystemClock(), _caller_check(options))
    app.register_blueprint(sandbox.blueprint)
    if options.with_control:
        app.register_blueprint(build_control(SandboxBench(sandbox, clock)))
    return app


def start_clock(sandbox: Sandbox, settings: Settings, options: BankOptions) -> None:
    """Execute what is signed and tell what is new, until the process ends."""
    hinter = _hinter(sandbox, options)

    def run() -> None:
        rest = threading.Event()
        since_step = 0.0
        while not rest.wait(LOOK_S):
            since_step += LOOK_S
            try:
                if 0 < settings.sandbox_clock_interval_s <= since_step:
                    since_step = 0.0
                    sandbox.clock_step()
                if hinter is not None:
                    hinter.tell_news()
            except Exception:
                log.exception("the bank's clock failed")

    threading.Thread(target=run, daemon=True, name="bank clock").start()


def _caller_check(options: BankOptions) -> CallerCheck | None:
    if not options.callers_jwks:
        return None
    place = options.callers_jwks
    keys = AddressKeys(lambda: fetch(place)) if place.startswith(("http://", "https://")) else FileKeys(place)
    return CallerCheck(keys=keys, issuer=options.adapter_url, audience=options.url, clock=SystemClock())


def _hinter(sandbox: Sandbox, options: BankOptions) -> Hinter | None:
    if not options.hint_url:
        return None
    return Hinter(
        database=sandbox.database,
        clock=SystemClock(),
        key=read_signing_key(options.token_key_file),
        issuer=options.url,
        url=options.hint_url,
    )
