"""What the present token may see of accounts, and the document of what every reader of them gets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from adapter.domain.errors import NotFound
from adapter.domain.feeds import FeedHead, Viewer
from oauth import Access

AS_OF_HEADER = "X-As-Of"

AS_OF_DOC: dict[str, Any] = {
    AS_OF_HEADER: {
        "description": "the moment that the core vouches for, absent until the account was read for the first time",
        "schema": {"type": "string", "format": "date-time"},
    }
}


def check_account(access: Access, account_id: str) -> None:
    """Raises NotFound for an account outside the consent: the caller cannot tell foreign from unknown."""
    if account_id not in access.account_ids:
        raise NotFound


def viewer_of(access: Access) -> Viewer:
    """Who reads, for the services."""
    return Viewer(partner_id=access.partner_id, history_from=access.history_from)


def oldest_as_of(heads: Sequence[FeedHead]) -> str | None:
    """The age of the oldest feed as text; None when one was never read."""
    moments = [head.as_of for head in heads if head.as_of is not None]
    if not moments or len(moments) < len(heads):
        return None
    return format_moment(min(moments))


def format_moment(moment: dt.datetime) -> str:
    """RFC 3339 with offset; cut, not rounded, so that it never promises more than the core did."""
    return moment.isoformat(timespec="seconds")
