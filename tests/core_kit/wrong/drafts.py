"""Wrong in what it does with drafts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from adapter.domain.core import Accepted, CoreDocument, Deadline, DocumentState, NotFound, Refused, Result
from adapter.domain.money import Money
from adapter.domain.payments import PaymentStatus
from tests.core_kit.wrong import wrong
from tests.fakes import MemoryBank

LOST_FROM = 40  # lines of a batch


class TellsDocumentsWrong(MemoryBank):
    """Documents are spoilt on their way back."""

    def _find(self, document_id: str) -> DocumentState | NotFound:
        found = super()._find(document_id)
        if isinstance(found, NotFound) or found.document is None:
            return found
        return replace(found, document=self.spoil(found.document))

    def spoil(self, document: CoreDocument) -> CoreDocument:
        return document


@wrong("drafts.accepted")
class GivesNoReference(MemoryBank):
    """The bank's own number comes later, if ever."""

    def _accepted(self, document_id: str) -> Accepted:
        return replace(super()._accepted(document_id), core_reference="")


@wrong(
    "deadlines.sent-again-after-timeout",
    "drafts.same-after-its-end",
    "drafts.same-id-other-order",
    "drafts.same-in-batch",
    "drafts.same-in-parallel",
    "drafts.same-twice",
)
class TakesEverythingTwice(MemoryBank):
    """Promises to know an id again, and does not."""

    def _submit(self, document: CoreDocument) -> Result:
        self.orders.pop(document.id, None)
        return super()._submit(document)


@wrong("drafts.same-id-other-order")
class LaterOrderWins(MemoryBank):
    """INSERT … ON CONFLICT DO UPDATE."""

    def _submit(self, document: CoreDocument) -> Result:
        result = super()._submit(document)
        if document.id in self.orders:
            self.orders[document.id] = document
        return result


@wrong("drafts.same-after-its-end")
class BringsTheDeadBack(MemoryBank):
    """An id is known again only while its draft is alive."""

    def _submit(self, document: CoreDocument) -> Result:
        known = self.documents.get(document.id)
        if known and known.status.is_final:
            self.orders.pop(document.id)
        return super()._submit(document)


@wrong("drafts.one-refusal")
class OneRefusalStopsAll(MemoryBank):
    """A batch is one transaction."""

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        results = super().submit_documents(documents, deadline)
        if all(isinstance(one, Accepted) for one in results):
            return results
        return tuple(Refused(document_id=one.id, code="batch", reason="Ошибка в пакете") for one in documents)


@wrong("drafts.refused-is-not-there")
class KeepsWhatItRefuses(MemoryBank):
    """Refused after it was written."""

    def _submit(self, document: CoreDocument) -> Result:
        result = super()._submit(document)
        if isinstance(result, Refused):
            self.documents[document.id] = DocumentState(
                document_id=document.id, status=PaymentStatus.AWAITING_SIGNATURE, at=self.clock.now()
            )
        return result


@wrong("drafts.full-batch", "drafts.ten-thousand-lines")
class LosesTheEndOfLargeBatches(MemoryBank):
    """A message is cut at its largest size, and all is well."""

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        kept = super().submit_documents(documents[:LOST_FROM], deadline)
        lost = [Accepted(document_id=one.id, core_reference="?") for one in documents[LOST_FROM:]]
        return (*kept, *lost)


@wrong("drafts.found-in-order")
class FindsInOrderOfTheTable(MemoryBank):
    """WHERE id IN (…), and unknown ids have no row."""

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        found = super().find_documents(sorted(document_ids), deadline)
        return [one for one in found if len(document_ids) == 1 or isinstance(one, DocumentState)]


@wrong("drafts.told-whole")
class ForgetsBudgetOfDrafts(TellsDocumentsWrong):
    """Keeps only the fields that its own pages show."""

    def spoil(self, document: CoreDocument) -> CoreDocument:
        return replace(document, order=replace(document.order, budget=None))


@wrong("drafts.edited-is-told-as-submitted")
class TellsDraftsAsEdited(TellsDocumentsWrong):
    """An edit is written over what was submitted."""

    def spoil(self, document: CoreDocument) -> CoreDocument:
        purpose = self.documents[document.id].edited.get("purpose", document.order.purpose)
        return replace(document, order=replace(document.order, purpose=purpose))


@wrong("drafts.origin")
class CutsOrigin(TellsDocumentsWrong):
    """VARCHAR(255)."""

    def spoil(self, document: CoreDocument) -> CoreDocument:
        return replace(document, origin=document.origin[:255])


@wrong("drafts.sums")
class CountsDraftsInFloats(TellsDocumentsWrong):
    """Sums went through a number of seven digits."""

    def spoil(self, document: CoreDocument) -> CoreDocument:
        amount = Money.of(f"{float(f'{document.order.amount.amount:.7g}'):.2f}")
        return replace(document, order=replace(document.order, amount=amount))
