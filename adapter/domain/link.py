"""How the product stands to the core, for the people who look after both."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from adapter.domain.core import Probe
from adapter.domain.lanes import LaneState, WorkerLane


class LinkStatus(StrEnum):
    UP = "up"
    DEGRADED = "degraded"  # it answers, but calls of a kind are not let through
    IDLE = "idle"  # it answers, but no worker runs that would call it
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
    """Something that a person should know of, until somebody says that he does.

    What it tells beside its kind are facts, or a text of ours or of the core.
    """

    id: int
    kind: str
    subject: str
    payment_id: str | None  # where the subject is a payment that is here
    facts: Mapping[str, str]
    text: str
    at: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerWord:
    """What the workers tell of their lanes; `silent_s` is the age of the last word, None where there never was one."""

    silent_s: float | None
    lanes: Sequence[WorkerLane]  # of those whose word is fresh; empty: no worker runs, or it hangs

    def list_worst(self) -> Sequence[LaneState]:
        """Each lane once, by name, as it is in the worker that fares worst."""
        by_trouble = sorted((one.state for one in self.lanes), key=lambda lane: (lane.is_open, lane.failures))
        worst = {lane.name: lane for lane in by_trouble}
        return [worst[name] for name in sorted(worst)]


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLink:
    """`lanes` are those of the web process that was asked; every process has its own."""

    core_name: str  # empty: not known yet
    status: LinkStatus
    probe: Probe
    worker: WorkerWord
    lanes: Sequence[LaneState]
    backlog: Backlog


def judge_link(probe: Probe, worker: WorkerWord, lanes: Sequence[LaneState]) -> LinkStatus:
    """A core that answers a probe is not up for those whose calls are not let through, or who do not run."""
    if not probe.is_up:
        return LinkStatus.DOWN
    if not worker.lanes:
        return LinkStatus.IDLE
    all_lanes = [*lanes, *(one.state for one in worker.lanes)]
    return LinkStatus.DEGRADED if any(lane.is_open for lane in all_lanes) else LinkStatus.UP
