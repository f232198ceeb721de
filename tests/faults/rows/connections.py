"""A program of somebody else takes every connection that PostgreSQL has left, for a while."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg

from tests.faults.bench import open_bench
from tests.faults.checker import judge
from tests.faults.load import paying
from tests.faults.postgres import Node, open_server
from tests.faults.report import Outcome

MUST_HOLD = "clear errors (503 that says when to come again), nothing half done, no answer after more than 5 s"
CONNECTIONS = 60  # the product wants up to 48
CLIENTS = 24
PAUSE_S = 0.1
ANSWER_MAX_S = 5.0
DRAINED_WITHIN_S = 120.0


def run(folder: Path, full: bool) -> Outcome:
    held_s = 30.0 if full else 3.0
    limits = {"max_connections": str(CONNECTIONS), "superuser_reserved_connections": "0", "max_wal_senders": "0"}
    with open_server(folder / "pg", **limits) as node, open_bench(folder, [node]) as bench:
        with _taken(node) as taken, paying(bench, CLIENTS, PAUSE_S):
            time.sleep(held_s)
            taken.close()
            time.sleep(3.0)  # the product takes its connections again
        drained_s = bench.await_quiet(DRAINED_WITHIN_S)
        facts = bench.facts()
    verdict = judge(facts)
    refused = [one for one in facts.attempts if one.payment_id is None]
    unclear = sorted({f"{one.status} {one.detail}" for one in refused if not _is_clear(one.status, one.detail)})
    slowest = max(one.seconds for one in facts.attempts)
    return Outcome(
        parameters={"held_s": held_s, "clients": CLIENTS, "connections": CONNECTIONS},
        counts={"refused": len(refused), **verdict.counts},
        figures={"slowest_answer_s": slowest, "drained_s": round(drained_s, 1)},
        broken=[
            *verdict.broken,
            *(f"an error that is not clear: {one}" for one in unclear),
            *([f"an answer took {slowest:.1f} s"] if full and slowest > ANSWER_MAX_S else []),
            *([] if refused else ["nobody was refused: the row proves nothing"]),
        ],
    )


@contextmanager
def _taken(node: Node) -> Iterator[ExitStack]:
    """Every connection that is left, until the stack is closed."""
    with ExitStack() as held:
        for _ in range(CONNECTIONS):
            try:
                held.enter_context(psycopg.connect(node.dsn("adapter"), autocommit=True))
            except psycopg.OperationalError:
                break
        yield held


def _is_clear(status: int | None, detail: str) -> bool:
    return status in {409, 503} and "retry after" in detail
