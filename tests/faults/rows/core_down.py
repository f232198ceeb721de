"""The core is down for ten minutes and comes back; imports and reads go on meanwhile."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Iterator
from pathlib import Path

from tests.faults.bench import Bench, open_bench
from tests.faults.checker import judge, percentile
from tests.faults.load import paying
from tests.faults.partner import Answer, Client
from tests.faults.postgres import open_server
from tests.faults.proxy import Plan
from tests.faults.report import Outcome

MUST_HOLD = "imports accepted throughout with p95 < 300 ms, reads with an honest age, backlog drained, order kept"
P95_MS = 300.0
CLIENTS = 4
PAUSE_S = 0.35
READ_EVERY_S = 0.5
FEEDS_WITHIN_S = 60.0
DRAINED_WITHIN_S = 300.0
UNDER_WAY_S = 1.0  # a reading that began before the core went down may end after


def run(folder: Path, full: bool) -> Outcome:
    down_s = 600.0 if full else 5.0
    with open_server(folder / "pg") as node, open_bench(folder, [node]) as bench:
        with paying(bench, CLIENTS, PAUSE_S):
            bench.await_feeds(FEEDS_WITHIN_S)
            down_at = time.time()
            bench.proxy.follow(Plan(refuse=True))
            reads = list(_read_for(bench, down_s))
            backlog = bench.count("outbox")
            bench.proxy.heal()
            up_at = time.time()
        drained_s = bench.await_quiet(DRAINED_WITHIN_S)
        facts = bench.facts()
    verdict = judge(facts, must_keep_order=True)
    during = [one for one in facts.attempts if down_at <= one.sent_at <= up_at]
    p95_ms = percentile([one.seconds for one in during], 0.95) * 1000
    read_p95_ms = percentile([one.seconds for one in reads], 0.95) * 1000
    return Outcome(
        parameters={"down_s": down_s, "clients": CLIENTS},
        counts={"imports_while_down": len(during), "reads_while_down": len(reads), **verdict.counts},
        figures={
            "import_p95_ms": round(p95_ms, 1),
            "read_p95_ms": round(read_p95_ms, 1),
            "backlog": backlog,
            "drained_s": round(drained_s, 1),
        },
        broken=[
            *verdict.broken,
            *([f"p95 of imports was {p95_ms:.0f} ms"] if full and p95_ms >= P95_MS else []),
            *([] if during and backlog else ["nothing waited for the core: the row proves nothing"]),
            *_judge_imports([one.status for one in during]),
            *_judge_reads(reads, down_at),
        ],
    )


def _read_for(bench: Bench, seconds: float) -> Iterator[Answer]:
    """Poll the feed all the time."""
    client = Client(bench.port, bench.partner.access_token)
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        yield client.call("GET", f"/v1/accounts/{bench.account_id}/changes?limit=1")
        time.sleep(READ_EVERY_S)
    client.close()


def _judge_imports(statuses: list[int | None]) -> Iterator[str]:
    refused = [status for status in statuses if status != 201]
    if refused:
        yield f"{len(refused)} imports were not accepted at once: {sorted(set(map(str, refused)))}"


def _judge_reads(reads: list[Answer], down_at: float) -> Iterator[str]:
    """A feed that could not be read from the core must not look younger than it is."""
    failed = [one.status for one in reads if one.status != 200]
    if failed:
        yield f"{len(failed)} reads failed: {sorted(set(map(str, failed)))}"
    told = [one.body["as_of"] for one in reads if one.status == 200]
    young = [as_of for as_of in told if dt.datetime.fromisoformat(as_of).timestamp() > down_at + UNDER_WAY_S]
    if young:
        yield f"{len(young)} reads say that the feed is of {young[0]}, after the core went down"
    if not told:
        yield "nothing was read while the core was down"
