"""What stands before every core: a hanging or dead one takes few threads for a short time, and drafts have their own.

Calls go in two lanes (`lanes.py`): `drafts` are documents and their fate, `reading` is the rest, so that reading never
starves drafts.  Every error that comes from here means that nothing was attempted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeVar

import structlog

from adapter.connectors.lanes import Lane, Verdict
from adapter.domain.core import (
    Capabilities,
    CoreAccount,
    CoreBalance,
    CoreCustomer,
    CoreDocument,
    CoreStatementOrder,
    Deadline,
    DocumentState,
    EntryPage,
    EventPage,
    Mark,
    NotFound,
    Probe,
    Result,
    StatementAnswer,
    Unknown,
)
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable, MarkUnknown
from adapter.domain.lanes import LaneState
from adapter.ports import CoreBanking

T = TypeVar("T")
NoteWrong = Callable[[str, str], None]  # which question, and what is wrong with its answer

log = structlog.get_logger("adapter.core")

DRAFTS_SHARE = 4  # one in so many calls at once may be about drafts: few threads send them


def log_wrong(call: str, what: str) -> None:
    """Where nobody looks after alarms."""
    log.error("the core's answer breaks its contract", call=call, what=what)


class GuardedCore:
    """Any CoreBanking behind its lanes.  The probe goes past them and counts for nothing."""

    def __init__(
        self, core: CoreBanking, *, calls_max: int, failures_max: int, rest_s: float, note_wrong: NoteWrong = log_wrong
    ) -> None:
        drafts = max(1, calls_max // DRAFTS_SHARE)
        self._core = core
        self._note_wrong = note_wrong
        self._drafts = Lane("drafts", calls_max=drafts, failures_max=failures_max, rest_s=rest_s)
        self._reading = Lane("reading", calls_max=max(1, calls_max - drafts), failures_max=failures_max, rest_s=rest_s)

    def lanes(self) -> Sequence[LaneState]:
        """How this process stands to the core."""
        return (self._reading.state(), self._drafts.state())

    def capabilities(self) -> Capabilities:
        try:
            return self._core.capabilities()
        except CoreAnswerWrong as error:
            self._note_wrong(error.call, error.what)
            raise

    def probe(self, deadline: Deadline) -> Probe:
        """Drafts are not tried while their lane rests, so the core counts as down for those who would send them."""
        rests_s = self._drafts.state().rests_s
        if rests_s:
            return Probe(is_up=False, detail=f"it failed and is left alone for {rests_s:.0f} s")
        return self._core.probe(deadline)

    def find_customers(self, user_id: str, deadline: Deadline) -> Sequence[CoreCustomer]:
        return self._ask(self._reading, deadline, lambda: self._core.find_customers(user_id, deadline))

    def list_accounts(self, customer_id: str, deadline: Deadline) -> Sequence[CoreAccount]:
        return self._ask(self._reading, deadline, lambda: self._core.list_accounts(customer_id, deadline))

    def read_balances(self, core_account_ids: Sequence[str], deadline: Deadline) -> Sequence[CoreBalance]:
        return self._ask(self._reading, deadline, lambda: self._core.read_balances(core_account_ids, deadline))

    def pull_entries(self, core_account_id: str, after: Mark | None, limit: int, deadline: Deadline) -> EntryPage:
        return self._ask(
            self._reading, deadline, lambda: self._core.pull_entries(core_account_id, after, limit, deadline)
        )

    def order_statement(self, order: CoreStatementOrder, deadline: Deadline) -> None:
        self._ask(self._reading, deadline, lambda: self._core.order_statement(order, deadline))

    def read_statement(self, order_id: str, deadline: Deadline) -> StatementAnswer:
        return self._ask(self._reading, deadline, lambda: self._core.read_statement(order_id, deadline))

    def submit_documents(self, documents: Sequence[CoreDocument], deadline: Deadline) -> Sequence[Result]:
        return self._ask(
            self._drafts, deadline, lambda: self._core.submit_documents(documents, deadline), _are_all_lost
        )

    def find_documents(self, document_ids: Sequence[str], deadline: Deadline) -> Sequence[DocumentState | NotFound]:
        return self._ask(self._drafts, deadline, lambda: self._core.find_documents(document_ids, deadline))

    def pull_document_events(self, after: Mark | None, limit: int, deadline: Deadline) -> EventPage:
        return self._ask(self._drafts, deadline, lambda: self._core.pull_document_events(after, limit, deadline))

    def withdraw_document(self, document_id: str, request_id: str, deadline: Deadline) -> Result:
        return self._ask(
            self._drafts,
            deadline,
            lambda: self._core.withdraw_document(document_id, request_id, deadline),
            _is_lost,
        )

    def _ask(
        self, lane: Lane, deadline: Deadline, call: Callable[[], T], is_lost: Callable[[T], bool] = lambda _: False
    ) -> T:
        """A wrong answer is an answer: the core lives, and somebody must mend it.

        A change whose answer was lost is a failure too, though nothing is raised: `is_lost` tells.
        """
        with lane.turn(deadline) as tell:
            try:
                answer = call()
            except MarkUnknown:
                tell(Verdict.ANSWERED)
                raise
            except CoreAnswerWrong as error:
                tell(Verdict.ANSWERED)
                self._note_wrong(error.call, error.what)
                raise
            except CoreUnavailable:
                tell(Verdict.FAILED)
                raise
            tell(Verdict.FAILED if is_lost(answer) else Verdict.ANSWERED)
            return answer


def _is_lost(result: Result) -> bool:
    return isinstance(result, Unknown) and not result.is_answer and not result.is_taken


def _are_all_lost(results: Sequence[Result]) -> bool:
    return bool(results) and all(_is_lost(result) for result in results)
