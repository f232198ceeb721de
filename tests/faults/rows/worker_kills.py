"""kill -9 of workers at each marked point of sending; the core keeps whatever it is sent as often as it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.faults.bench import Bench, open_bench
from tests.faults.checker import judge
from tests.faults.load import pay_all
from tests.faults.marked_workers import BATCH, HOLD_S, POINTS
from tests.faults.postgres import open_server
from tests.faults.proxy import Plan
from tests.faults.report import Outcome

MUST_HOLD = "0 duplicated, all resolved without a person except where the core cannot tell"
WORKERS = 4
LEASE_S = 3.0
CALL_S = 1.0
RESOLVED_WITHIN_S = 300.0
SUBMISSIONS = "POST /core/v1/documents "
HOLDS = {
    "on_the_way": Plan(match=SUBMISSIONS, hold_before_s=HOLD_S),
    "done": Plan(match=SUBMISSIONS, hold_after_s=HOLD_S),
}
RESOLVING = """
    SELECT percentile_cont(ARRAY[0.5, 1.0]) WITHIN GROUP (ORDER BY extract(epoch FROM settled.at - doubt.at))
    FROM payment_steps doubt
    JOIN payment_steps settled ON settled.payment_id = doubt.payment_id AND settled.step = doubt.step + 1
    WHERE doubt.status = 'unknown'
"""


def run(folder: Path, full: bool) -> Outcome:
    kills = 200 if full else 2
    settings: dict[str, Any] = {
        "outbox_lease_s": LEASE_S,
        "core_change_timeout_s": CALL_S,
        "core_read_timeout_s": CALL_S,
    }
    with (
        open_server(folder / "pg") as node,
        open_bench(folder, [node], bank="careless", workers=0, **settings) as bench,
    ):
        killed = {point: _kill_at(bench, point, kills) for point in POINTS}
        for number in range(2):
            bench.start_worker(f"worker-{number}")
        drained_s = bench.await_quiet(RESOLVED_WITHIN_S)
        facts = bench.facts()
        ((resolving,),) = node.execute(RESOLVING, database="adapter")
    verdict = judge(facts)
    lacking = [f"only {count} of {kills} kills: {point}" for point, count in killed.items() if count < kills]
    return Outcome(
        parameters={"kills_at_each_point": kills, "workers": WORKERS, "lease_s": LEASE_S, "documents_in_a_call": BATCH},
        counts={**{f"killed_{point}": count for point, count in killed.items()}, **verdict.counts},
        figures={
            "doubt_median_s": round(resolving[0], 2) if resolving else 0.0,
            "doubt_longest_s": round(resolving[1], 2) if resolving else 0.0,
            "drained_s": round(drained_s, 1),
        },
        broken=[*verdict.broken, *lacking],
    )


def _kill_at(bench: Bench, point: str, kills: int) -> int:
    """Queue enough orders, then let workers die at the point; answers how many did."""
    pay_all(bench, kills * BATCH, prefix=point)
    bench.proxy.follow(HOLDS.get(point, Plan()))
    arguments = ["tests.faults.marked_workers", point, str(kills), str(WORKERS)]
    output = bench.processes.run(f"marked-{point}", *arguments)
    bench.proxy.heal()
    return int(output.splitlines()[-1])
