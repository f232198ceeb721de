"""Documents that wait for a person: the core is asked first, then a person's word or permission counts.

Sending itself stays the worker's: a person's *send again* only says that the document is confirmed absent.  The worker
asks the core once more, notes the sending and sends under the same id.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from adapter.domain.core import Deadline, DocumentState, NotFound
from adapter.domain.fates import Source, Word, core_word
from adapter.domain.payments import PaymentStatus
from adapter.domain.stuck import STAFF_SAYS, AbsentEnd, Act, Evidence, Person, Refusal, StuckDocument, StuckRefused
from adapter.ports import Clock, CoreBanking, StuckBook


@dataclass(frozen=True, slots=True, kw_only=True)
class StuckDocuments:
    """Every action raises NotFound, StuckRefused, or CoreUnavailable where the core cannot be asked now.

    `seen` is the version of the document that the person looked at (None: as it is when the action begins).
    """

    book: StuckBook
    core: CoreBanking
    clock: Clock
    read_timeout_s: float

    def list_stuck(self, limit: int, offset: int = 0) -> Sequence[StuckDocument]:
        """Longest waiting first."""
        return self.book.list_stuck(limit, offset)

    def read(self, payment_id: str) -> StuckDocument:
        """Any payment with its history, also one that waits no longer.  Raises NotFound."""
        return self.book.read(payment_id)

    def adopt(
        self,
        payment_id: str,
        person: Person,
        reason: str,
        evidence: Evidence | None = None,
        *,
        seen: str | None = None,
    ) -> PaymentStatus:
        """Found in the core: take over where it is there; answers that.

        What the core itself tells counts; `evidence` only where it does not tell and cannot prove the absence.
        """
        document = self._read_stuck(payment_id, seen)
        state = self._ask_core(payment_id)
        word = core_word(state) if isinstance(state, DocumentState) else self._staff_word(document, evidence)
        detail = {"status": word.status, "told_by": word.source, "core_reference": word.core_reference or ""}
        self.book.adopt(payment_id, document.version, word, self._act("document.adopted", person, reason, detail))
        return word.status

    def send_again(self, payment_id: str, person: Person, reason: str, *, seen: str | None = None) -> AbsentEnd:
        """Confirmed absent: let the worker send it under the same id; one that must not go any more is cancelled."""
        document = self._read_stuck(payment_id, seen)
        if isinstance(self._ask_core(payment_id), DocumentState):
            raise StuckRefused(Refusal.CORE_HAS_IT)
        act = self._act("document.confirmed_absent", person, reason)
        return self.book.note_absent(payment_id, document.version, act)

    def ask_again(self, payment_id: str, person: Person, reason: str) -> None:
        """Let the worker ask the core once more; it never sends on a guess."""
        self.book.ask_again(payment_id, self._act("document.asked_again", person, reason))

    def _read_stuck(self, payment_id: str, seen: str | None) -> StuckDocument:
        """What waits no longer as it was seen is refused before the core is asked; the book looks again under lock."""
        document = self.book.read(payment_id)
        if document.since is None or seen not in (None, document.version):
            raise StuckRefused(Refusal.MOVED_ON)
        return document

    def _ask_core(self, payment_id: str) -> DocumentState | NotFound:
        (state,) = self.core.find_documents([payment_id], Deadline.after(self.read_timeout_s))
        return state

    def _staff_word(self, document: StuckDocument, evidence: Evidence | None) -> Word:
        now = self.clock.now()
        if self.core.capabilities().proves_absence(document.last_sent_at, now):
            raise StuckRefused(Refusal.CORE_DENIES)
        if evidence is None:
            raise StuckRefused(Refusal.NOT_FOUND)
        return Word(
            payment_id=document.payment_id,
            status=evidence.status,
            at=now,
            source=Source.STAFF,
            reason=STAFF_SAYS,
            core_reference=evidence.core_reference,
        )

    def _act(self, action: str, person: Person, reason: str, detail: Mapping[str, str] | None = None) -> Act:
        return Act(action=action, person=person, reason=reason, at=self.clock.now(), detail=detail or {})
