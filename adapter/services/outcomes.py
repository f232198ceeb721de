"""How errands to the core end: what its answer, its silence or our own failure makes of each.  Nothing is called here.

A payment is never sent again on a guess: only where the core tells one id twice as one draft, or by now proves that
nothing arrived.
"""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass, replace

from adapter.domain.core import Accepted, Refused, Result, Unknown
from adapter.domain.fates import (
    NEVER_SENT,
    SENT_ANEW,
    Action,
    Errand,
    Outcome,
    Source,
    Stop,
    Word,
    cut_reference,
    safe_address,
)
from adapter.domain.payments import PaymentStatus
from adapter.domain.stuck import Why, tell_why
from adapter.ports import Clock, CoreBanking

ASK_AFTER_S = 1.0  # a lost answer is asked about this much later
TAKEN_ASK_S = 900.0  # where the core's word comes by itself it is asked for rarely: it may be silent for days
RETRY_MAX_S = 60.0
TOGETHER_MAX = 3  # after so many attempts an errand goes alone: one that the connector fails on must not keep others
LONE_MAX = 30  # after so many at one that alone finds the core unavailable: a network that loses much is no reason
ATTEMPTS_MAX = 10  # after so many a person looks at an errand that the connector fails on
NOT_TAKEN_MAX = TOGETHER_MAX + 2  # after so many at one that the core answers with an error: it went alone twice


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcomes:
    """`core` is asked for nothing but what it can do."""

    core: CoreBanking
    clock: Clock

    def may_send_again(self, errand: Errand) -> bool:
        """One that the core does not know: whether sending it cannot make a second draft, and is still wanted."""
        if errand.withdrawal_wanted or errand.stop or errand.action is Action.FIND:
            return False
        return self.core.capabilities().submit_is_idempotent or self._never_arrived(errand)

    def not_found(self, errand: Errand) -> Outcome:
        """Not in the core, and sending it again is not allowed now."""
        if errand.action is Action.FIND and not errand.withdrawal_wanted:
            why = Why.LOST_BY_CORE if self._never_arrived(errand) else Why.MAYBE_LOST_BY_CORE
            return Outcome(payment_id=errand.payment_id, needs_person=why)
        if errand.stop is Stop.HELD and not errand.withdrawal_wanted:
            return self.later(errand)
        if self._never_arrived(errand):
            return Outcome(payment_id=errand.payment_id, word=self._given_up(errand))
        proven_at = self.core.capabilities().absence_proven_at(errand.last_sent_at)
        if proven_at is not None:
            return Outcome(payment_id=errand.payment_id, due_at=proven_at)
        return Outcome(payment_id=errand.payment_id, needs_person=Why.UNKNOWN_TO_CORE)

    def of_result(self, errand: Errand, result: Result) -> Outcome:
        """What the core's answer to a sending makes of the errand."""
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
            return self.taken(errand)
        if errand.status is PaymentStatus.UNKNOWN:
            return self._not_taken(errand, result) if result.is_answer else self.later(errand)
        word = self._word(errand, PaymentStatus.UNKNOWN, Source.ADAPTER, only_from=PaymentStatus.SENDING)
        due_at = self.clock.now() + dt.timedelta(seconds=ASK_AFTER_S)
        return Outcome(payment_id=errand.payment_id, word=word, due_at=due_at)

    def withdrawn(self, errand: Errand) -> Outcome:
        """The core took the draft back."""
        return Outcome(payment_id=errand.payment_id, word=self._word(errand, PaymentStatus.CANCELLED, Source.PARTNER))

    def taken(self, errand: Errand) -> Outcome:
        """All is well, the core will tell.  Errands that count no attempts are asked about together."""
        word = self._word(errand, PaymentStatus.UNKNOWN, Source.ADAPTER, only_from=PaymentStatus.SENDING)
        due_at = self.clock.now() + dt.timedelta(seconds=TAKEN_ASK_S)
        return Outcome(payment_id=errand.payment_id, word=word, due_at=due_at, attempts=0)

    def failed(self, errand: Errand) -> Outcome:
        """The connector broke on it; what it did before nobody knows."""
        word = self._word(errand, PaymentStatus.UNKNOWN, Source.ADAPTER, only_from=PaymentStatus.SENDING)
        if errand.attempts >= ATTEMPTS_MAX:
            return Outcome(payment_id=errand.payment_id, word=word, needs_person=Why.CONNECTOR_FAILS)
        return Outcome(payment_id=errand.payment_id, word=word, due_at=self.later(errand).due_at)

    def not_attempted(self, errand: Errand) -> Outcome:
        """Nothing was sent, so what was in the queue waits there again, at its old place: the next lease asks first
        whether the core is up.
        """
        if errand.status is not PaymentStatus.SENDING:
            return self.later(errand)
        return Outcome(payment_id=errand.payment_id, word=self._queued(errand), due_at=errand.due_at)

    def waits(self, errand: Errand) -> Outcome:
        """Nothing was attempted, and the errand has no part in that: no attempt counts against it."""
        return replace(self.not_attempted(errand), attempts=errand.attempts - 1)

    def behind_others(self, errand: Errand) -> Outcome:
        """Nothing was sent, and the errand itself seems to be why."""
        if errand.attempts >= LONE_MAX:
            return Outcome(payment_id=errand.payment_id, word=self._queued(errand), needs_person=Why.NOT_TAKEN)
        return replace(self.later(errand), word=self._queued(errand))

    def later(self, errand: Errand) -> Outcome:
        """Try again after a random part of a time that doubles: many errands do not come back at one moment."""
        longest = min(RETRY_MAX_S, 2.0 ** min(errand.attempts, 10))
        delay = random.uniform(0, longest)  # noqa: S311
        return Outcome(payment_id=errand.payment_id, due_at=self.clock.now() + dt.timedelta(seconds=delay))

    def _queued(self, errand: Errand) -> Word:
        """Back into the queue; nothing is said of one that is not on its way from there."""
        return self._word(errand, PaymentStatus.QUEUED, Source.ADAPTER, only_from=PaymentStatus.SENDING)

    def _never_arrived(self, errand: Errand) -> bool:
        """Whether a NotFound is proof by now."""
        return self.core.capabilities().proves_absence(errand.last_sent_at, self.clock.now())

    def _not_taken(self, errand: Errand, result: Unknown) -> Outcome:
        """The core answers the draft with an error of its own each time: sending it again brings nothing."""
        if errand.attempts >= NOT_TAKEN_MAX:
            return Outcome(payment_id=errand.payment_id, needs_person=tell_why(Why.NOT_TAKEN, result.detail))
        return self.later(errand)

    def _given_up(self, errand: Errand) -> Word:
        if errand.withdrawal_wanted:
            return self._word(errand, PaymentStatus.CANCELLED, Source.PARTNER, only_from=errand.status)
        status, reason = NEVER_SENT[errand.stop or Stop.ENDED]
        return self._word(errand, status, Source.ADAPTER, reason=reason, only_from=errand.status)

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
