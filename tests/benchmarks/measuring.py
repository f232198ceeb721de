"""Runs of cases, one after the other in turn, and what each took: CPU of the worker and of the database, and time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.cases import Case
from tests.benchmarks.load import play
from tests.benchmarks.processes import cpu_seconds, cpu_seconds_of_family, forget_peak_memory, peak_memory_mb
from tests.benchmarks.servers import Server

WARM_UP = 0.2  # of a run


@dataclass(frozen=True, slots=True, kw_only=True)
class Cost:
    """Of one request, in milliseconds of CPU; `database_ms` is None where the database lives inside the worker."""

    cpu_ms: float
    database_ms: float | None
    per_second: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """The medians of all runs of one case; ratios are taken within each run, to the constant of the same turn."""

    name: str
    cpu_ms: float
    database_ms: float | None
    per_second: float
    ratio: float
    aim: float | None


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFigure:
    """One long answer: seconds of CPU and of the clock, and how much the worker's memory peaked above its rest."""

    entries: int
    cpu_s: float
    seconds: float
    megabytes: float
    peak_growth_mb: float


def measure_in_turn(
    client: Executor,
    constant: tuple[Case, Server],
    cases: Sequence[Case],
    product: Server,
    database_pid: int | None,
    turns: int,
    share: float,
    after_warm_up: Callable[[], None],
) -> list[Figure]:
    """`share` shortens every run; the first turn follows a short one that only warms up."""
    costs: Mapping[str, list[tuple[Cost, float]]] = defaultdict(list)
    for turn in range(turns + 1):
        base = _run(client, *constant, None, share if turn else WARM_UP)
        # Each turn begins with another case: what ran before leaves its traces in caches and in the database.
        first = turn % len(cases)
        for case in (*cases[first:], *cases[:first]):
            cost = _run(client, case, product, database_pid, share if turn else WARM_UP * share)
            if turn:
                costs[case.name].append((cost, cost.cpu_ms / base.cpu_ms))
        if turn:
            costs[constant[0].name].append((base, 1.0))
        else:
            after_warm_up()
    return [_figure(case, costs[case.name]) for case in (constant[0], *cases)]


def measure_statement(
    client: Executor, make_request: Callable[[int], bytes], entries: int, server: Server
) -> StatementFigure:
    forget_peak_memory(server.worker_pid)
    rest, began = peak_memory_mb(server.worker_pid), cpu_seconds(server.worker_pid)
    played = client.submit(play, server.port, [make_request(entries)], 1).result()
    _check(played.statuses, "statement", 200)
    return StatementFigure(
        entries=entries,
        cpu_s=cpu_seconds(server.worker_pid) - began,
        seconds=played.seconds,
        megabytes=played.received_bytes / 1e6,
        peak_growth_mb=peak_memory_mb(server.worker_pid) - rest,
    )


def median_statement(runs: Sequence[StatementFigure]) -> StatementFigure:
    """The worst peak, the medians of the rest."""
    return StatementFigure(
        entries=runs[0].entries,
        cpu_s=median(run.cpu_s for run in runs),
        seconds=median(run.seconds for run in runs),
        megabytes=runs[0].megabytes,
        peak_growth_mb=max(run.peak_growth_mb for run in runs),
    )


def _run(client: Executor, case: Case, server: Server, database_pid: int | None, share: float) -> Cost:
    requests = case.make(max(int(case.count * share), 1))
    worker = cpu_seconds(server.worker_pid)
    database = cpu_seconds_of_family(database_pid) if database_pid else 0.0
    played = client.submit(play, server.port, requests).result()
    _check(played.statuses, case.name, case.status)
    taken = cpu_seconds(server.worker_pid) - worker
    in_database = cpu_seconds_of_family(database_pid) - database if database_pid else None
    return Cost(
        cpu_ms=taken * 1000 / len(requests),
        database_ms=in_database * 1000 / len(requests) if in_database is not None else None,
        per_second=len(requests) / played.seconds,
    )


def _check(statuses: Mapping[int, int], name: str, wanted: int) -> None:
    if set(statuses) != {wanted}:
        raise RuntimeError(f"{name}: answers were {statuses}, wanted {wanted} only")


def _figure(case: Case, runs: Sequence[tuple[Cost, float]]) -> Figure:
    in_database = [cost.database_ms for cost, _ in runs if cost.database_ms is not None]
    return Figure(
        name=case.name,
        cpu_ms=median(cost.cpu_ms for cost, _ in runs),
        database_ms=median(in_database) if in_database else None,
        per_second=median(cost.per_second for cost, _ in runs),
        ratio=median(ratio for _, ratio in runs),
        aim=case.aim,
    )
