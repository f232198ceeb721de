"""Every setting of the product with its unit and default; the only reader of the environment.

`deploy/env.example` lists the same names and a test compares the two.  A name `BANK_ADAPTER_X` may also be given as
`BANK_ADAPTER_X_FILE`, the path of a file that holds the value (Docker and systemd secrets).
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """Filled by `read_settings`; tests construct it directly."""

    database_url: str = "sqlite:///var/bank-adapter.db"  # postgresql+psycopg://… in production
    database_pool_size: int = 16  # connections per process
    issuer: str = "http://127.0.0.1:8000"  # base URL, no trailing slash; https outside the sandbox
    secret_key: str = ""  # 32 bytes or more; signs cookies and peppers client secrets; empty: made and kept in var/
    trusted_proxies: int = 0  # how many proxies in front set X-Forwarded-*
    core: str = "sandbox"  # which core `open_core` opens
    sandbox_database_url: str = "sqlite:///var/sandbox.db"
    sandbox_clock_interval_s: float = 1.0  # how often the sandbox executes what is signed; 0: only when told
    bank_name: str = "Банк «Заря»"
    core_read_timeout_s: float = 5.0
    core_change_timeout_s: float = 15.0
    feed_refresh_s: float = 60.0  # worker refreshes connected accounts this often
    feed_read_max_age_s: float = 300.0  # a reader refreshes a feed older than this
    feed_wait_max_s: float = 25.0  # the longest `wait=`
    feed_waiters_max: int = 8  # requests that may wait at once in one process
    page_limit_max: int = 500
    worker_interval_s: float = 0.5  # pause between rounds when there is nothing to do
    outbox_lease_s: float = 60.0
    batch_orders_max: int = 10_000
    body_bytes_max: int = 16 * 1024 * 1024
    order_date_past_days: int = 10
    order_date_future_days: int = 10
    duplicate_window_days: int = 3
    web_workers: int = 2
    web_threads: int = 16
    log_level: str = "INFO"
