"""What every request gets: an id that is echoed, a line in the log, a count in the metrics."""

from __future__ import annotations

import re
import secrets
import time

import flask
import structlog
from prometheus_client import Counter, Histogram
from werkzeug.exceptions import NotFound

from adapter.api.chunks import Chunks

log = structlog.get_logger("adapter.request")

GOOD_ID = re.compile(r"[A-Za-z0-9._-]{1,64}")

REQUESTS = Counter("bank_adapter_requests_total", "Requests by endpoint and status", ["endpoint", "status"])
SECONDS = Histogram(
    "bank_adapter_request_seconds",
    "Time to answer by endpoint",
    ["endpoint"],
    buckets=(0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30),
)


def init_app(app: flask.Flask) -> None:
    app.before_request(_begin)
    app.after_request(_end)


def _begin() -> None:
    environ = flask.request.environ
    given = environ.get("HTTP_X_REQUEST_ID", "")  # a miss in `headers` would cost an exception on every poll
    flask.g.request_id = given if GOOD_ID.fullmatch(given) else secrets.token_hex(8)
    flask.g.began = time.perf_counter()
    if "\0" in environ["PATH_INFO"]:
        raise NotFound  # PostgreSQL cannot even be asked for such a text, and no address of ours has one
    if "HTTP_TRANSFER_ENCODING" in environ:
        environ["wsgi.input"] = Chunks(environ["wsgi.input"])


def _end(response: flask.Response) -> flask.Response:
    request, found = flask.request, flask.g
    endpoint = request.endpoint or "unknown"
    seconds = time.perf_counter() - found.began
    response.headers["X-Request-ID"] = found.request_id
    REQUESTS.labels(endpoint, response.status_code).inc()
    SECONDS.labels(endpoint).observe(seconds)
    log.info(
        "request",
        method=request.method,
        endpoint=endpoint,
        status=response.status_code,
        ms=round(seconds * 1000, 1),
        request_id=found.request_id,
    )
    return response
