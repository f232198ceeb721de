"""The judge itself: it finds each thing that a harness is for, and nothing in facts that agree."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import pytest

from tests.faults.checker import judge, percentile
from tests.faults.facts import Document, Facts, Payment
from tests.faults.history import Attempt, Content

CONTENT = Content(
    account="vega-main",
    kopecks=100_00,
    payee='ООО "Северный ветер"',
    payee_account="40702810500650067085",
    payee_bic="044525983",
    number="1",
    purpose="Оплата по счёту, НДС не облагается",
)


def attempt(number: int, payment_id: str | None = None) -> Attempt:
    return Attempt(
        client=1,
        key=f"key-{number}",
        external_id=f"order-{number}",
        content=content(number),
        sent_at=float(number),
        seconds=0.1,
        status=201 if payment_id else None,
        payment_id=payment_id,
    )


def content(number: int, **changed: Any) -> Content:
    return CONTENT._replace(**{"number": str(number), **changed})


def payment(number: int, status: str = "awaiting_signature", **changed: Any) -> Payment:
    return Payment(f"pay-{number}", f"order-{number}", status, content(number, **changed))


def document(number: int, status: str = "awaiting_signature", **changed: Any) -> Document:
    return Document(f"pay-{number}", status, content(number, **changed))


RIGHT = Facts(
    attempts=[attempt(1), attempt(1, "pay-1"), attempt(2, "pay-2")],
    payments=[payment(1), payment(2)],
    errands={},
    alarms={},
    arrived=[document(1), document(2)],
)
OTHERS: Mapping[str, Any] = {"kopecks": 100_01, "account": "vega-market", "payee_account": "4" * 20}
STORED_TWICE = replace(payment(2), id="pay-3")
CASES: Mapping[str, tuple[str, Mapping[str, Any]]] = {
    "lost by the adapter": ("acknowledged and lost", {"payments": [payment(1)], "arrived": [document(1)]}),
    "two ids": ("acknowledged under two ids", {"attempts": [*RIGHT.attempts, attempt(2, "pay-3")]}),
    "stored twice": ("stored twice", {"payments": [*RIGHT.payments, STORED_TWICE]}),
    "not acknowledged": ("never acknowledged", {"attempts": [*RIGHT.attempts, attempt(3)]}),
    "invented": ("stored and never asked for", {"payments": [*RIGHT.payments, payment(3)]}),
    "doubled": ("twice in the core", {"arrived": [document(1), document(2), document(1)]}),
    "foreign": ("in the core, unknown to the adapter", {"arrived": [*RIGHT.arrived, document(3)]}),
    "lost, told as delivered": ("never came to the core", {"arrived": [document(1)]}),
    "unresolved": ("still on the way", {"payments": [payment(1), payment(2, "unknown")]}),
    "left to a person": ("waits for a person", {"errands": {"pay-1": True}}),
    **{
        f"lost, told as {status}": (
            "never came to the core",
            {"payments": [payment(1), payment(2, status)], "arrived": [document(1)]},
        )
        for status in ("rejected", "cancelled", "expired")
    },
    **{
        f"delivered, told as {status}": (
            "told otherwise than the core has it",
            {"payments": [payment(1), payment(2, status)]},
        )
        for status in ("rejected", "cancelled", "expired", "executed")
    },
    "rejected by the core, told as delivered": (
        "told otherwise than the core has it",
        {"arrived": [document(1), document(2, "rejected")]},
    ),
    **{
        f"another {name} in the core": (
            "in the core with another content",
            {"arrived": [document(1), document(2, **{name: value})]},
        )
        for name, value in OTHERS.items()
    },
    "another amount told": ("told with another content", {"payments": [payment(1), payment(2, kopecks=1)]}),
    "contents exchanged": (
        "in the core with another content",
        {"arrived": [replace(document(2), id="pay-1"), replace(document(1), id="pay-2")]},
    ),
}


def test_facts_that_agree_hold() -> None:
    verdict = judge(RIGHT, must_keep_order=True)
    assert verdict.held
    assert verdict.counts["lost_answers"] == 1


def test_a_refusal_that_the_core_has_on_record_holds() -> None:
    refused = {"payments": [payment(1), payment(2, "rejected")], "arrived": [document(1), document(2, "rejected")]}
    assert judge(replace(RIGHT, **refused)).held  # type: ignore[arg-type]


@pytest.mark.parametrize("what", CASES)
def test_each_broken_promise_is_named(what: str) -> None:
    told, sabotage = CASES[what]
    verdict = judge(replace(RIGHT, **sabotage))
    assert any(told in one for one in verdict.broken)
    assert not verdict.held


def test_documents_that_overtook_are_counted() -> None:
    overtaken = replace(RIGHT, arrived=[document(2), document(1)])
    verdict = judge(overtaken, must_keep_order=True)
    assert verdict.counts["out_of_order"] == 1
    assert not verdict.held
    assert judge(overtaken).held


def test_a_percentile_is_one_of_the_values() -> None:
    assert percentile([0.1 * number for number in range(100)], 0.95) == pytest.approx(9.5)
    assert percentile([], 0.95) == 0.0
