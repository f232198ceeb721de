"""Every setting of the product with its unit and default; the only reader of the environment.

`deploy/env.example` lists the same names and a test compares the two.  A name `BANK_ADAPTER_X` may also be given as
`BANK_ADAPTER_X_FILE`, the path of a file that holds the value (Docker and systemd secrets).
"""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from environs import FileAwareEnv
from environs.exceptions import EnvError

from adapter.connectors.options import ANY_LOGIN, NEEDED, CoreOptions
from adapter.formats.order_values import BadOrderValues, read_order_values

PREFIX = "BANK_ADAPTER_"
SECRET_BYTES_MIN = 32
SECRET_FILE = Path("var/secret.key")


class BadSettings(Exception):
    """One or more settings cannot be used; the text names each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings(CoreOptions):
    """Filled by `read_settings`; tests construct it directly.  The core's own settings are those of CoreOptions."""

    database_url: str = "sqlite:///var/bank-adapter.db"  # postgresql+psycopg://… in production
    database_pool_size: int = 16  # connections per process
    secret_key: str = ""  # 32 bytes or more; signs cookies, peppers client secrets, seals drafts; empty: made in var/
    trusted_proxies: int = 0  # how many proxies in front set X-Forwarded-*
    sandbox_is_public: bool = False  # its doors stand open: say so where others than this machine reach it
    sandbox_clock_interval_s: float = 1.0  # how often the sandbox executes what is signed; 0: only when told
    core_read_timeout_s: float = 5.0
    core_change_timeout_s: float = 15.0
    core_is_plain: bool = False  # the way to the HTTP core is guarded by other means than https and our signature
    feed_refresh_s: float = 60.0  # worker refreshes connected accounts this often
    feed_read_max_age_s: float = 300.0  # a reader refreshes a feed older than this
    account_renew_s: float = 300.0  # how long the word of the core holds whose an account is; then it is asked again
    feed_wait_max_s: float = 25.0  # the longest `wait=`
    feed_waiters_max: int = 8  # requests that may wait at once in one process
    page_limit_max: int = 500
    worker_interval_s: float = 0.5  # pause between rounds when there is nothing to do
    outbox_lease_s: float = 60.0
    batch_orders_max: int = 10_000
    body_bytes_max: int = 32 * 1024 * 1024  # 10,000 orders as pain.001 take about 25 MB
    order_date_past_days: int = 10
    order_date_future_days: int = 10
    order_values_file: str = ""  # the bank's own table of dated values of payment orders; empty: the one that ships
    duplicate_window_days: int = 3
    statement_file_hours: int = 72  # how long the file of an ordered statement is kept
    statement_orders_max: int = 10  # unfinished ones of one consent at a time
    statement_files_max: int = 100  # kept for one consent at a time, so that no partner fills the disk
    statement_years_max: int = 5  # the longest period of an ordered statement
    reconcile_after_s: float = 86_400.0  # an executed payment without its entry, or the reverse, is told after this
    statement_lease_s: float = 120.0  # a worker silent for longer has lost the statement that it makes
    web_workers: int = 2
    web_threads: int = 16
    log_level: str = "INFO"


def read_settings() -> Settings:
    """Read every setting from the environment; raises BadSettings that names all wrong ones at once."""
    env = FileAwareEnv(eager=False)
    readers: Mapping[str, Callable[..., Any]] = {"int": env.int, "float": env.float, "str": env.str, "bool": env.bool}
    values = {field.name: readers[str(field.type)](variable(field.name), field.default) for field in fields(Settings)}
    try:
        env.seal()
    except EnvError as error:
        raise BadSettings(str(error)) from error
    clean: dict[str, Any] = {name: value.strip() if isinstance(value, str) else value for name, value in values.items()}
    settings = Settings(**clean)
    try:
        read_order_values(settings.order_values_file)
    except BadOrderValues as error:
        raise BadSettings(f"{variable('order_values_file')}: {error}") from error
    return settings


def with_own_secret(settings: Settings) -> Settings:
    """The same settings with a secret key; one that is not given is made once and kept beside the database."""
    if settings.secret_key:
        return settings
    if not SECRET_FILE.exists():
        SECRET_FILE.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor = os.open(SECRET_FILE, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "w") as file:
            file.write(secrets.token_urlsafe(48))
    return replace(settings, secret_key=SECRET_FILE.read_text().strip())


def check_for_serving(settings: Settings) -> None:
    """Refuse settings that cannot work together, and those that are only good for a try-out on one machine."""
    faults = [*_faults_of_web(settings), *_faults_of_core(settings), *_faults_of_login(settings)]
    if faults:
        raise BadSettings("; ".join(faults))


def _faults_of_web(settings: Settings) -> Iterator[str]:
    if len(settings.secret_key.encode()) < SECRET_BYTES_MIN:
        yield f"{variable('secret_key')} needs {SECRET_BYTES_MIN} bytes or more"
    if not _is_protected(settings.issuer):
        yield f"{variable('issuer')} must be https, but for this machine alone"
    if settings.issuer.endswith("/"):
        yield f"{variable('issuer')} must not end with a slash"
    if settings.core_change_timeout_s >= settings.outbox_lease_s:
        yield f"{variable('outbox_lease_s')} must be more than {variable('core_change_timeout_s')}"


def _faults_of_core(settings: Settings) -> Iterator[str]:
    needed = NEEDED.get(settings.core)
    if needed and not getattr(settings, needed):
        yield f"{variable(needed)} is needed for the core {settings.core}"
    if settings.core == "sandbox" and not _is_here(settings.issuer) and not settings.sandbox_is_public:
        yield f"the sandbox lets everybody in: outside this machine it needs {variable('sandbox_is_public')}"
    if settings.core == "http" and not _is_here(settings.core_url) and not settings.core_is_plain:
        if not settings.core_url.startswith("https://"):
            yield f"{variable('core_url')} must be https, or the network be safe: {variable('core_is_plain')}"
        elif not settings.core_token_key_file and not settings.core_certificate_file:
            yield (
                f"the core must know who calls: {variable('core_token_key_file')} or "
                f"{variable('core_certificate_file')}, or another way: {variable('core_is_plain')}"
            )
    if settings.core_jwks_url and not _is_protected(settings.core_jwks_url):
        yield f"{variable('core_jwks_url')} must be https"
    if settings.core_issuer and not settings.core_jwks_file and not settings.core_jwks_url:
        yield f"{variable('core_issuer')} needs its keys: {variable('core_jwks_file')} or {variable('core_jwks_url')}"


def _faults_of_login(settings: Settings) -> Iterator[str]:
    if settings.core_login and not settings.login_acr_strong and not _is_here(settings.issuer):
        yield (
            f"{variable('login_acr_strong')} must name the logins that are enough for payments; "
            f"`{ANY_LOGIN}` where every login is"
        )
    if settings.core != "sandbox" and not settings.core_login and not _is_here(settings.issuer):
        yield f"{variable('core_login')} must be oidc or handover: only the sandbox has a login of its own"


def _is_protected(url: str) -> bool:
    return url.startswith("https://") or _is_here(url)


def _is_here(url: str) -> bool:
    """Whether what is told to this address never leaves this machine."""
    return urlsplit(url).hostname in {"127.0.0.1", "::1", "localhost"}


def variable(name: str) -> str:
    """The environment variable of a setting."""
    return PREFIX + name.upper()
