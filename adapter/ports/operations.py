"""What people look after: documents, drafts and entries that do not meet, the link to the core: met by `store`."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol

from adapter.domain.fates import Word
from adapter.domain.lanes import LaneState, WorkerLane
from adapter.domain.link import Alarm, Backlog
from adapter.domain.reconciliation import Horizon, Mismatch, Reconciled
from adapter.domain.standing import LostDraft, StandingDraft
from adapter.domain.stuck import AbsentEnd, Act, StuckDocument


class StuckBook(Protocol):
    """Documents that wait for a person.  Every change writes its act into the audit log, in one transaction.

    Changes raise NotFound, and StuckRefused where the document waits for a person no more or must not be changed so.
    What was learnt of a document holds for one sending: `version` is `StuckDocument.version` as it was when the core
    was asked; where it is another one under the lock, the change is refused.
    """

    def list_stuck(self, limit: int, offset: int) -> Sequence[StuckDocument]:
        """Longest waiting first, without history."""

    def read(self, payment_id: str) -> StuckDocument:
        """Any payment, with its history.  Raises NotFound."""

    def adopt(self, payment_id: str, version: str, word: Word, act: Act) -> None:
        """Write a word of the core, or of a person who looked there; the document waits no longer."""

    def note_absent(self, payment_id: str, version: str, act: Act) -> AbsentEnd:
        """A person confirmed that it is absent: from now on the core's NotFound is proof, and the errand is due."""

    def ask_again(self, payment_id: str, act: Act) -> None:
        """The errand is due: the core is asked before anything is sent."""


class StandingBook(Protocol):
    """Drafts that stand at the core."""

    def list_silent(self, quiet_since: datetime, limit: int) -> Sequence[StandingDraft]:
        """Those to ask about, least lately asked first: silent since then, or not asked since the core was restored."""

    def note_found(self, words: Sequence[Word], now: datetime) -> None:
        """What the core told of those that it has; one that waited as lost waits no longer."""

    def note_lost(self, lost: Sequence[LostDraft], now: datetime) -> Sequence[str]:
        """Let these wait for a person, each with an alarm; answers which did not wait before.

        One of which something was heard since it was listed is left alone.
        """

    def note_asked(self, payment_ids: Sequence[str], now: datetime) -> None:
        """Asked about now."""


class ReconciliationBook(Protocol):
    """Executed payments and booked entries, compared."""

    def list_unread(self, horizon: Horizon) -> Sequence[str]:
        """Accounts of overdue payments whose feed is too old to say that there is no entry."""

    def match(self, horizon: Horizon) -> int:
        """Link executed payments to entries that the core did not name, where just one fits; answers how many.

        Only those whose own entry must be there by now: before, the one that fits may be a foreign entry.
        """

    def judge(self, horizon: Horizon, matched: int) -> Reconciled:
        """Note what does not meet, each once with an alarm, and clear what was put right, in one transaction."""

    def list_open(self, limit: int) -> Sequence[Mismatch]:
        """Those that are not put right, oldest first."""


class LinkBook(Protocol):
    """What waits for the core and what alarmed."""

    def read_backlog(self) -> Backlog:
        """Counts and ages, now."""

    def list_alarms(self, limit: int) -> Sequence[Alarm]:
        """Those that nobody acknowledged, newest first."""

    def acknowledge(self, alarm_id: int, act: Act) -> None:
        """Note once that a person knows, with the act in the audit log.  Raises NotFound."""


class LaneBook(Protocol):
    """What worker processes tell of their lanes to the core."""

    def tell(self, process: str, lanes: Sequence[LaneState], now: datetime) -> None:
        """The word of one process takes the place of its last one."""

    def take_back(self, process: str) -> None:
        """The process ends.  Never raises where the database is away."""

    def list_told(self, now: datetime) -> Sequence[WorkerLane]:
        """The last word of each, newest first, also of those that fell silent less than an hour ago."""
