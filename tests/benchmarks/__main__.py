"""Measure, print a table for each database, and keep the figures in var/benchmarks.json."""

from __future__ import annotations

import argparse
import dataclasses
import json
import multiprocessing
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import Executor, ProcessPoolExecutor
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path

from adapter import migrations
from adapter.app import oauth_settings
from adapter.settings import Settings
from adapter.store.database import open_database
from tests.benchmarks.cases import (
    BATCH,
    POLLED,
    constant_case,
    list_cases,
    poll_name,
    render_statement_request,
)
from tests.benchmarks.measuring import Figure, StatementFigure, measure_in_turn, measure_statement, median_statement
from tests.benchmarks.servers import DatabaseServer, postgresql_database, serve_constant, serve_product, sqlite_database
from tests.benchmarks.world import ISSUER, make_world, refresh_statistics

RESULT = Path("var/benchmarks.json")
DATABASES: dict[str, Callable[[Path], AbstractContextManager[DatabaseServer]]] = {
    "sqlite": sqlite_database,
    "postgresql": postgresql_database,
}
TURNS = 5
SMALL, SHORT_STATEMENT, LONG_STATEMENT, LARGE = 1000, 10_000, 100_000, 1_000_000
BATCH_AIM_US = 250


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    database: str
    figures: list[Figure]
    statements: list[StatementFigure]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="shorter runs, the largest account has 100,000 entries")
    parser.add_argument("--database", choices=DATABASES, action="append", help="only this one")
    given = parser.parse_args()
    results = []
    # Spawned, not forked: the client has no part of this process in its memory.
    with ProcessPoolExecutor(1, multiprocessing.get_context("spawn")) as client:
        for name in given.database or DATABASES:
            results.append(measure(client, name, given.quick))
            sys.stdout.writelines(f"{line}\n" for line in render_table(results[-1]))
    RESULT.parent.mkdir(exist_ok=True)
    told = {"python": platform.python_version(), "machine": platform.machine(), "quick": given.quick}
    RESULT.write_text(json.dumps(told | {"results": [dataclasses.asdict(one) for one in results]}, indent=2))


def measure(client: Executor, name: str, quick: bool) -> Result:
    sizes = [SMALL, SHORT_STATEMENT, LONG_STATEMENT, *([] if quick else [LARGE])]
    with tempfile.TemporaryDirectory(prefix="bench-") as text, DATABASES[name](Path(text)) as server:
        folder = Path(text)
        settings = Settings(
            database_url=server.url,
            sandbox_database_url=f"sqlite:///{folder}/sandbox.db",
            issuer=ISSUER,
            secret_key="k" * 40,
            feed_read_max_age_s=86_400,  # the core is not asked: what is measured is the reading side
            web_workers=1,
            web_threads=4,
        )
        database = open_database(server.url)
        migrations.upgrade(database.writer)
        world = make_world(database, oauth_settings(settings), sizes)
        with serve_product(settings, folder) as product, serve_constant(settings, folder) as constant:
            cases = list_cases(world, database, product.port)
            share = 0.3 if quick else 1.0
            figures = measure_in_turn(
                client,
                (constant_case(), constant),
                cases,
                product,
                server.pid,
                TURNS,
                share,
                lambda: refresh_statistics(database),
            )
        statements = []
        for entries in (SHORT_STATEMENT, LONG_STATEMENT):
            with serve_product(settings, folder) as product:
                runs = [
                    measure_statement(client, lambda size: render_statement_request(world, size), entries, product)
                    for _ in range(2 if quick else TURNS)
                ]
            statements.append(median_statement(runs))
        database.close()
    return Result(database=name, figures=figures, statements=statements)


def render_table(result: Result) -> Iterator[str]:
    """One line a case."""
    yield f"\n{result.database}"
    yield f"{'':38}{'CPU ms':>9}{'DB ms':>9}{'per s':>9}{'× constant':>12}{'aim':>7}"
    for figure in result.figures:
        aim = f"{figure.aim:.1f}" if figure.aim else ""
        in_database = f"{figure.database_ms:.3f}" if figure.database_ms is not None else "-"
        numbers = f"{figure.cpu_ms:>9.3f}{in_database:>9}{figure.per_second:>9.0f}{figure.ratio:>12.2f}{aim:>7}"
        yield f"{figure.name:38}{numbers}"
    yield from _render_growth({figure.name: figure for figure in result.figures})
    yield from _render_batch(result.figures[-1])
    for one in result.statements:
        yield (
            f"statement of {one.entries:,} entries as 1C text: {one.cpu_s:.2f} s CPU, {one.seconds:.2f} s,"
            f" {one.cpu_s * 1e6 / one.entries:.0f} µs an entry, {one.megabytes:.1f} MB,"
            f" peak memory +{one.peak_growth_mb:.1f} MB"
        )


def _render_growth(figures: Mapping[str, Figure]) -> Iterator[str]:
    """What a poll costs beside one in the smallest account; it must not grow with the account."""
    first, *others = [figures[poll_name(entries)] for entries in POLLED if poll_name(entries) in figures]
    for one in others:
        ratio = (one.cpu_ms + (one.database_ms or 0.0)) / (first.cpu_ms + (first.database_ms or 0.0))
        yield f"{one.name}: {ratio:.2f} × that of the smallest account"


def _render_batch(figure: Figure) -> Iterator[str]:
    worker, in_database = figure.cpu_ms * 1000 / BATCH, (figure.database_ms or 0.0) * 1000 / BATCH
    yield (
        f"one order of a batch: {worker:.0f} µs CPU of the worker, {in_database:.0f} µs of the database,"
        f" aim {BATCH_AIM_US} µs all in"
    )


if __name__ == "__main__":
    main()
