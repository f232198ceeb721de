"""The clock of one side is ten seconds or an hour away from the other's, before or after it; calls are signed.

The side is the core, or the worker that calls it.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

from tests.faults.bench import Bench, open_bench
from tests.faults.checker import judge
from tests.faults.load import pay_all
from tests.faults.postgres import open_server
from tests.faults.report import Outcome

MUST_HOLD = "ten seconds: nothing fails; an hour: nothing half done, no hang, all goes on once the clock is right"
SMALL, LARGE = (10, -10), (3600, -3600)
SIDES = ("core", "worker-0")
DELIVERED_WITHIN_S = 120.0
TRIED_FOR_S = 4.0
CASES = [("core", -10), ("worker-0", 3600)]  # in small
HANG_S = 5.0


def run(folder: Path, full: bool) -> Outcome:
    cases = [(side, shift) for side in SIDES for shift in (*SMALL, *LARGE)] if full else CASES
    orders = 20 if full else 5
    counts: Counter[str] = Counter()
    broken: list[str] = []
    with open_server(folder / "pg") as node, open_bench(folder, [node]) as bench:
        for number, (side, shift) in enumerate(cases):
            broken += _run_case(bench, side, shift, f"clock-{number}", orders, counts)
        verdict = judge(bench.facts())
        slowest = max(one.seconds for one in bench.history.read())
    return Outcome(
        parameters={"cases": len(cases), "orders_in_each": orders},
        counts={**counts, **verdict.counts},
        figures={"slowest_answer_s": slowest},
        broken=[
            *broken,
            *verdict.broken,
            *([f"an answer took {slowest:.1f} s"] if full and slowest > HANG_S else []),
        ],
    )


def _run_case(bench: Bench, side: str, shift: int, prefix: str, orders: int, counts: Counter[str]) -> list[str]:
    """Pay while one clock is wrong, put it right, and see everything delivered."""
    _restart(bench, side, shift)
    pay_all(bench, orders, clients=4, prefix=prefix)
    broken = list(_judge_small(bench) if abs(shift) in SMALL else _judge_large(bench, orders))
    counts[f"waiting_{side}_{shift:+d}"] = bench.count("outbox")
    _restart(bench, side, 0)
    bench.await_quiet(DELIVERED_WITHIN_S)
    return [f"{side} {shift:+d} s: {one}" for one in broken]


def _judge_small(bench: Bench) -> Iterator[str]:
    """Nothing fails: all is delivered while the clock is wrong."""
    bench.await_quiet(DELIVERED_WITHIN_S)
    yield from judge(bench.facts()).broken


def _judge_large(bench: Bench, orders: int) -> Iterator[str]:
    """The core refuses every call, so that all must wait."""
    time.sleep(TRIED_FOR_S)
    waiting = bench.count("outbox")
    if waiting < orders:
        yield f"{orders - waiting} of {orders} went out under a signature that is an hour off"


def _restart(bench: Bench, side: str, shift: int) -> None:
    if side == "core":
        bench.processes.kill(side)  # a polite stop waits for connections that are kept
        bench.start_core(shift)
    else:
        bench.processes.stop(side)
        bench.start_worker(side, shift)
