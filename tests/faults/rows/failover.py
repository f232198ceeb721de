"""PostgreSQL's primary is killed under load, its synchronous standby is promoted; several times, each the other way."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.faults.bench import Bench, open_bench
from tests.faults.checker import judge
from tests.faults.facts import Facts
from tests.faults.history import Attempt
from tests.faults.load import GIVE_UP_S, paying
from tests.faults.postgres import Node, clone_node, open_pair
from tests.faults.report import Outcome

MUST_HOLD = "0 acknowledged lost, writes back within 30 s"
BACK_WITHIN_S = 30.0
NOTICED_AFTER_S = 1.0  # what a failover manager takes to see that the primary is gone
BETWEEN_S = 3.0
CLIENTS = 6
PAUSE_S = 0.05
DELIVERED_WITHIN_S = 180.0


@dataclass(frozen=True, slots=True)
class Failover:
    """Moments in seconds since the epoch."""

    killed_at: float
    promoted_at: float


def run(folder: Path, full: bool) -> Outcome:
    times = 5 if full else 1
    with open_pair(folder / "pg") as nodes, open_bench(folder, nodes) as bench:
        with paying(bench, CLIENTS, PAUSE_S):
            failovers = [_fail_over(bench, nodes) for _ in range(times)]
        drained_s = bench.await_quiet(DELIVERED_WITHIN_S)
        facts = bench.facts()
    verdict = judge(facts)
    outages = [_outage_s(facts, one) for one in failovers]
    limit_s = BACK_WITHIN_S if full else GIVE_UP_S  # in small also a machine that is busy must hold
    late = [f"writes came back after {outage:.1f} s" for outage in outages if outage > limit_s]
    return Outcome(
        parameters={"failovers": times, "clients": CLIENTS, "noticed_after_s": NOTICED_AFTER_S},
        counts=verdict.counts,
        figures={
            "longest_outage_s": round(max(outages), 2),
            "longest_promotion_s": round(max(one.promoted_at - one.killed_at for one in failovers), 2),
            "longest_answer_s": max(one.seconds for one in facts.attempts),
            "drained_s": round(drained_s, 1),
        },
        broken=[*verdict.broken, *late],
    )


def _fail_over(bench: Bench, nodes: list[Node]) -> Failover:
    """Kill the primary, promote the other, and give it a new standby before the next time."""
    time.sleep(BETWEEN_S)
    old, new = sorted(nodes, key=lambda node: not node.is_primary)
    killed_at = time.time()
    old.kill()
    time.sleep(NOTICED_AFTER_S)
    new.promote()
    promoted_at = time.time()
    _await_write(bench, promoted_at)
    nodes[nodes.index(old)] = clone_node(new, old.folder, old.port)
    return Failover(killed_at, promoted_at)


def _await_write(bench: Bench, since: float) -> None:
    """Until a partner was acknowledged something that it sent after this moment."""
    give_up_at = time.monotonic() + GIVE_UP_S
    while time.monotonic() < give_up_at:
        if _acknowledged_after(bench.history.read(), since):
            return
        time.sleep(0.2)


def _outage_s(facts: Facts, failover: Failover) -> float:
    """From the kill to the first acknowledgement of something sent after it."""
    ended = _acknowledged_after(facts.attempts, failover.killed_at)
    return min(ended) - failover.killed_at if ended else float("inf")


def _acknowledged_after(attempts: Sequence[Attempt], since: float) -> list[float]:
    return [one.sent_at + one.seconds for one in attempts if one.payment_id and one.sent_at > since]
