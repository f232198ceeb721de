"""Removing what no check looks at any more, so that tables of short-lived things stay small."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy.engine import Connection

from oauth.models import (
    access_tokens,
    assertion_jtis,
    authorization_requests,
    codes,
    customer_sessions,
    failures,
    refresh_tokens,
    staff_sessions,
)


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
        failures.delete().where(failures.c.window < int(day_ago.timestamp()) // 60),
    )
    return sum(tx.execute(removal).rowcount for removal in removals)
