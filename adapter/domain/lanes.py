"""How the product stands to the core: calls go in lanes, and a lane rests after failures."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneState:
    """One lane of calls of this process.  An open lane lets no call through until `rests_s` are over."""

    name: str  # reading, drafts
    is_open: bool
    open_for_s: float  # since it opened; 0 while it is closed
    rests_s: float  # until the next call may try
    failures: int  # in a row
    running: int
    calls_max: int
    asked_s: float | None = None  # since a call last went to the core; None: none did


@dataclass(frozen=True, slots=True, kw_only=True)
class WorkerLane:
    """What a worker process last told of one of its lanes, as it was `told_s` ago."""

    process: str
    told_s: float
    state: LaneState
