"""kill -9 of a random web process every half a second while partners import payments.

A kill waits until something was acknowledged since the one before: where processes start slower than they are killed
nobody would be left to serve, and nothing would be tested.  It goes on until enough requests lost their answer to it.
"""

from __future__ import annotations

import random
import time
from pathlib import Path

from tests.faults.bench import Bench, open_bench
from tests.faults.checker import judge, percentile
from tests.faults.load import paying
from tests.faults.postgres import open_server
from tests.faults.processes import kill_one
from tests.faults.report import Outcome

MUST_HOLD = "0 acknowledged lost, 0 duplicated, every retry ends well"
CLIENTS = 8
BETWEEN_ORDERS_S = 0.02
PAUSE_S = 0.5
KILLING_MAX_S = 600.0
DELIVERED_WITHIN_S = 300.0


def run(folder: Path, full: bool) -> Outcome:
    orders, hits, web_workers = (2000, 100, 4) if full else (30, 2, 3)
    with open_server(folder / "pg") as node, open_bench(folder, [node], web_workers=web_workers) as bench:
        began = time.monotonic()
        with paying(bench, CLIENTS, BETWEEN_ORDERS_S):
            kills = _kill_now_and_then(bench, orders, hits)
        seconds = time.monotonic() - began
        drained_s = bench.await_quiet(DELIVERED_WITHIN_S)
        facts = bench.facts()
    verdict = judge(facts)
    lost = verdict.counts["lost_answers"]
    lacking = [] if lost >= hits else [f"only {lost} of {hits} requests were hit: the row proves too little"]
    times = [one.seconds for one in facts.attempts if one.payment_id]
    return Outcome(
        parameters={"orders_min": orders, "hits_min": hits, "web_workers": web_workers, "pause_s": PAUSE_S},
        counts={"kills": kills, **verdict.counts},
        figures={
            "importing_s": round(seconds, 1),
            "drained_s": round(drained_s, 1),
            "answer_p95_ms": round(percentile(times, 0.95) * 1000, 1),
        },
        broken=[*verdict.broken, *lacking],
    )


def _kill_now_and_then(bench: Bench, orders: int, hits: int) -> int:
    """Until so many orders were acknowledged and so many answers lost; answers how many processes were killed."""
    chance, kills, seen = random.Random(5), 0, 0
    give_up_at = time.monotonic() + KILLING_MAX_S
    while time.monotonic() < give_up_at:
        if bench.history.acknowledged >= orders and bench.history.lost_answers >= hits:
            break
        time.sleep(PAUSE_S)
        pids = bench.web_pids()
        if pids and bench.history.acknowledged > seen:
            seen = bench.history.acknowledged
            kills += kill_one(chance.choice(pids))
    return kills
