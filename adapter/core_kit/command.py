"""`bank-adapter core check`: the contract against a bank's own core, with a report of what to mend."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click
import orjson

from adapter.connectors import OPENERS, open_core
from adapter.connectors.sandbox.opening import open_sandbox
from adapter.core_kit.bench import Bench, Effort, Subjects
from adapter.core_kit.case import Case
from adapter.core_kit.catalogue import ALL_CASES, find_cases
from adapter.core_kit.control_bench import ActFailed, Control, ControlBench
from adapter.core_kit.report import dump_report, has_failed, render_outcome, render_summary
from adapter.core_kit.running import Outcome, run_cases
from adapter.core_kit.sandbox_bench import SandboxBench
from adapter.core_kit.watching_bench import WatchedClock, WatchingBench
from adapter.parts import SystemClock
from adapter.ports import CoreBanking
from adapter.settings import Settings
from adapter.store.database import open_database

WARNING = "The check writes test drafts, and what the bench can do, into this core. Use a test stand. Go on?"
NO_REST = 1_000_000  # failures in a row: every case meets the core itself, not the guard before it


@click.group("core")
def core_group() -> None:
    """The bank's core behind the adapter."""


@core_group.command()
@click.option("--core", default="", help=f"{', '.join(OPENERS)}; the setting unless told")
@click.option("--core-url", default="", help="address of the HTTP core; the setting unless told")
@click.option("--bench", "bench_place", default="", help="module:factory of your own bench, in Python")
@click.option("--control-url", default="", help="where the bank serves /control/v1")
@click.option("--user", default="", help="a user of the test stand")
@click.option("--customer", default="", help="for whom the user acts")
@click.option("--account", default="", help="core id of an open ruble account of the customer")
@click.option("--second-account", default="", help="another account of the customer")
@click.option("--foreign-account", default="", help="an account of somebody else")
@click.option("--only", multiple=True, help="a case or a part, e.g. drafts; may be repeated")
@click.option("--lines", default=Effort().lines, show_default=True, help="of the large batch")
@click.option(
    "--json", "report_file", type=click.Path(path_type=Path, dir_okay=False), help="write the report here too"
)
@click.option("--list", "is_list", is_flag=True, help="tell the cases, try nothing")
@click.option("--yes", is_flag=True, help="do not ask before writing into the core")
@click.pass_obj
def check(
    settings: Settings,
    /,
    core: str,
    core_url: str,
    only: tuple[str, ...],
    lines: int,
    report_file: Path | None,
    is_list: bool,
    yes: bool,
    **bench: str,
) -> None:
    """Try the contract on a core, case by case, and tell what to mend; ends with 1 where a promise is broken."""
    cases = _choose(only)
    if is_list:
        _list(cases)
        return
    if not yes:
        click.confirm(WARNING, abort=True)
    settings = replace(settings, core=core or settings.core, core_url=core_url or settings.core_url)
    with _open_bench(settings, **bench) as opened:
        outcomes = _try(cases, opened, Effort(lines=lines))
    click.echo("\n" + render_summary(outcomes))
    if report_file:
        report_file.write_bytes(orjson.dumps(dump_report(settings.core, outcomes), option=orjson.OPT_INDENT_2))
    sys.exit(1 if has_failed(outcomes) else 0)


def _choose(only: Sequence[str]) -> tuple[Case, ...]:
    try:
        wanted = {case.id for name in only for case in find_cases(name)}
    except ValueError as error:
        raise click.ClickException(f"{error}; --list tells them") from error
    return tuple(case for case in ALL_CASES if not only or case.id in wanted)


def _list(cases: Sequence[Case]) -> None:
    for case in cases:
        needs = ", ".join([*sorted(act.value for act in case.acts), *([case.capability] if case.capability else [])])
        click.echo(f"{case.id}: {case.promise}" + (f" [needs {needs}]" if needs else ""))


def _try(cases: Sequence[Case], bench: Bench, effort: Effort) -> list[Outcome]:
    outcomes = []
    for outcome in run_cases(cases, bench, effort):
        click.echo(render_outcome(outcome))
        outcomes.append(outcome)
    return outcomes


@contextmanager
def _open_bench(settings: Settings, *, bench_place: str, control_url: str, **subjects: str) -> Iterator[Bench]:
    """The bench that the options name; the core is closed at the end."""
    if bench_place:
        yield _own_bench(bench_place)
        return
    if settings.core == "sandbox":
        with _open_sandbox_bench(settings) as bench:
            yield bench
        return
    with _open_core(settings) as core:
        yield _controlled(core, control_url) if control_url else _watched(core, subjects)


def _own_bench(place: str) -> Bench:
    module, _, factory = place.partition(":")
    sys.path.insert(0, "")  # the folder where the command runs, as python -m has it
    try:
        bench: Bench = getattr(importlib.import_module(module), factory)()
    except Exception as error:  # the bank's own code: whatever it raises, its team reads a sentence
        raise click.ClickException(f"--bench {place}: {type(error).__name__}: {error}") from error
    return bench


@contextmanager
def _open_sandbox_bench(settings: Settings) -> Iterator[Bench]:
    clock = SystemClock()
    sandbox = open_sandbox(
        settings.sandbox_database_url, base_url=settings.issuer, bank_name=settings.bank_name, clock=clock
    )
    yield SandboxBench(sandbox, WatchedClock(clock), can_set_clock=False)
    sandbox.database.close()


@contextmanager
def _open_core(settings: Settings) -> Iterator[CoreBanking]:
    options = replace(settings, core_login="", core_calls_max=64, core_failures_max=NO_REST)
    database = open_database(settings.database_url)
    try:
        core = open_core(options, clock=SystemClock(), reader=database.reader, writer=database.writer)
    except ValueError as error:
        raise click.ClickException(str(error)) from error
    yield core.banking
    core.close()
    database.close()


def _controlled(core: CoreBanking, url: str) -> Bench:
    try:
        return ControlBench(core, Control(url), SystemClock())
    except (ActFailed, KeyError) as error:
        raise click.ClickException(f"--control-url {url}: {error}") from error


def _watched(core: CoreBanking, subjects: dict[str, str]) -> Bench:
    missing = [f"--{name.replace('_', '-')}" for name, value in subjects.items() if not value]
    if missing:
        raise click.ClickException(f"say with whom to test: {', '.join(missing)}, or give --bench or --control-url")
    return WatchingBench(core, Subjects(**subjects), SystemClock())
