"""What words make of a payment's fate."""

from __future__ import annotations

import datetime as dt

from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.alarms import load_facts
from adapter.domain.fates import Source, Word
from adapter.domain.hearing import Fate
from adapter.domain.payments import RANK, TOLD_BY_CORE, PaymentStatus

NOON = dt.datetime(2026, 11, 20, 9, tzinfo=dt.UTC)


def fate(status: PaymentStatus = PaymentStatus.SENDING) -> Fate:
    return Fate(
        id="pay_1",
        feed=("prt_1", "cus_1"),
        status=status,
        status_reason=None,
        core_reference=None,
        sign_url=None,
        entry_id=None,
        edited={},
        steps=2,
        told=set(),
        followed_at=None,
    )


def word(status: PaymentStatus, minute: int = 0, **told: object) -> Word:
    at = NOON + dt.timedelta(minutes=minute)
    return Word(**{"payment_id": "pay_1", "status": status, "at": at, "source": Source.CORE, **told})  # type: ignore[arg-type]


@given(st.lists(st.tuples(st.sampled_from(TOLD_BY_CORE), st.integers(0, 30))))
def test_no_word_of_the_core_moves_a_payment_back(told: list[tuple[PaymentStatus, int]]) -> None:
    one = fate()
    for status, minute in told:
        before = one.status
        one.hear(word(status, minute))
        assert one.status is before or RANK[one.status] > RANK[before]
    assert [step.number for step in one.new_steps] == list(range(2, 2 + len(one.new_steps)))


def test_a_late_word_is_kept_and_alarmed_once_and_what_it_tells_beside_the_status_holds() -> None:
    one = fate(PaymentStatus.EXECUTED)
    late = word(PaymentStatus.SIGNED, core_reference="B-7")
    assert [one.hear(late), one.hear(late)] == [False, False]
    assert [(step.word.status, step.is_followed) for step in one.new_steps] == [(PaymentStatus.SIGNED, False)]
    assert [load_facts(alarm) for alarm in one.alarms] == [{"told": "signed", "source": "core", "status": "executed"}]
    assert one.core_reference == "B-7"


def test_events_that_tell_how_the_payment_came_to_where_it_is_alarm_nobody() -> None:
    one = fate()
    assert one.hear(word(PaymentStatus.IN_PROCESS, minute=5))
    assert not one.hear(word(PaymentStatus.SIGNED, minute=3))
    assert (one.status, one.alarms) == (PaymentStatus.IN_PROCESS, [])
    assert one.hear(word(PaymentStatus.EXECUTED, minute=6))


def test_a_word_on_a_condition_that_does_not_hold_leaves_nothing_behind() -> None:
    one = fate(PaymentStatus.UNKNOWN)
    given_up = word(PaymentStatus.QUEUED, source=Source.ADAPTER, only_from=PaymentStatus.SENDING)
    assert not one.hear(given_up)
    assert (one.status, one.new_steps, one.is_changed) == (PaymentStatus.UNKNOWN, [], False)
    one.status = PaymentStatus.SENDING
    assert one.hear(given_up)


def test_a_draft_that_is_there_anew_forgets_what_was_told_of_the_lost_one() -> None:
    one = fate(PaymentStatus.SIGNED)
    one.core_reference, one.edited = "B-7", {"purpose": "другое"}
    assert one.hear(word(PaymentStatus.AWAITING_SIGNATURE, core_reference="B-8", is_anew=True))
    assert (one.status, one.core_reference, one.edited) == (PaymentStatus.SIGNED, "B-8", {})
    assert one.new_steps[0].is_followed is False
