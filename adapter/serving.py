"""gunicorn's configuration, from our settings: `gunicorn -c python:adapter.serving adapter.wsgi:app`.

`deploy/gunicorn.conf.py` starts from here, so that there is one place for what a bank may want to change.
"""

from __future__ import annotations

import os
import tempfile
from typing import Any

from adapter.logs import gunicorn_logging
from adapter.settings import read_settings

_settings = read_settings()

bind = os.environ.get("BANK_ADAPTER_BIND", "127.0.0.1:8000")
workers = _settings.web_workers
worker_class = "gthread"
threads = _settings.web_threads
timeout = 60  # a request may wait feed_wait_max_s; a worker silent for longer is replaced
graceful_timeout = 30
keepalive = 75  # longer than nginx keeps its idle connections
limit_request_line = 8190
limit_request_fields = 64
limit_request_field_size = 16380
forwarded_allow_ips = "*" if _settings.trusted_proxies else "127.0.0.1"
accesslog = None  # adapter.api.requests writes one line a request, without query strings
control_socket_disable = True
logconfig_dict = gunicorn_logging(_settings.log_level)


def on_starting(_server: Any) -> None:
    """Metrics of all processes meet in one empty folder (prometheus_client's multiprocess mode)."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        os.environ["PROMETHEUS_MULTIPROC_DIR"] = tempfile.mkdtemp(prefix="bank-adapter-metrics-")


def child_exit(_server: Any, worker: Any) -> None:
    """Drop the gauges of a process that is gone."""
    from prometheus_client import multiprocess

    multiprocess.mark_process_dead(worker.pid)
