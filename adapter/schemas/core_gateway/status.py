"""What a core can do, and how it is."""

from __future__ import annotations

import datetime as dt
import math

from adapter.domain.core import Capabilities, Probe
from adapter.schemas.core_gateway.documents import BATCH_MAX
from adapter.schemas.core_gateway.members import Members
from adapter.schemas.core_gateway.values import Json

HISTORY_DAYS_MAX = 36_600
NAME_MAX = 200


def dump_capabilities(capabilities: Capabilities) -> Json:
    """A time without end is told as null: JSON has no infinity."""
    final_after_s = capabilities.not_found_is_final_after_s
    return {
        "name": capabilities.name,
        "batch_size_max": capabilities.batch_size_max,
        "can_withdraw": capabilities.can_withdraw,
        "submit_is_idempotent": capabilities.submit_is_idempotent,
        "not_found_is_final_after_s": final_after_s if math.isfinite(final_after_s) else None,
        "history_days": capabilities.history_days,
        "can_tell_documents": capabilities.can_tell_documents,
        "can_order_statements": capabilities.can_order_statements,
    }


def load_capabilities(body: Members) -> Capabilities:
    final_after_s = body.seconds_or_none("not_found_is_final_after_s")
    if final_after_s is not None and final_after_s < 0:
        raise body.wrong("not_found_is_final_after_s", "negative")
    return Capabilities(
        name=body.text("name", NAME_MAX),
        batch_size_max=body.whole("batch_size_max", 1, BATCH_MAX),
        can_withdraw=body.flag("can_withdraw"),
        submit_is_idempotent=body.flag("submit_is_idempotent"),
        not_found_is_final_after_s=math.inf if final_after_s is None else final_after_s,
        history_days=body.whole("history_days", 0, HISTORY_DAYS_MAX),
        can_tell_documents=body.flag("can_tell_documents", default=False),
        can_order_statements=body.flag("can_order_statements", default=False),
    )


def dump_health(probe: Probe, now: dt.datetime) -> Json:
    """`now` is the core's own clock."""
    return {"is_up": probe.is_up, "detail": probe.detail, "feed_lag_s": probe.feed_lag_s, "time": now.isoformat()}


def load_health(body: Members, now: dt.datetime) -> Probe:
    """`now` is our clock when the answer came."""
    return Probe(
        is_up=body.flag("is_up"),
        detail=body.text_or_none("detail") or "",
        feed_lag_s=body.seconds_or_none("feed_lag_s"),
        clock_difference_s=(body.moment("time") - now).total_seconds(),
    )
