"""Wrong in corrections and marks."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from adapter.domain.core import Deadline, EntryPage, EventPage, Mark
from adapter.domain.errors import MarkUnknown
from adapter.domain.statements import EntryDetails
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank


@wrong(
    "changes.keeps-id", "changes.memo-becomes-order", "changes.others-stay", "changes.twice", "statements.equals-feed"
)
class ChangeIsAnotherEntry(MemoryBank):
    """The version is part of the id."""

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        self.remove(account, core_id)
        self.book(account, details)


@wrong("changes.memo-becomes-order")
class KindIsPartOfTheId(MemoryBank):
    """The id is made of the kind of document and its number."""

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        if details.document_type is self.entry(account, core_id).document_type:
            super().change(account, core_id, details)
        else:
            self.remove(account, core_id)
            self.book(account, details)


@wrong("changes.twice")
class OneChangeOnly(MemoryBank):
    """Has a place for one correction of an entry."""

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        versions = [entry for entry, _ in self._ledgers[account].log if entry.core_id == core_id]
        if len(versions) < 2:
            super().change(account, core_id, details)


@wrong("changes.removal", "days.add-up", "statements.equals-feed")
class RemovesSilently(MemoryBank):
    """DELETE without a tombstone."""

    def remove(self, account: str, core_id: str) -> None:
        with self._lock:
            self._ledgers[account].current.pop(core_id)


@wrong("changes.removed-id")
class UsesIdsAgain(MemoryBank):
    """The number of occurrence counts only the entries that are there."""

    def remove(self, account: str, core_id: str) -> None:
        super().remove(account, core_id)
        self._next_id = int(core_id.removeprefix("core-"))


@wrong("changes.reversal")
class ReversalIsTheSameEntry(MemoryBank):
    """Сторно turns the entry round."""

    def reverse(self, account: str, core_id: str) -> str:
        reversal_id = super().reverse(account, core_id)
        turned = self.entry(account, reversal_id)
        self.lose_entry(account, reversal_id)
        self.change(account, core_id, turned)
        return core_id


@wrong("changes.others-stay")
class TellsNeighboursAgain(MemoryBank):
    """A change gives new numbers to the whole day."""

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        for neighbour in list(self._ledgers[account].current):
            if neighbour != core_id:
                self._write(account, self._last(account, neighbour))
        super().change(account, core_id, details)


@wrong("entries.small-pages", "marks.replay", "together.readers")
class ReadingEmptiesTheQueue(MemoryBank):
    """What was told once is gone."""

    told = 0

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        page = super().pull_entries(core_account_id, after, limit, deadline)
        if core_account_id != "acc-1" or not after:
            return page
        number = int(page.mark.text.split(" ")[1])
        fresh = page.entries if number > self.told else ()
        self.told = max(self.told, number)
        return replace(page, entries=fresh)


@wrong("days.add-up", "marks.replay-grows", "statements.equals-feed")
class ForgetsWhatChangedLater(MemoryBank):
    """Only the newest change of the log is kept once an entry is corrected."""

    def change(self, account: str, core_id: str, details: EntryDetails) -> None:
        super().change(account, core_id, details)
        ledger = self._ledgers[account]
        ledger.log = [(replace(entry, core_id="gone"), day) for entry, day in ledger.log[:-1]] + ledger.log[-1:]


@wrong("marks.size")
class MarksWithLineBreaks(MemoryBank):
    """Marks in base64 as a mail has it."""

    def pull_entries(self, *call: Any) -> EntryPage:
        page = super().pull_entries(*call)
        return replace(page, mark=Mark(page.mark.text + "\n"))

    def _read_mark(self, mark: Mark | None, end: int) -> tuple[int, str]:
        return super()._read_mark(mark and Mark(mark.text.strip()), end)


@wrong("marks.restored", "marks.unknown-entries")
class UnknownMarkIsTheBeginning(MemoryBank):
    """Entries begin anew, silently, where a mark cannot be read."""

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        try:
            return super().pull_entries(core_account_id, after, limit, deadline)
        except MarkUnknown:
            return super().pull_entries(core_account_id, None, limit, deadline)


@wrong("marks.restored", "marks.unknown-events")
class UnknownMarkOfEventsIsTheBeginning(MemoryBank):
    """The same for events."""

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        try:
            return super().pull_document_events(after, limit, deadline)
        except MarkUnknown:
            return super().pull_document_events(None, limit, deadline)


@wrong("marks.restored")
class RestoreIsNotNoticed(MemoryBank):
    """Marks are plain numbers."""

    def lose_memory(self) -> None:
        pass
