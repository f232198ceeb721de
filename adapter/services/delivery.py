"""Carrying drafts to the core and bringing back their fate: the worker's side of payments.

A payment is committed as `sending` before the core hears of it.  Where the answer is lost, or the worker dies, it is
`unknown`, and the core is asked by our id; it is sent again only where that cannot make a second draft.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import structlog

from adapter.domain.core import Deadline, DocumentState, NotFound, Refused, Result, Unknown
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable
from adapter.domain.fates import (
    OF_LOST,
    Action,
    Errand,
    Outcome,
    core_word,
    withdrawal_request_id,
)
from adapter.domain.payments import PaymentStatus
from adapter.ports import Clock, CoreBanking, FateLog
from adapter.services.following import Following
from adapter.services.outcomes import RETRY_MAX_S, TOGETHER_MAX, Outcomes

log = structlog.get_logger("adapter.delivery")

LEASE_MAX = 500  # errands at a time, also where the core would take more in one call


@dataclass(slots=True, kw_only=True)
class Delivery:
    """One worker's hands.  `lease_s` must exceed `change_timeout_s`: a lease outlives the call made under it."""

    fates: FateLog
    core: CoreBanking
    clock: Clock
    owner: str
    lease_s: float
    read_timeout_s: float
    change_timeout_s: float
    _core_was_down: bool = field(default=False, init=False)
    _times_anew: int = field(default=0, init=False)  # in a row that the core did not know the mark of its events
    _follow_again_at: dt.datetime | None = field(default=None, init=False)
    _last_call: Deadline = field(default_factory=lambda: Deadline.after(0), init=False)

    @property
    def _outcomes(self) -> Outcomes:
        return Outcomes(core=self.core, clock=self.clock)

    def send_due(self) -> bool:
        """Do the errands that are due; answers whether there were any.  While the core is down nothing is leased."""
        if self._core_was_down and not self._is_up():
            return False
        self._core_was_down = False
        # Taken before the lease: a call that began later could still be running when another worker has the errand.
        self._last_call = Deadline.after(self.lease_s - self.change_timeout_s)
        try:
            limit = min(LEASE_MAX, self.core.capabilities().batch_size_max)
        except CoreUnavailable:  # a core that has not told yet what it can do
            self._core_was_down = True
            return False
        errands = self.fates.lease_errands(self.owner, self.lease_s, limit)
        self._do(self._submit_now, [errand for errand in errands if errand.status is PaymentStatus.SENDING], limit)
        self._do(self._resolve, [errand for errand in errands if _is_in_doubt(errand)], limit)
        self._do(self._withdraw, [errand for errand in errands if errand.action is Action.WITHDRAW], limit)
        return bool(errands)

    def follow_fates(self) -> bool:
        """Apply a page of the core's events; answers whether there were any."""
        if self._follow_again_at is not None and self.clock.now() < self._follow_again_at:
            return False
        following = Following(fates=self.fates, core=self.core, read_timeout_s=self.read_timeout_s)
        try:
            page = following.follow_page()
        except CoreUnavailable:
            return False
        self._rest_from_events(page.is_anew)
        return bool(page.events)

    def _rest_from_events(self, is_anew: bool) -> None:
        """A core that forgets the mark that it just gave is not read from its beginning without a pause."""
        self._times_anew = self._times_anew + 1 if is_anew else 0
        rest_s = min(RETRY_MAX_S, 2.0 ** min(self._times_anew, 10))
        is_again = self._times_anew > 1
        self._follow_again_at = self.clock.now() + dt.timedelta(seconds=rest_s) if is_again else None

    def _do(self, act: Callable[[Sequence[Errand]], list[Outcome]], errands: Sequence[Errand], limit: int) -> None:
        for group in _group(errands, limit):
            self.fates.finish_errands(self.owner, self._try(act, group))
            log.info("errands done", kind=act.__name__.strip("_"), errands=len(group))

    def _try(self, act: Callable[[Sequence[Errand]], list[Outcome]], errands: Sequence[Errand]) -> list[Outcome]:
        if self._core_was_down or not self._last_call.seconds_left:
            return [self._outcomes.waits(errand) for errand in errands]
        try:
            return act(errands)
        except CoreAnswerWrong:  # it lives: what it answers wrongly to must not keep the others
            return [self._outcomes.not_attempted(errand) for errand in errands]
        except CoreUnavailable:
            return self._unavailable(errands)
        except Exception:
            log.exception("the connector failed", payments=[errand.payment_id for errand in errands])
            return [self._outcomes.failed(errand) for errand in errands]

    def _unavailable(self, errands: Sequence[Errand]) -> list[Outcome]:
        """A core that is well but for one errand must not keep those behind that: it goes alone, then after them."""
        is_up = bool(self._last_call.seconds_left) and self._is_up()
        if is_up and len(errands) == 1 and errands[0].attempts > TOGETHER_MAX:
            return [self._outcomes.behind_others(errands[0])]
        self._core_was_down = True
        put_back = self._outcomes.not_attempted if is_up else self._outcomes.waits
        return [put_back(errand) for errand in errands]

    def _is_up(self) -> bool:
        return self.core.probe(Deadline.after(self.read_timeout_s)).is_up

    def _submit_now(self, errands: Sequence[Errand]) -> list[Outcome]:
        """The moment of sending is committed first: what a NotFound proves is counted from the last sending."""
        deadline = self._deadline(self.change_timeout_s)
        noted = set(self.fates.note_sending(self.owner, [errand.payment_id for errand in errands]))
        errands = [errand for errand in errands if errand.payment_id in noted]
        results = self._submit(errands, deadline)
        return [self._outcomes.of_result(errand, results[errand.payment_id]) for errand in errands]

    def _resolve(self, errands: Sequence[Errand]) -> list[Outcome]:
        """Ask the core about payments whose sending is in doubt, and about those that it lost."""
        found = self._find(errands)
        outcomes, again = [], []
        for errand in errands:
            state = found[errand.payment_id]
            if isinstance(state, DocumentState):
                outcomes.append(Outcome(payment_id=errand.payment_id, word=core_word(state)))
            elif self._outcomes.may_send_again(errand):
                again.append(errand)
            else:
                outcomes.append(self._outcomes.not_found(errand))
        return outcomes + self._submit_again(again)

    def _submit_again(self, errands: Sequence[Errand]) -> list[Outcome]:
        """What was found out about others in the same call is kept where the core goes down meanwhile."""
        if not errands:
            return []
        try:
            return self._submit_now(errands)
        except CoreUnavailable:
            return self._unavailable(errands)

    def _withdraw(self, errands: Sequence[Errand]) -> list[Outcome]:
        if not self.core.capabilities().can_withdraw:
            return [Outcome(payment_id=errand.payment_id) for errand in errands]
        found = self._find(errands)
        return [self._withdraw_one(errand, found[errand.payment_id]) for errand in errands]

    def _withdraw_one(self, errand: Errand, state: DocumentState | NotFound) -> Outcome:
        if isinstance(state, DocumentState) and state.status is not PaymentStatus.AWAITING_SIGNATURE:
            return Outcome(payment_id=errand.payment_id, word=core_word(state))
        request_id = withdrawal_request_id(errand.payment_id)
        result = self.core.withdraw_document(errand.payment_id, request_id, self._deadline(self.change_timeout_s))
        if isinstance(result, Unknown):
            return self._outcomes.taken(errand) if result.is_taken else self._outcomes.later(errand)
        if isinstance(result, Refused):
            return Outcome(payment_id=errand.payment_id)
        return self._outcomes.withdrawn(errand)

    def _deadline(self, seconds: float) -> Deadline:
        """The deadline of a call; raises CoreUnavailable where the lease could end before it."""
        deadline = Deadline.after(seconds)
        if not self._last_call.seconds_left:
            raise CoreUnavailable("the lease ends too soon for another call")
        return deadline

    def _submit(self, errands: Sequence[Errand], deadline: Deadline) -> dict[str, Result]:
        """By payment; a document that the answer does not name is unknown."""
        deadline.check_time_is_left()
        documents = [errand.document for errand in errands]
        told = self.core.submit_documents(documents, deadline) if documents else ()
        results: dict[str, Result] = {one.id: Unknown(document_id=one.id, detail="not answered") for one in documents}
        return results | {result.document_id: result for result in told}

    def _find(self, errands: Sequence[Errand]) -> dict[str, DocumentState | NotFound]:
        ids = [errand.payment_id for errand in errands]
        found = self.core.find_documents(ids, self._deadline(self.read_timeout_s))
        return {state.document_id: state for state in found}


def _is_in_doubt(errand: Errand) -> bool:
    return errand.status is PaymentStatus.UNKNOWN or errand.action in OF_LOST


def _group(errands: Sequence[Errand], limit: int) -> Iterator[Sequence[Errand]]:
    """Errands that go together first, at most `limit` in a call, then each that was tried often."""
    together = [errand for errand in errands if errand.attempts <= TOGETHER_MAX]
    for start in range(0, len(together), limit):
        yield together[start : start + limit]
    yield from ([errand] for errand in errands if errand.attempts > TOGETHER_MAX)
