"""How the product stands to the core, for the people who look after both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from adapter.domain.core import Probe
from adapter.domain.lanes import LaneState


class LinkStatus(StrEnum):
    UP = "up"
    DEGRADED = "degraded"  # it answers, but calls of a kind are not let through
    DOWN = "down"


@dataclass(frozen=True, slots=True, kw_only=True)
class Backlog:
    """What waits; ages are seconds, 0 when there is nothing."""

    errands_waiting: int
    errands_overdue_s: float
    for_a_person: int
    feed_oldest_s: float  # since the least lately read of the connected accounts was read
    feeds_never_read: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Alarm:
    """Something that a person should know of, until somebody says that he does."""

    id: int
    kind: str
    subject: str
    detail: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLink:
    """`lanes` are those of the process that was asked; every process has its own."""

    core_name: str  # empty: not known yet
    status: LinkStatus
    probe: Probe
    lanes: Sequence[LaneState]
    backlog: Backlog


def judge_link(probe: Probe, lanes: Sequence[LaneState]) -> LinkStatus:
    """A core that answers a probe is not up for those whose calls are not let through."""
    if not probe.is_up:
        return LinkStatus.DOWN
    return LinkStatus.DEGRADED if any(lane.is_open for lane in lanes) else LinkStatus.UP
