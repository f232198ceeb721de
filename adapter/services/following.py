"""Following the core's events: words about payments that we know, and payments that the core has and we lost.

We lose payments when our own database is restored to an earlier moment.  The mark of the events is then as old as all
else, so the events name every document of the lost time: its payment is recreated from what the core kept of it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass

import structlog

from adapter.domain.core import CoreAccount, CoreDocument, Deadline, DocumentState, EventPage, Mark, NotFound
from adapter.domain.errors import CoreUnavailable, MarkUnknown
from adapter.domain.fates import Word, core_word
from adapter.ports import CoreBanking, FateLog

log = structlog.get_logger("adapter.following")

EVENTS_MAX = 500
CANNOT_TELL = "the core does not tell documents whole"
NOT_THERE = "the core tells an event of it, and does not know it"
NOT_OURS = "the core kept no origin with it that we wrote"
OTHER_ID = "the core tells another document in its place"
UNREADABLE = "what the core kept of it cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Followed:
    """A page of events: how many, how many payments it brought back, and documents that nobody here knows."""

    events: int
    adopted: int
    unknown: Sequence[str]
    has_more: bool
    is_anew: bool = False  # the core did not know the mark: this page is its first


@dataclass(frozen=True, slots=True, kw_only=True)
class Following:
    """`fates` is our side of payments, `core` the other."""

    fates: FateLog
    core: CoreBanking
    read_timeout_s: float

    def follow_page(self) -> Followed:
        """Apply the next page of events.  Raises CoreUnavailable; the same page then comes again."""
        before = self.fates.read_mark()
        page, is_anew = self._pull(before)
        if page.unreadable:
            log.error("events of the core cannot be read", events=len(page.unreadable))
            self.fates.note_unreadable(page.unreadable)
        followed = {state.document_id for state in page.events}
        unknown = self.fates.list_unknown(sorted(followed | {one for one in page.unreadable if one}))
        adopted = self._adopt(unknown, followed) if unknown else {}
        if page.mark != before:
            self.fates.follow([*map(core_word, page.events), *adopted.values()], before, page.mark)
        return Followed(
            events=len(page.events) + len(page.unreadable),
            adopted=len(adopted),
            unknown=[one for one in unknown if one not in adopted],
            has_more=page.has_more,
            is_anew=is_anew,
        )

    def adopt_again(self, payment_ids: Sequence[str]) -> int:
        """Try those once more that could not be adopted; how many are here now.  Raises CoreUnavailable."""
        lost = self.fates.list_unknown(payment_ids)
        return len(self._adopt(lost, followed=())) if lost else 0

    def adopt_silent(self, documents: Sequence[CoreDocument]) -> int:
        """Recreate payments that left and of which the core has not yet spoken; how many.  Raises CoreUnavailable."""
        lost = set(self.fates.list_unknown([document.id for document in documents]))
        accounts: dict[str, dict[str, CoreAccount]] = {}
        results = {one.id: self._adopt_document(one, accounts, is_silent=True) for one in documents if one.id in lost}
        refused = {document_id: why for document_id, why in results.items() if why is not None}
        self.fates.note_unknown(refused)
        return len(results) - len(refused)

    def _pull(self, before: Mark | None) -> tuple[EventPage, bool]:
        """A core that no longer knows the mark was restored: it tells its events again; repeating one is harmless."""
        try:
            return self.core.pull_document_events(before, EVENTS_MAX, self._deadline()), False
        except MarkUnknown:
            log.warning("the core does not know the mark of its events and tells them from the beginning")
            self.fates.note_core_restored()
        try:
            return self.core.pull_document_events(None, EVENTS_MAX, self._deadline()), True
        except MarkUnknown as error:
            raise CoreUnavailable("the core does not know the beginning of its events") from error

    def _adopt(self, payment_ids: Sequence[str], followed: Collection[str]) -> dict[str, Word]:
        """Recreate payments; answers for each that is there now where it is in the core.

        Those of `followed` are told by events that come again until they are applied.  Of the others no event may ever
        come: they are told in the transaction that recreates them.
        """
        if not self.core.capabilities().can_tell_documents:
            self.fates.note_unknown(dict.fromkeys(payment_ids, CANNOT_TELL))
            return {}
        accounts: dict[str, dict[str, CoreAccount]] = {}
        adopted, refused = {}, {}
        for state in self._find(payment_ids):
            if isinstance(state, NotFound):
                refused[state.document_id] = NOT_THERE
                continue
            word = core_word(state)
            why = self._adopt_one(state, accounts, None if state.document_id in followed else word)
            if why is not None:
                refused[state.document_id] = why
            else:
                adopted[state.document_id] = word
        self.fates.note_unknown(refused)
        return adopted

    def _find(self, payment_ids: Sequence[str]) -> Iterator[DocumentState | NotFound]:
        """As many in a call as the core takes."""
        size = self.core.capabilities().batch_size_max
        for first in range(0, len(payment_ids), size):
            yield from self.core.find_documents(payment_ids[first : first + size], self._deadline())

    def _adopt_one(
        self, state: DocumentState, accounts: dict[str, dict[str, CoreAccount]], word: Word | None
    ) -> str | None:
        """None where it is adopted, else why not."""
        document = state.document
        if document is not None and document.id != state.document_id:
            return OTHER_ID
        return self._adopt_document(document, accounts, word=word) if document else NOT_OURS

    def _adopt_document(
        self,
        document: CoreDocument,
        accounts: dict[str, dict[str, CoreAccount]],
        *,
        word: Word | None = None,
        is_silent: bool = False,
    ) -> str | None:
        origin = self.fates.read_origin(document)
        if origin is None:
            return NOT_OURS
        customer = document.customer_id
        if customer not in accounts:
            told = self.core.list_accounts(customer, self._deadline())
            accounts[customer] = {account.core_id: account for account in told}
        try:
            account = accounts[customer].get(document.core_account_id)
            return self.fates.adopt(document, origin, account, word=word, is_silent=is_silent)
        except (ValueError, TypeError, AttributeError):  # one that is damaged must not keep the events of all others
            log.exception("a document of the core cannot be adopted", payment_id=document.id)
            return UNREADABLE

    def _deadline(self) -> Deadline:
        return Deadline.after(self.read_timeout_s)
