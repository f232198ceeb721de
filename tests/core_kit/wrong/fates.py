"""Wrong in what it tells of a draft's fate, and in withdrawals."""

from __future__ import annotations

from dataclasses import replace

from adapter.domain.core import Accepted, Deadline, DocumentState, EventPage, Mark, NotFound, Refused, Result
from adapter.domain.payments import PaymentStatus
from adapter.domain.statements import EntryDetails
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank, entry_details


@wrong("fates.executed", by_chance="withdrawals.race")
class DoesNotTellSignatures(MemoryBank):
    """Only ends are told."""

    def tell(self, state: DocumentState) -> None:
        super().tell(state)
        if state.status is PaymentStatus.SIGNED:
            self._events.pop()


@wrong("fates.executed", "fates.last-event-is-state", "fates.order")
class TellsTheEndBeforeTheWay(MemoryBank):
    """Two programs write the log, each with numbers of its own."""

    def tell(self, state: DocumentState) -> None:
        super().tell(state)
        if state.status is PaymentStatus.EXECUTED:
            self._events[-2:] = self._events[:-3:-1]


@wrong("fates.booked")
class BooksWithoutOurId(MemoryBank):
    """Our id is lost on the way to the books."""

    def book(self, account: str, details: EntryDetails, document_id: str | None = None) -> str:
        return super().book(account, details)


@wrong("fates.booked-once")
class BooksOnAnotherAccountToo(MemoryBank):
    """Entries find their orders by the number alone, and another account has one of the same number."""

    def book(self, account: str, details: EntryDetails, document_id: str | None = None) -> str:
        core_id = super().book(account, details, document_id)
        if document_id is not None:
            super().book("acc-2", details, document_id)
        return core_id


@wrong("fates.rejected")
class RejectsWithoutReason(MemoryBank):
    """A code that nobody translated."""

    def reject(self, document_id: str, reason: str = "") -> None:
        super().reject(document_id, reason)


@wrong("fates.rejected-books-nothing")
class BooksWhatItRejects(MemoryBank):
    """The entry is written first and the money is looked at later."""

    def reject(self, document_id: str, reason: str = "Недостаточно средств") -> None:
        self.book("acc-1", entry_details(day=self._today()), document_id)
        super().reject(document_id, reason)


@wrong("fates.expired")
class ExpiresSilently(MemoryBank):
    """The nightly job writes states, not events."""

    def expire(self, document_id: str) -> None:
        super().expire(document_id)
        self._events.pop()


@wrong("fates.edited")
class TellsAllFieldsAsEdited(MemoryBank):
    """The whole form is told after an edit."""

    def edit(self, document_id: str, **edited: str) -> None:
        super().edit(document_id, number=self.orders[document_id].order.number, **edited)


@wrong("fates.last-event-is-state")
class StatesSayMoreThanEvents(MemoryBank):
    """The state has a reason that no event told."""

    def _find(self, document_id: str) -> DocumentState | NotFound:
        found = super()._find(document_id)
        return found if isinstance(found, NotFound) else replace(found, reason=found.reason or "ok")


@wrong("fates.pages", by_chance="together.events")
class SkipsEventsBetweenPages(MemoryBank):
    """The next page begins one row too far."""

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        page = super().pull_document_events(after, limit, deadline)
        if not page.has_more:
            return page
        rest = super().pull_document_events(page.mark, 1, deadline)
        return replace(page, mark=rest.mark, has_more=rest.has_more)


@wrong("fates.pages", "fates.replay")
class EventsAreAQueue(MemoryBank):
    """What was told once is gone."""

    told = 0

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        page = super().pull_document_events(after, limit, deadline)
        number = int(page.mark.text.split(" ")[1])
        fresh = page.events if number > self.told else ()
        self.told = max(self.told, number)
        return replace(page, events=fresh)


@wrong("fates.moments")
class EventsWithoutZone(MemoryBank):
    """Moments without an offset."""

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        page = super().pull_document_events(after, limit, deadline)
        return replace(page, events=[replace(one, at=one.at.replace(tzinfo=None)) for one in page.events])


@wrong("withdrawals.accepted", "withdrawals.parallel", by_chance="withdrawals.race")
class WithdrawsSilently(MemoryBank):
    """A withdrawal is no event."""

    def _withdraw(self, document_id: str) -> Result:
        result = super()._withdraw(document_id)
        if isinstance(result, Accepted):
            self._events.pop()
        return result


@wrong("withdrawals.parallel", "withdrawals.repeated")
class ForgetsRequests(MemoryBank):
    """The second asking meets a draft that is withdrawn already."""

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        with self._lock:
            return self._withdraw(document_id)


@wrong("withdrawals.refusal-repeated")
class GivesInTheSecondTime(MemoryBank):
    """A repeated request is answered by its being there."""

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        known = request_id in self._withdrawals
        result = super().withdraw_document(document_id, request_id, deadline)
        return self._accepted(document_id) if known and document_id in self.documents else result


@wrong("withdrawals.parallel", "withdrawals.repeated")
class CancelsAsOftenAsAsked(MemoryBank):
    """Every request writes an event."""

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        known = request_id in self._withdrawals
        result = super().withdraw_document(document_id, request_id, deadline)
        if known and isinstance(result, Accepted):
            self.tell(self.documents[document_id])
        return result


@wrong("withdrawals.race", "withdrawals.refusal-repeated", "withdrawals.signed")
class BothWin(MemoryBank):
    """Signing and withdrawing look at the draft, and then write whatever came meanwhile."""

    def sign(self, document_id: str) -> None:
        with self._lock:
            self.tell(replace(self.documents[document_id], status=PaymentStatus.SIGNED))

    def _withdraw(self, document_id: str) -> Result:
        if document_id not in self.documents:
            return super()._withdraw(document_id)
        self.tell(replace(self.documents[document_id], status=PaymentStatus.CANCELLED))
        return self._accepted(document_id)


@wrong("withdrawals.unknown")
class WithdrawsTheUnknown(MemoryBank):
    """UPDATE of no row is a success."""

    def _withdraw(self, document_id: str) -> Result:
        result = super()._withdraw(document_id)
        if isinstance(result, Refused) and result.code == "not_found":
            return Accepted(document_id=document_id, core_reference="-")
        return result
