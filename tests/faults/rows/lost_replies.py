"""The network between the product and its core loses and delays calls; the core keeps all it is sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from tests.faults.bench import open_bench
from tests.faults.checker import judge
from tests.faults.load import pay_all
from tests.faults.postgres import open_server
from tests.faults.proxy import Plan
from tests.faults.report import Outcome

MUST_HOLD = "0 duplicated, 0 lost"
PLAN = Plan(match="/core/v1/", drop_before=0.1, drop_after=0.1, slow=0.05, slow_s=30.0)
SMALL_PLAN = Plan(match="POST /core/v1/documents", drop_before=0.25, drop_after=0.25)  # few calls, so more of them
WAVES_MAX = 10  # of orders, until both kinds of loss hit somebody
LOSSES = ("drop_before", "drop_after")
RESOLVED_WITHIN_S = 420.0


def run(folder: Path, full: bool) -> Outcome:
    orders, workers, plan = (1000, 3, PLAN) if full else (12, 2, SMALL_PLAN)
    careless: dict[str, Any] = {"bank": "careless", "workers": workers}
    with open_server(folder / "pg") as node, open_bench(folder, [node], **careless) as bench:
        bench.proxy.follow(plan)
        for wave in range(WAVES_MAX):
            pay_all(bench, orders, prefix=f"wave-{wave}")
            drained_s = bench.await_quiet(RESOLVED_WITHIN_S)
            done = bench.proxy.count()
            doubted = bench.count("(SELECT DISTINCT payment_id FROM payment_steps WHERE status = 'unknown') doubt")
            if doubted and all(done.get(loss) for loss in LOSSES):
                break
        facts = bench.facts()
    verdict = judge(facts)
    lacking = [f"no call was broken by {fault}" for fault in LOSSES if not done.get(fault)]
    lacking += [] if doubted else ["no payment was ever in doubt: the row proves nothing"]
    return Outcome(
        parameters={
            "orders_in_a_wave": orders,
            "waves": wave + 1,
            "workers": workers,
            "lost_before": plan.drop_before,
            "lost_after": plan.drop_after,
            "slow": plan.slow,
            "slow_s": plan.slow_s,
        },
        counts={**{f"calls_{fault}": count for fault, count in done.items()}, "in_doubt": doubted, **verdict.counts},
        figures={"drained_s": round(drained_s, 1)},
        broken=[*verdict.broken, *lacking],
    )
