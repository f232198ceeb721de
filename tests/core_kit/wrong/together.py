"""Wrong about deadlines and about many at once.

A race cannot be waited for, so what it leads to is done outright to calls from threads beside the main one.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence

from adapter.domain.core import CoreDocument, Deadline, DocumentState, EntryPage, Mark, Probe, Result
from adapter.domain.errors import CoreUnavailable
from adapter.domain.statements import EntryDetails
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank

TOO_LONG_S = 2.1


def is_one_of_many() -> bool:
    return threading.current_thread() is not threading.main_thread()


@wrong("deadlines.passed")
class SendsAfterTheDeadline(MemoryBank):
    """Nobody looks at the deadline before sending."""

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        return super().submit_documents(documents, Deadline.after(1))


@wrong("deadlines.reading")
class ReadsAsLongAsItTakes(MemoryBank):
    """A lock is waited for without end."""

    def probe(self, deadline: Deadline) -> Probe:
        if deadline.seconds_left < 1:
            time.sleep(TOO_LONG_S)
        return super().probe(deadline)


@wrong("deadlines.changing")
class SendsAsLongAsItTakes(MemoryBank):
    """The answer is waited for without end."""

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        if 0.1 < deadline.seconds_left < 1:
            time.sleep(TOO_LONG_S)
        return super().submit_documents(documents, deadline)


@wrong("deadlines.timeout-after-sending")
class TimeoutMeansNothingWasSent(MemoryBank):
    """A late answer is told as a call that was never made."""

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        results = super().submit_documents(documents, deadline)
        if deadline.seconds_left < 0.1:
            raise CoreUnavailable("no answer in time")
        return results


@wrong("together.entries")
class LosesEntriesOfManyWriters(MemoryBank):
    """Numbers are taken early and committed late: readers go past them."""

    written = 0

    def book(self, account: str, details: EntryDetails, document_id: str | None = None) -> str:
        core_id = super().book(account, details, document_id)
        if is_one_of_many():
            self.written += 1
            if self.written % 3 == 0:
                self.lose_entry(account, core_id)
        return core_id


@wrong("together.events")
class LosesEventsOfManyWriters(MemoryBank):
    """The same for events."""

    def tell(self, state: DocumentState) -> None:
        with self._lock:
            super().tell(state)
            if is_one_of_many() and len(self._events) % 3 == 0:
                self._events.pop()


@wrong("together.readers")
class OneReaderAtATime(MemoryBank):
    """The place of the last reader is kept in the core."""

    place = 0

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        if not is_one_of_many() or not after:
            return page
        with self._lock:
            life, number, day = after.text.split(" ")
            start = max(int(number), self.place)
            page = super().pull_entries(core_account_id, Mark(f"{life} {start} {day}"), limit, deadline)
            self.place = start + len(page.entries)
        return page
