"""One JSON object per line on standard error, for our own records and for those of libraries.

Never in a log: tokens, codes, secrets, names of people, purposes of payments, full account numbers.
"""

from __future__ import annotations

import logging
import sys
from typing import Any

import orjson
import structlog


def set_up_logs(level: str) -> None:
    """Send every record through one chain; Authlib stays at INFO, below it writes tokens into the log."""
    shared: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    structlog.configure(
        processors=[*shared, structlog.processors.format_exc_info, structlog.processors.JSONRenderer(_dump)],
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.BytesLoggerFactory(sys.stderr.buffer),
        cache_logger_on_first_use=True,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            foreign_pre_chain=shared,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                structlog.processors.JSONRenderer(lambda record, **_: _dump(record).decode()),
            ],
        )
    )
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(level)
    logging.getLogger("authlib").setLevel(max(logging.INFO, root.level))


def _dump(record: Any, **_: Any) -> bytes:
    return orjson.dumps(record, default=str)
