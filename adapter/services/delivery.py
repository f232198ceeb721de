"""Carrying drafts to the core and bringing back their fate: the worker's side of payments.

A payment is committed as `sending` before the core hears of it.  Where the answer is lost, or the worker dies, it is
`unknown`, and the core is asked by our id; it is sent again only where that cannot make a second draft.
"""

from __future__ import annotations

import datetime as dt
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace

import structlog

from adapter.domain.core import Accepted, Deadline, DocumentState, NotFound, Refused, Result, Unknown
from adapter.domain.errors import CoreAnswerWrong, CoreUnavailable
from adapter.domain.fates import (
    NEVER_SENT,
    OF_LOST,
    SENT_ANEW,
    Action,
    Errand,
    Outcome,
    Source,
    Stop,
    Word,
    core_word,
    cut_reference,
    safe_address,
    withdrawal_request_id,
)
from adapter.domain.payments import PaymentStatus
from adapter.domain.stuck import Why, tell_why
from adapter.ports import Clock, CoreBanking, FateLog
from adapter.services.following import Following

log = structlog.get_logger("adapter.delivery")

LEASE_MAX = 500  # errands at a time, also where the core would take more in one call
ASK_AFTER_S = 1.0  # a lost answer is asked about this much later
TAKEN_ASK_S = 900.0  # where the core's word comes by itself it is asked for rarely: it may be silent for days
RETRY_MAX_S = 60.0
TOGETHER_MAX = 3  # after so many attempts an errand goes alone: one that the connector fails on must not keep others
ATTEMPTS_MAX = 10  # after so many a person looks at an errand that the connector fails on
NOT_TAKEN_MAX = TOGETHER_MAX + 2  # after so many at one that the core answers with an error: it went alone twice


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

    def send_due(self) -> bool:
        """Do the errands that are due; answers whether there were any.  While the core is down nothing is leased."""
        if self._core_was_down and not self.core.probe(Deadline.after(self.read_timeout_s)).is_up:
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
        self._do(self._submit_now, [errand for errand in errands if errand.status is PaymentStatus.SENDING])
        self._do(self._resolve, [errand for errand in errands if _is_in_doubt(errand)])
        self._do(self._withdraw, [errand for errand in errands if errand.action is Action.WITHDRAW])
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

    def _do(self, act: Callable[[Sequence[Errand]], list[Outcome]], errands: Sequence[Errand]) -> None:
        for group in _group(errands):
            self.fates.finish_errands(self.owner, self._try(act, group))
            log.info("errands done", kind=act.__name__.strip("_"), errands=len(group))

    def _try(self, act: Callable[[Sequence[Errand]], list[Outcome]], errands: Sequence[Errand]) -> list[Outcome]:
        if self._core_was_down:
            return [self._not_attempted(errand) for errand in errands]
        try:
            return act(errands)
        except CoreAnswerWrong:  # it lives: what it answers wrongly to must not keep the others
            return [self._not_attempted(errand) for errand in errands]
        except CoreUnavailable:
            self._core_was_down = True
            return [self._not_attempted(errand) for errand in errands]
        except Exception:
            log.exception("the connector failed", payments=[errand.payment_id for errand in errands])
            return [self._failed(errand) for errand in errands]

    def _submit_now(self, errands: Sequence[Errand]) -> list[Outcome]:
        """The moment of sending is committed first: what a NotFound proves is counted from the last sending."""
        deadline = self._deadline(self.change_timeout_s)
        noted = set(self.fates.note_sending(self.owner, [errand.payment_id for errand in errands]))
        errands = [errand for errand in errands if errand.payment_id in noted]
        results = self._submit(errands, deadline)
        return [self._outcome(errand, results[errand.payment_id]) for errand in errands]

    def _resolve(self, errands: Sequence[Errand]) -> list[Outcome]:
        """Ask the core about payments whose sending is in doubt, and about those that it lost."""
        found = self._find(errands)
        outcomes, again = [], []
        for errand in errands:
            state = found[errand.payment_id]
            if isinstance(state, DocumentState):
                outcomes.append(Outcome(payment_id=errand.payment_id, word=core_word(state)))
            elif self._may_send_again(errand):
                again.append(errand)
            else:
                outcomes.append(self._not_found(errand))
        return outcomes + self._submit_again(again)

    def _submit_again(self, errands: Sequence[Errand]) -> list[Outcome]:
        """What was found out about others in the same call is kept where the core goes down meanwhile."""
        if not errands:
            return []
        try:
            return self._submit_now(errands)
        except CoreUnavailable:
            self._core_was_down = True
            return [self._later(errand) for errand in errands]

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
            return self._taken(errand) if result.is_taken else self._later(errand)
        if isinstance(result, Refused):
            return Outcome(payment_id=errand.payment_id)
        return Outcome(payment_id=errand.payment_id, word=self._word(errand, PaymentStatus.CANCELLED, Source.PARTNER))

    def _deadline(self, seconds: float) -> Deadline:
        """The deadline of a call; raises CoreUnavailable where the lease could end before it."""
        deadline = Deadline.after(seconds)
        if not self._last_call.seconds_left:
            raise CoreUnavailable("the lease ends too soon for another call")
        return deadline

    def _submit(self, errands: Sequence[Errand], deadline: Deadline) -> dict[str, Result]:
        """By payment; a document that the answer does not name is unknown."""
        if not deadline.seconds_left:
            raise CoreUnavailable("the deadline passed before the call")
        documents = [errand.document for errand in errands]
        told = self.core.submit_documents(documents, deadline) if documents else ()
        results: dict[str, Result] = {one.id: Unknown(document_id=one.id, detail="not answered") for one in documents}
        return results | {result.document_id: result for result in told}

    def _find(self, errands: Sequence[Errand]) -> dict[str, DocumentState | NotFound]:
        ids = [errand.payment_id for errand in errands]
        found = self.core.find_documents(ids, self._deadline(self.read_timeout_s))
        return {state.document_id: state for state in found}

    def _may_send_again(self, errand: Errand) -> bool:
        if errand.withdrawal_wanted or errand.stop or errand.action is Action.FIND:
            return False
        return self.core.capabilities().submit_is_idempotent or self._never_arrived(errand)

    def _never_arrived(self, errand: Errand) -> bool:
        """Whether a NotFound is proof by now."""
        return self.core.capabilities().proves_absence(errand.last_sent_at, self.clock.now())

    def _not_found(self, errand: Errand) -> Outcome:
        """Not in the core, and sending it again is not allowed now."""
        if errand.action is Action.FIND and not errand.withdrawal_wanted:
            why = Why.LOST_BY_CORE if self._never_arrived(errand) else Why.MAYBE_LOST_BY_CORE
            return Outcome(payment_id=errand.payment_id, needs_person=why)
        if errand.stop is Stop.HELD and not errand.withdrawal_wanted:
            return self._later(errand)
        if self._never_arrived(errand):
            return Outcome(payment_id=errand.payment_id, word=self._given_up(errand))
        proven_at = self.core.capabilities().absence_proven_at(errand.last_sent_at)
        if proven_at is not None:
            return Outcome(payment_id=errand.payment_id, due_at=proven_at)
        return Outcome(payment_id=errand.payment_id, needs_person=Why.UNKNOWN_TO_CORE)

    def _outcome(self, errand: Errand, result: Result) -> Outcome:
        if isinstance(result, Accepted):
            word = self._word(
                errand,
                PaymentStatus.AWAITING_SIGNATURE,
                Source.CORE,
                core_reference=cut_reference(result.core_reference),
                sign_url=safe_address(result.sign_url),
            )
            if errand.action is Action.RESTORE:
                word = replace(word, is_anew=True, reason=SENT_ANEW)
            return Outcome(payment_id=errand.payment_id, word=word)
        if isinstance(result, Refused):
            word = self._word(errand, PaymentStatus.REJECTED, Source.CORE, reason=result.reason)
            return Outcome(payment_id=errand.payment_id, word=word)
        if result.is_taken:
            return self._taken(errand)
        if errand.status is PaymentStatus.UNKNOWN:
            return self._not_taken(errand, result) if result.is_answer else self._later(errand)
        word = self._word(errand, PaymentStatus.UNKNOWN, Source.ADAPTER, only_from=PaymentStatus.SENDING)
        due_at = self.clock.now() + dt.timedelta(seconds=ASK_AFTER_S)
        return Outcome(payment_id=errand.payment_id, word=word, due_at=due_at)

    def _taken(self, errand: Errand) -> Outcome:
        """All is well, the core will tell.  Errands that count no attempts are asked about together."""
        word = self._word(errand, PaymentStatus.UNKNOWN, Source.ADAPTER, only_from=PaymentStatus.SENDING)
        due_at = self.clock.now() + dt.timedelta(seconds=TAKEN_ASK_S)
        return Outcome(payment_id=errand.payment_id, word=word, due_at=due_at, attempts=0)

    def _not_taken(self, errand: Errand, result: Unknown) -> Outcome:
        """The core answers the draft with an error of its own each time: sending it again brings nothing."""
        if errand.attempts >= NOT_TAKEN_MAX:
            return Outcome(payment_id=errand.payment_id, needs_person=tell_why(Why.NOT_TAKEN, result.detail))
        return self._later(errand)

    def _given_up(self, errand: Errand) -> Word:
        if errand.withdrawal_wanted:
            return self._word(errand, PaymentStatus.CANCELLED, Source.PARTNER, only_from=errand.status)
        status, reason = NEVER_SENT[errand.stop or Stop.ENDED]
        return self._word(errand, status, Source.ADAPTER, reason=reason, only_from=errand.status)

    def _failed(self, errand: Errand) -> Outcome:
        """The connector broke on it; what it did before nobody knows."""
        word = self._word(errand, PaymentStatus.UNKNOWN, Source.ADAPTER, only_from=PaymentStatus.SENDING)
        if errand.attempts >= ATTEMPTS_MAX:
            return Outcome(payment_id=errand.payment_id, word=word, needs_person=Why.CONNECTOR_FAILS)
        return Outcome(payment_id=errand.payment_id, word=word, due_at=self._later(errand).due_at)

    def _not_attempted(self, errand: Errand) -> Outcome:
        """Nothing was sent, so what was in the queue waits there again, at its old place: the next lease asks first
        whether the core is up.
        """
        if errand.status is not PaymentStatus.SENDING:
            return self._later(errand)
        word = self._word(errand, PaymentStatus.QUEUED, Source.ADAPTER, only_from=PaymentStatus.SENDING)
        return Outcome(payment_id=errand.payment_id, word=word, due_at=errand.due_at)

    def _later(self, errand: Errand) -> Outcome:
        """Try again after a random part of a time that doubles: many errands do not come back at one moment."""
        longest = min(RETRY_MAX_S, 2.0 ** min(errand.attempts, 10))
        delay = random.uniform(0, longest)  # noqa: S311
        return Outcome(payment_id=errand.payment_id, due_at=self.clock.now() + dt.timedelta(seconds=delay))

    def _word(
        self,
        errand: Errand,
        status: PaymentStatus,
        source: Source,
        *,
        reason: str | None = None,
        core_reference: str | None = None,
        sign_url: str | None = None,
        only_from: PaymentStatus | None = None,
    ) -> Word:
        return Word(
            payment_id=errand.payment_id,
            status=status,
            at=self.clock.now(),
            source=source,
            reason=reason,
            core_reference=core_reference,
            sign_url=sign_url,
            only_from=only_from,
        )


def _is_in_doubt(errand: Errand) -> bool:
    return errand.status is PaymentStatus.UNKNOWN or errand.action in OF_LOST


def _group(errands: Sequence[Errand]) -> Iterator[Sequence[Errand]]:
    """Errands that go together first, then each that was tried often."""
    if together := [errand for errand in errands if errand.attempts <= TOGETHER_MAX]:
        yield together
    yield from ([errand] for errand in errands if errand.attempts > TOGETHER_MAX)
