"""Entries arrive in the core while many partners follow the account over HTTP."""

from __future__ import annotations

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path
from typing import Any

from tests.faults.bank_day import PURPOSE
from tests.faults.bench import ACCOUNT, Bench, open_bench
from tests.faults.postgres import open_server
from tests.faults.report import Outcome

MUST_HOLD = "0 lost, 0 repeated, 0 out of order"
PROCESSES = 2
READ_WITHIN_S = 900.0
SETTINGS: Mapping[str, Any] = {
    "web_workers": 2,
    "web_threads": 16,
    "feed_waiters_max": 12,
    "feed_refresh_s": 0.5,
    "core_read_timeout_s": 5.0,
}


def run(folder: Path, full: bool) -> Outcome:
    changes, pollers = (100_000, 20) if full else (500, 4)
    with open_server(folder / "pg") as node, open_bench(folder, [node], **SETTINGS) as bench:
        began = time.monotonic()
        told = _follow(bench, changes, pollers)
        seconds = time.monotonic() - began
        wanted = _read_numbers(bench.core_file)
    return Outcome(
        parameters={"changes": changes, "pollers": pollers},
        counts={
            "living_entries": len(wanted),
            "requests": sum(one["requests"] for one in told),
            "lost": sum(len(set(wanted) - set(one["numbers"])) for one in told),
            "foreign": sum(len(set(one["numbers"]) - set(wanted)) for one in told),
            "repeated": sum(one["repeated"] for one in told),
            "out_of_order": sum(one["unordered"] for one in told),
            "failed_requests": sum(one["failed"] for one in told),
        },
        figures={"seconds": round(seconds, 1), "changes_per_s_to_each": round(changes / seconds, 1)},
        broken=list(_judge(told, wanted, pollers)),
    )


def _follow(bench: Bench, changes: int, pollers: int) -> Sequence[Mapping[str, Any]]:
    """Let the pollers follow while the bank works; answers what each came to."""
    done = bench.folder / "done"
    results = [bench.folder / f"pollers-{number}.jsonl" for number in range(PROCESSES)]
    for number, result in enumerate(results):
        target = [str(bench.port), bench.partner.access_token, bench.account_id, str(pollers // PROCESSES)]
        bench.processes.start(f"pollers-{number}", "tests.faults.pollers", *target, str(done), str(result))
    database_url = f"sqlite:///{bench.core_file}"
    bench.processes.run("bank-day", "tests.faults.bank_day", database_url, ACCOUNT, str(changes))
    bench.await_feeds(READ_WITHIN_S)
    done.touch()
    for number in range(PROCESSES):
        bench.processes.running.pop(f"pollers-{number}").wait(READ_WITHIN_S)
    return [json.loads(line) for result in results for line in result.read_text().splitlines()]


def _read_numbers(core: Path) -> list[int]:
    """The numbers of the last changes of all living entries, as the core has them."""
    query = "SELECT details FROM sandbox_entries WHERE account_id = ? AND is_current AND details IS NOT NULL"
    with closing(sqlite3.connect(core)) as books:
        purposes = [json.loads(details)["purpose"] for (details,) in books.execute(query, [ACCOUNT])]
    return sorted(int(purpose.removeprefix(PURPOSE)) for purpose in purposes if purpose.startswith(PURPOSE))


def _judge(told: Sequence[Mapping[str, Any]], wanted: Sequence[int], pollers: int) -> Iterator[str]:
    if not wanted or not all(one["requests"] for one in told):
        yield "nothing came or nobody asked: the row proves nothing"
    if len(told) != pollers:
        yield f"only {len(told)} of {pollers} pollers came to their end"
    for number, one in enumerate(told):
        if lost := set(wanted) - set(one["numbers"]):
            yield f"poller {number} lost {len(lost)} changes, such as {min(lost)}"
        if foreign := set(one["numbers"]) - set(wanted):
            yield f"poller {number} knows {len(foreign)} that are no more, such as {min(foreign)}"
        if one["repeated"] or one["unordered"]:
            yield f"poller {number}: {one['repeated']} repeated, {one['unordered']} out of order"
    if len({one["older"] for one in told}) > 1:
        yield "pollers disagree about the entries of the year before"
