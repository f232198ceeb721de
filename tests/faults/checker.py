"""The judge: what partners were told, what the adapter has and what the core has must agree.

It reads the history file, the adapter's database and the core's with SQL of its own, and shares no code with the
product.  Everything that it finds wrong is named; a row held when nothing is.
"""

from __future__ import annotations

import sqlite3
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from tests.faults.history import Attempt, read_history

AT_THE_CORE = {"awaiting_signature", "signed", "in_process", "executed"}
ON_THE_WAY = {"received", "queued", "sending", "unknown"}
TABLES_OF_DOCUMENTS = ("careless_inbox", "sandbox_documents")
EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment as the adapter's database has it."""

    id: str
    external_id: str
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """Everything that there is to judge by.  `arrived` is the core's inbox in the order of arrival."""

    attempts: Sequence[Attempt]
    payments: Sequence[Payment]
    errands: Mapping[str, bool]  # payment → whether it waits for a person
    alarms: Mapping[str, int]
    arrived: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    counts: Mapping[str, int]
    broken: Sequence[str] = field(default_factory=list)  # each promise that was broken, with examples

    @property
    def held(self) -> bool:
        return not self.broken


def read_facts(history: Path, adapter_dsn: str, core: Path) -> Facts:
    with psycopg.connect(adapter_dsn) as connection:
        rows = connection.execute("SELECT id, external_id, status FROM payments ORDER BY created_at, id").fetchall()
        errands = connection.execute("SELECT payment_id, needs_person FROM outbox").fetchall()
        alarms = connection.execute("SELECT kind, count(*) FROM alarms GROUP BY kind").fetchall()
    return Facts(
        attempts=list(read_history(history)),
        payments=[Payment(*row) for row in rows],
        errands=dict(errands),
        alarms=dict(alarms),
        arrived=read_arrived(core),
    )


def read_arrived(core: Path) -> list[str]:
    """Our ids of all documents in the core, as often as they are there."""
    with closing(sqlite3.connect(f"file:{core}?mode=ro", uri=True)) as books:
        tables = {name for (name,) in books.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        table = next(name for name in TABLES_OF_DOCUMENTS if name in tables)
        return [row[0] for row in books.execute(f"SELECT id FROM {table} ORDER BY number")]


def judge(facts: Facts, *, must_keep_order: bool = False) -> Verdict:
    """Hold the facts against the promises."""
    broken = [*_check_acknowledged(facts), *_check_core(facts), *_check_ends(facts)]
    inversions = _count_inversions(facts)
    if must_keep_order and inversions:
        broken.append(f"{inversions} documents overtook an earlier one of the same client")
    acknowledged = {one.external_id for one in facts.attempts if one.payment_id}
    counts = {
        "attempts": len(facts.attempts),
        "lost_answers": sum(one.status is None for one in facts.attempts),
        "acknowledged": len(acknowledged),
        "stored": len(facts.payments),
        "in_core": len(facts.arrived),
        "duplicated": sum(times - 1 for times in Counter(facts.arrived).values()),
        "waiting_for_a_person": sum(facts.errands.values()),
        "out_of_order": inversions,
        **{f"status_{status}": times for status, times in Counter(one.status for one in facts.payments).items()},
        **{f"alarm_{kind}": times for kind, times in facts.alarms.items()},
    }
    return Verdict(counts=counts, broken=broken)


def percentile(values: Sequence[float], share: float) -> float:
    """The value that `share` of all values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))] if ordered else 0.0


def _check_acknowledged(facts: Facts) -> Iterator[str]:
    """Every acknowledgement names the one payment of its external id."""
    told: Mapping[str, set[str]] = defaultdict(set)
    for attempt in facts.attempts:
        if attempt.payment_id:
            told[attempt.external_id].add(attempt.payment_id)
    stored: Mapping[str, list[str]] = defaultdict(list)
    for payment in facts.payments:
        stored[payment.external_id].append(payment.id)
    yield from _tell("acknowledged and lost", [one for one in told if one not in stored])
    yield from _tell("acknowledged under two ids", [one for one, ids in told.items() if len(ids) > 1])
    yield from _tell("stored twice", [one for one, ids in stored.items() if len(ids) > 1])
    yield from _tell(
        "acknowledged under an id that is not the stored one",
        [one for one, ids in told.items() if one in stored and not ids <= set(stored[one])],
    )
    asked = {one.external_id for one in facts.attempts}
    yield from _tell("never acknowledged", [one for one in asked if one not in told])
    yield from _tell("stored and never asked for", [one for one in stored if one not in asked])


def _check_core(facts: Facts) -> Iterator[str]:
    """What the adapter says is at the core is there, once; nothing else is."""
    arrived = Counter(facts.arrived)
    known = {payment.id for payment in facts.payments}
    at_the_core = [payment.id for payment in facts.payments if payment.status in AT_THE_CORE]
    yield from _tell("twice in the core", [one for one, times in arrived.items() if times > 1])
    yield from _tell("in the core, unknown to the adapter", [one for one in arrived if one not in known])
    yield from _tell("said to be in the core and is not", [one for one in at_the_core if one not in arrived])


def _check_ends(facts: Facts) -> Iterator[str]:
    """After the faults are over everything came to an end by itself."""
    yield from _tell("still on the way", [one.id for one in facts.payments if one.status in ON_THE_WAY])
    yield from _tell("waits for a person", [one for one, needs_person in facts.errands.items() if needs_person])


def _count_inversions(facts: Facts) -> int:
    """Documents that came to the core before one which the same client was told of earlier."""
    place = {document_id: number for number, document_id in reversed(list(enumerate(facts.arrived)))}
    latest: dict[int, int] = {}
    inversions = 0
    for attempt in facts.attempts:
        if attempt.payment_id is None or attempt.payment_id not in place:
            continue
        if place[attempt.payment_id] < latest.get(attempt.client, -1):
            inversions += 1
        latest[attempt.client] = max(latest.get(attempt.client, -1), place[attempt.payment_id])
    return inversions


def _tell(what: str, examples: Sequence[str]) -> Iterator[str]:
    if examples:
        yield f"{len(examples)} {what}: {', '.join(sorted(examples)[:EXAMPLES])}"
