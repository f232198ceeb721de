"""Writing and reading files: MB/s, entries a second and peak memory of each shape; ratios to plain Python.

`python -m tests.benchmarks.formats` prints a table and keeps the figures in var/formats.json.  Each case runs in a
process of its own, so that no case sees the memory of another.  The plain writer writes the same prepared texts through
the same encoder; the plain reader decodes the same file and parts it into lines.
"""

from __future__ import annotations

import argparse
import csv
import dataclasses
import datetime as dt
import io
import json
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from statistics import median

from adapter.api.shapes import SHAPES
from adapter.domain.feeds import StatementReading
from adapter.domain.normalising import normalise
from adapter.domain.order_advice import list_warnings
from adapter.formats import camt053, mt940, onec_exchange, pain001
from tests.benchmarks.paper import make_orders, make_statement
from tests.benchmarks.processes import forget_peak_memory, peak_memory_mb
from tests.domain import orders as sample

RESULT = Path("var/formats.json")
ENTRIES = 100_000
ORDERS = 10_000
AT_ONCE = 100  # documents that the plain writer joins, as ours does
PARSERS: dict[str, Callable[[bytes], object]] = {
    "1c": onec_exchange.parse_statements,
    "camt053": camt053.parse_statements,
    "mt940": mt940.parse_statements,
}
# What ends one entry in the file of a shape, for the plain writer's prepared texts.
ENTRY_ENDS = {"1c": "КонецДокумента\r\n"}
MADE_AT = dt.datetime(2026, 11, 21, 12, tzinfo=dt.UTC)
AIM_OF_WRITERS = 3.0
AIM_OF_CHECK_S = 1.5


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """Medians of all turns; `ratio` is to plain Python within the same turn."""

    name: str
    entries: int
    cpu_s: float
    megabytes: float
    peak_growth_mb: float
    ratio: float | None = None
    aim: float | None = None


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--entries", type=int, default=ENTRIES)
    parser.add_argument("--turns", type=int, default=5)
    given = parser.parse_args()
    cases = [(measure_writing, name) for name in SHAPES]
    cases += [(measure_reading, name) for name in PARSERS]
    cases += [(measure_orders, name) for name in ("1c", "pain.001.001.03", "pain.001.001.09")]
    cases += [(measure_check, "")]
    figures = []
    for measure, name in cases:
        with ProcessPoolExecutor(1, get_context("spawn")) as process:
            figures.append(process.submit(measure, name, given.entries, given.turns).result())
        sys.stdout.write(_render(figures[-1]) + "\n")
    RESULT.parent.mkdir(exist_ok=True)
    RESULT.write_text(json.dumps([dataclasses.asdict(figure) for figure in figures], indent=2))


def measure_writing(name: str, entries: int, turns: int) -> Figure:
    """One statement in one shape, in pieces that are thrown away."""
    shape = SHAPES[name]
    count = min(entries, shape.entries_max or entries)
    statement, texts = make_statement(count)
    chosen = {option: values[0] for option, values in shape.options.items()}

    def write() -> int:
        reading = StatementReading(statement=statement, entry_texts=texts)
        return sum(len(piece) for piece in shape.render(reading, chosen))

    plain = None
    if name in ENTRY_ENDS:
        encoding = chosen.get("encoding", "utf-8-sig")
        prepared = _prepare(b"".join(shape.render(StatementReading(statement=statement, entry_texts=texts), chosen)))
        plain = _plain_writer(prepared(encoding, ENTRY_ENDS[name]), encoding)
    if name == "csv":
        reading = StatementReading(statement=statement, entry_texts=texts)
        plain = _plain_csv_writer(b"".join(shape.render(reading, chosen)).decode("utf-8-sig"))
    return _measure(f"write {name}", count, turns, write, plain, AIM_OF_WRITERS if plain else None)


def measure_reading(name: str, entries: int, turns: int) -> Figure:
    """The file of one statement, read to its end."""
    shape = SHAPES[name]
    statement, texts = make_statement(entries)
    chosen = {option: values[0] for option, values in shape.options.items()}
    data = b"".join(shape.render(StatementReading(statement=statement, entry_texts=texts), chosen))
    encoding = chosen.get("encoding", "utf-8")

    def read() -> int:
        PARSERS[name](data)
        return len(data)

    return _measure(f"read {name}", entries, turns, read, lambda: len(data.decode(encoding).split("\n")))


def measure_orders(name: str, _entries: int, turns: int) -> Figure:
    """A file of 10,000 payment orders."""
    orders = make_orders(ORDERS)
    if name == "1c":
        data, parse = onec_exchange.render_orders(orders), onec_exchange.parse_orders
    else:
        version = name.removeprefix("pain.001.")
        data = pain001.render_orders(orders, version, message_id="bench", created_at=MADE_AT)
        parse = pain001.parse_orders

    def read() -> int:
        parsed = parse(data)
        assert len(parsed.orders) == ORDERS
        return len(data)

    return _measure(f"read orders, {name}", ORDERS, turns, read, None)


def measure_check(_name: str, _entries: int, turns: int) -> Figure:
    """The rules of 10,000 orders, with what is normalised and warned of."""
    orders = make_orders(ORDERS)

    def check() -> int:
        for order in orders:
            normal, _ = normalise(order)
            assert not sample.errors_of(normal)
            list_warnings(normal, sample.VALUES)
        return 0

    return _measure(f"check orders (aim {AIM_OF_CHECK_S} s)", ORDERS, turns, check, None)


def _prepare(data: bytes) -> Callable[[str, str], list[str]]:
    return lambda encoding, end: [text + end for text in data.decode(encoding).split(end)]


def _plain_writer(texts: Sequence[str], encoding: str) -> Callable[[], int]:
    codec = encoding.removesuffix("-sig")

    def write() -> int:
        pieces = ("".join(texts[place : place + AT_ONCE]).encode(codec) for place in range(0, len(texts), AT_ONCE))
        return sum(map(len, pieces))

    return write


def _plain_csv_writer(text: str) -> Callable[[], int]:
    """The encoder of CSV is `csv.writer`: it gets the same cells, prepared."""
    rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=";"))

    def write() -> int:
        size = 0
        for place in range(0, len(rows), AT_ONCE):
            piece = io.StringIO(newline="")
            csv.writer(piece, delimiter=";", lineterminator="\r\n").writerows(rows[place : place + AT_ONCE])
            size += len(piece.getvalue().encode())
        return size

    return write


def _measure(
    name: str,
    entries: int,
    turns: int,
    work: Callable[[], int],
    plain: Callable[[], int] | None,
    aim: float | None = None,
) -> Figure:
    seconds, ratios, size = [], [], 0
    forget_peak_memory(os.getpid())
    before = peak_memory_mb(os.getpid())
    work()
    grown = peak_memory_mb(os.getpid()) - before
    for _ in range(turns):
        taken, size = _time(work)
        seconds.append(taken)
        if plain is not None:
            ratios.append(taken / _time(plain)[0])
    return Figure(
        name=name,
        entries=entries,
        cpu_s=median(seconds),
        megabytes=size / 1e6,
        peak_growth_mb=grown,
        ratio=median(ratios) if ratios else None,
        aim=aim,
    )


def _time(work: Callable[[], int]) -> tuple[float, int]:
    began = time.process_time()
    size = work()
    return max(time.process_time() - began, 1e-6), size


def _render(figure: Figure) -> str:
    ratio = f"{figure.ratio:6.1f} × plain" if figure.ratio else " " * 14
    aim = f" (aim {figure.aim:.1f})" if figure.aim else ""
    speed = f"{figure.megabytes / figure.cpu_s:7.1f} MB/s" if figure.megabytes else " " * 12
    return (
        f"{figure.name:32}{figure.entries:>9,}{figure.cpu_s:>8.2f} s CPU{speed}"
        f"{figure.entries / figure.cpu_s:>10,.0f} /s"
        f"   peak +{figure.peak_growth_mb:.1f} MB of {figure.megabytes:.1f} MB {ratio}{aim}"
    )


if __name__ == "__main__":
    main()
