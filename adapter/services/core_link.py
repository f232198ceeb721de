"""How the product stands to the core: a probe, the lanes of the worker and of this process, what waits, and alarms."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from adapter.domain.core import Deadline
from adapter.domain.errors import CoreUnavailable
from adapter.domain.lanes import LaneState
from adapter.domain.link import Alarm, CoreLink, judge_link
from adapter.domain.stuck import Act, Person
from adapter.ports import Clock, CoreBanking, LinkBook
from adapter.services.worker_lanes import LaneReader

PROBE_S = 2.0  # a page waits no longer


@dataclass(frozen=True, slots=True, kw_only=True)
class CoreLinks:
    core: CoreBanking
    list_lanes: Callable[[], Sequence[LaneState]]
    worker: LaneReader
    book: LinkBook
    clock: Clock

    def read(self) -> CoreLink:
        """Asks the core for a sign of life, for PROBE_S at most."""
        probe, worker, lanes = self.core.probe(Deadline.after(PROBE_S)), self.worker.read(), self.list_lanes()
        return CoreLink(
            core_name=self._name(),
            status=judge_link(probe, worker, lanes),
            probe=probe,
            worker=worker,
            lanes=lanes,
            backlog=self.book.read_backlog(),
        )

    def _name(self) -> str:
        """Empty as long as the core was never reached: what it is, it tells itself."""
        try:
            return self.core.capabilities().name
        except CoreUnavailable:
            return ""

    def list_alarms(self, limit: int) -> Sequence[Alarm]:
        """Those that nobody acknowledged, newest first."""
        return self.book.list_alarms(limit)

    def acknowledge(self, alarm_id: int, person: Person) -> None:
        """Somebody knows of it.  Once is enough; an unknown alarm raises NotFound."""
        act = Act(action="alarm.acknowledged", person=person, reason="", at=self.clock.now())
        self.book.acknowledge(alarm_id, act)
