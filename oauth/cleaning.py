"""Removing what no check looks at any more, so that tables of short-lived things stay small."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from oauth.audit import read_head
from oauth.models import (
    access_tokens,
    assertion_jtis,
    authorization_requests,
    codes,
    consent_usage,
    customer_sessions,
    failures,
    refresh_tokens,
    staff_sessions,
)

USAGE_DAYS = 400  # a year and a month, so that a customer can compare

log = logging.getLogger(__name__)


def clean_up(tx: Connection, now: datetime) -> int:
    """Remove what ended more than a day ago; gives how many rows went.

    Used codes stay that day so that a replay is noticed; consents, partners and the audit log stay for ever.
    """
    day_ago = now - timedelta(days=1)
    removals = (
        assertion_jtis.delete().where(assertion_jtis.c.expires_at < day_ago),
        access_tokens.delete().where(access_tokens.c.expires_at < day_ago),
        codes.delete().where(codes.c.expires_at < day_ago),
        refresh_tokens.delete().where(refresh_tokens.c.idle_until < day_ago),
        authorization_requests.delete().where(authorization_requests.c.expires_at < day_ago),
        customer_sessions.delete().where(customer_sessions.c.last_seen_at < day_ago),
        staff_sessions.delete().where(staff_sessions.c.last_seen_at < day_ago),
        consent_usage.delete().where(consent_usage.c.hour < now - timedelta(days=USAGE_DAYS)),
        failures.delete().where(failures.c.window < int(day_ago.timestamp()) // 60),
    )
    # An anchor outside the database, wherever the log is sent to.
    log.info("audit log ends at row %d with hash %s", *read_head(tx))
    return sum(tx.execute(removal).rowcount for removal in removals)
