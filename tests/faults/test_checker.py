"""The judge itself: it finds each thing that a harness is for, and nothing in facts that agree."""

from __future__ import annotations

from dataclasses import replace

import pytest

from tests.faults.checker import Facts, Payment, judge, percentile
from tests.faults.history import Attempt


def attempt(number: int, payment_id: str | None = None, **changed: object) -> Attempt:
    told = Attempt(
        client=1,
        key=f"key-{number}",
        external_id=f"order-{number}",
        sent_at=float(number),
        seconds=0.1,
        status=201 if payment_id else None,
        payment_id=payment_id,
    )
    return replace(told, **changed)  # type: ignore[arg-type]


RIGHT = Facts(
    attempts=[attempt(1), attempt(1, "pay-1"), attempt(2, "pay-2")],
    payments=[Payment("pay-1", "order-1", "awaiting_signature"), Payment("pay-2", "order-2", "awaiting_signature")],
    errands={},
    alarms={},
    arrived=["pay-1", "pay-2"],
)
CASES = {
    "acknowledged and lost": {"payments": RIGHT.payments[:1], "arrived": ["pay-1"]},
    "acknowledged under two ids": {"attempts": [*RIGHT.attempts, attempt(2, "pay-3")]},
    "stored twice": {"payments": [*RIGHT.payments, Payment("pay-3", "order-2", "cancelled")]},
    "never acknowledged": {"attempts": [*RIGHT.attempts, attempt(3)]},
    "stored and never asked for": {"payments": [*RIGHT.payments, Payment("pay-3", "order-3", "cancelled")]},
    "twice in the core": {"arrived": ["pay-1", "pay-2", "pay-1"]},
    "in the core, unknown to the adapter": {"arrived": ["pay-1", "pay-2", "pay-3"]},
    "said to be in the core and is not": {"arrived": ["pay-1"]},
    "still on the way": {"payments": [RIGHT.payments[0], Payment("pay-2", "order-2", "unknown")]},
    "waits for a person": {"errands": {"pay-1": True}},
}


def test_facts_that_agree_hold() -> None:
    verdict = judge(RIGHT, must_keep_order=True)
    assert verdict.held
    assert verdict.counts["lost_answers"] == 1


@pytest.mark.parametrize("what", CASES)
def test_each_broken_promise_is_named(what: str) -> None:
    verdict = judge(replace(RIGHT, **CASES[what]))  # type: ignore[arg-type]
    assert any(what in one for one in verdict.broken)
    assert not verdict.held


def test_documents_that_overtook_are_counted() -> None:
    verdict = judge(replace(RIGHT, arrived=["pay-2", "pay-1"]), must_keep_order=True)
    assert verdict.counts["out_of_order"] == 1
    assert not verdict.held
    assert judge(replace(RIGHT, arrived=["pay-2", "pay-1"])).held


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([0.1 * number for number in range(100)], 0.95) == pytest.approx(9.5)
    assert percentile([], 0.95) == 0.0
