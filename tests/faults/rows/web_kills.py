"""kill -9 of a random web process every half a second while partners import payments.

A kill waits until something was acknowledged since the one before: where processes start slower than they are killed
nobody would be left to serve, and nothing would be tested.
"""

from __future__ import annotations

import random
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from tests.faults.bench import Bench, open_bench
from tests.faults.checker import judge, percentile
from tests.faults.load import pay_all
from tests.faults.postgres import open_server
from tests.faults.processes import kill_one
from tests.faults.report import Outcome

MUST_HOLD = "0 acknowledged lost, 0 duplicated, every retry ends well"
PAUSE_S = 0.5
DELIVERED_WITHIN_S = 300.0


def run(folder: Path, full: bool) -> Outcome:
    orders, web_workers = (2000, 4) if full else (60, 3)
    with open_server(folder / "pg") as node, open_bench(folder, [node], web_workers=web_workers) as bench:
        done = threading.Event()
        with ThreadPoolExecutor(1) as pool:
            killer = pool.submit(_kill_now_and_then, bench, done)
            seconds = pay_all(bench, orders)
            done.set()
            kills = killer.result()
        drained_s = bench.await_quiet(DELIVERED_WITHIN_S)
        facts = bench.facts()
    verdict = judge(facts)
    lacking = [] if kills else ["no web process was killed: the row proves nothing"]
    times = [one.seconds for one in facts.attempts if one.payment_id]
    return Outcome(
        parameters={"orders": orders, "web_workers": web_workers, "pause_s": PAUSE_S},
        counts={"kills": kills, **verdict.counts},
        figures={
            "importing_s": round(seconds, 1),
            "drained_s": round(drained_s, 1),
            "answer_p95_ms": round(percentile(times, 0.95) * 1000, 1),
        },
        broken=[*verdict.broken, *lacking],
    )


def _kill_now_and_then(bench: Bench, done: threading.Event) -> int:
    chance, kills, seen = random.Random(5), 0, 0
    while not done.wait(PAUSE_S):
        pids = bench.web_pids()
        if pids and bench.history.acknowledged > seen:
            seen = bench.history.acknowledged
            kills += kill_one(chance.choice(pids))
    return kills
