"""Drafts that stand at the core: it accepted them, and they are not over yet."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from adapter.domain.stuck import Why


@dataclass(frozen=True, slots=True, kw_only=True)
class StandingDraft:
    """A draft of which the core has been silent for long, or since it was restored."""

    payment_id: str
    updated_at: dt.datetime
    arrived_at: dt.datetime  # the core had it by then


@dataclass(frozen=True, slots=True, kw_only=True)
class LostDraft:
    """A draft that the core does not know any more."""

    draft: StandingDraft
    why: Why


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What asking about standing drafts gave.  `has_more` tells that others may be due as well."""

    asked: int = 0
    lost: int = 0
    has_more: bool = False
