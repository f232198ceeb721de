"""The judge: what partners asked for and were told, what the adapter has and what the core has must agree.

Nobody withdraws, signs or refuses anything in a row, and every order is one that the core takes.  So each order is in
the core exactly once, as it was asked for, and the adapter tells the state that it has there.  A payment that is told
as ended is right only where the core's own record ended the same way.  Everything that is wrong is named; a row held
when nothing is.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from tests.faults.facts import Facts

ON_THE_WAY = {"received", "queued", "sending", "unknown"}
EXAMPLES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Verdict:
    counts: Mapping[str, int]
    broken: Sequence[str] = field(default_factory=list)  # each promise that was broken, with examples

    @property
    def held(self) -> bool:
        return not self.broken


def judge(facts: Facts, *, must_keep_order: bool = False) -> Verdict:
    """Hold the facts against the promises."""
    broken = [
        *_check_acknowledged(facts),
        *_check_core(facts),
        *_check_states(facts),
        *_check_contents(facts),
        *_check_ends(facts),
    ]
    inversions = _count_inversions(facts)
    if must_keep_order and inversions:
        broken.append(f"{inversions} documents overtook an earlier one of the same client")
    acknowledged = {one.external_id for one in facts.attempts if one.payment_id}
    times_in_core = Counter(document.id for document in facts.arrived)
    counts = {
        "attempts": len(facts.attempts),
        "lost_answers": sum(one.status is None for one in facts.attempts),
        "acknowledged": len(acknowledged),
        "stored": len(facts.payments),
        "in_core": len(facts.arrived),
        "duplicated": sum(times - 1 for times in times_in_core.values()),
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
    """Every payment is in the core once, whatever is told of it; nothing else is."""
    arrived = Counter(document.id for document in facts.arrived)
    known = {payment.id for payment in facts.payments}
    yield from _tell("twice in the core", [one for one, times in arrived.items() if times > 1])
    yield from _tell("in the core, unknown to the adapter", [one for one in arrived if one not in known])
    missing = [f"{one.id} ({one.status})" for one in facts.payments if one.id not in arrived]
    yield from _tell("never came to the core", missing)


def _check_states(facts: Facts) -> Iterator[str]:
    """What came to rest is told as the core has it: a draft told as refused that lies there is paid twice."""
    states = {document.id: document.status for document in facts.arrived}
    at_rest = [one for one in facts.payments if one.id in states and one.status not in ON_THE_WAY]
    wrong = [f"{one.id} ({one.status}, {states[one.id]})" for one in at_rest if one.status != states[one.id]]
    yield from _tell("told otherwise than the core has it", wrong)


def _check_contents(facts: Facts) -> Iterator[str]:
    """Account, amount, payee and purpose stay what the partner asked for."""
    asked = {one.external_id: one.content for one in facts.attempts}
    stored = {one.id: one for one in facts.payments if one.external_id in asked}
    altered = [one.id for one in stored.values() if one.content != asked[one.external_id]]
    yield from _tell("told with another content than was asked for", altered)
    known = [one for one in facts.arrived if one.id in stored]
    foreign = [one.id for one in known if one.content != asked[stored[one.id].external_id]]
    yield from _tell("in the core with another content than was asked for", foreign)


def _check_ends(facts: Facts) -> Iterator[str]:
    """After the faults are over everything came to an end by itself."""
    yield from _tell("still on the way", [one.id for one in facts.payments if one.status in ON_THE_WAY])
    yield from _tell("waits for a person", [one for one, needs_person in facts.errands.items() if needs_person])


def _count_inversions(facts: Facts) -> int:
    """Documents that came to the core before one which the same client was told of earlier."""
    place = {document.id: number for number, document in reversed(list(enumerate(facts.arrived)))}
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
