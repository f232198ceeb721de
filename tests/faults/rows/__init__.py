"""One module for each thing that is broken; `ROWS` is their list, in the order in which `make faults` runs them."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.faults.report import Outcome
from tests.faults.rows import (
    arriving,
    clocks,
    connections,
    core_down,
    disk_full,
    failover,
    lost_replies,
    statement_files,
    web_kills,
    worker_kills,
)


@dataclass(frozen=True, slots=True)
class Row:
    """`run` gets an empty folder and whether the full figures are wanted."""

    must_hold: str
    run: Callable[[Path, bool], Outcome]


ROWS: Mapping[str, Row] = {
    "web-kills": Row(web_kills.MUST_HOLD, web_kills.run),
    "worker-kills": Row(worker_kills.MUST_HOLD, worker_kills.run),
    "lost-replies": Row(lost_replies.MUST_HOLD, lost_replies.run),
    "core-down": Row(core_down.MUST_HOLD, core_down.run),
    "failover": Row(failover.MUST_HOLD, failover.run),
    "connections": Row(connections.MUST_HOLD, connections.run),
    "clocks": Row(clocks.MUST_HOLD, clocks.run),
    "disk-full": Row(disk_full.MUST_HOLD, disk_full.run),
    "statement-files": Row(statement_files.MUST_HOLD, statement_files.run),
    "arriving-entries": Row(arriving.MUST_HOLD, arriving.run),
}
