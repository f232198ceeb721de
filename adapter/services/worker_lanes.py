"""The worker's word about the core: it makes nearly all calls, and the web server is asked how the core stands.

Lanes live in the memory of a process.  A worker writes its own into the database, at once when one opens or closes and
every few seconds besides: a word that grows old means that no worker runs, and then nothing goes out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from adapter.domain.core import Deadline
from adapter.domain.lanes import LaneState, WorkerLane
from adapter.domain.link import WorkerWord
from adapter.ports import Clock, LaneBook

TELL_S = 5.0
FRESH_S = 30.0


@dataclass(slots=True, kw_only=True)
class LaneTeller:
    """A worker's side; `tell` is called once a second."""

    process: str
    list_lanes: Callable[[], Sequence[LaneState]]
    book: LaneBook
    clock: Clock
    _told: tuple[tuple[str, bool], ...] | None = field(default=None, init=False)
    _rest: Deadline = field(default_factory=lambda: Deadline.after(0), init=False)

    def tell(self) -> bool:
        """Write what changed; answers False, as there is nothing more to do at once."""
        lanes = self.list_lanes()
        seen = tuple((lane.name, lane.is_open) for lane in lanes)
        if seen != self._told or not self._rest.seconds_left:
            self.book.tell(self.process, lanes, self.clock.now())
            self._told, self._rest = seen, Deadline.after(TELL_S)
        return False

    def take_back(self) -> None:
        """The process ends."""
        self.book.take_back(self.process)


@dataclass(frozen=True, slots=True, kw_only=True)
class LaneReader:
    """The web server's side."""

    book: LaneBook
    clock: Clock

    def read(self) -> WorkerWord:
        """What workers told within FRESH_S; without one, how long they are silent."""
        told: Sequence[WorkerLane] = self.book.list_told(self.clock.now())
        return WorkerWord(
            silent_s=min((one.told_s for one in told), default=None),
            lanes=[one for one in told if one.told_s <= FRESH_S],
        )
