"""One JSON object per line on standard error, for our own records and for those of libraries.

Never in a log: tokens, codes, secrets, names of people, purposes of payments, full account numbers.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog

SHARED: list[structlog.typing.Processor] = [
    structlog.processors.add_log_level,
    structlog.processors.TimeStamper(fmt="iso", utc=True),
]


def set_up_logs(level: str) -> None:
    """Send every record through one chain; Authlib stays at INFO, below it writes tokens into the log."""
    structlog.configure(
        processors=[*SHARED, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dump)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    root = logging.getLogger()
    root.handlers[:] = [json_handler()]
    root.setLevel(level)
    logging.getLogger("authlib").setLevel(max(logging.INFO, root.level))
    logging.getLogger("alembic").setLevel(logging.WARNING)


def json_handler() -> logging.Handler:
    """Brings the records of libraries that use the standard logging into the same lines."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=SHARED,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(lambda record, **_: _dump(record).decode()),
            ],
        )
    )
    return handler


def _dump(record: Any, **_: Any) -> bytes:
    return orjson.dumps(record, default=str)


def gunicorn_logging(level: str) -> dict[str, Any]:
    """Its own lines go the way of all others; gunicorn's default would put its format on the root."""
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {},
        "handlers": {"json": {"()": "adapter.logs.json_handler"}},
        "root": {"level": level, "handlers": ["json"]},
        "loggers": {
            "gunicorn.error": {"level": "INFO", "handlers": [], "propagate": True},
            "alembic": {"level": "WARNING"},
        },
    }
