"""One statement in every shape: whoever reads any of them learns the same entries, balances, totals and period.

Each is written in flat memory, however long the statement.  The shapes are those of the table that the API offers, each
with every value of its options; a shape that nobody here can read whole fails.
"""

from __future__ import annotations

import gc
import itertools
import tracemalloc
from collections.abc import Mapping
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given, settings

from adapter.api.shapes import SHAPES
from adapter.domain.feeds import StatementReading
from adapter.domain.money import Money
from adapter.domain.statements import Statement
from adapter.store.entry_json import dump_details, render_entry
from tests.formats.readers_of_shapes import READERS, Reader, as_far_as_told, facts_of, untold_in
from tests.formats.statement_strategies import FULL, statement_of, statements
from tests.scale import scale


def reading_of(statement: Statement) -> StatementReading:
    """As the store gives it: entries, and the same as texts."""
    texts = (
        render_entry(
            statement.account.id, one.id, one.version, dump_details(one.details), one.payment_id, one.external_id
        )
        for one in statement.entries
    )
    return StatementReading(statement=statement, entry_texts=texts)


def render(statement: Statement, shape: str, options: Mapping[str, str]) -> bytes:
    return b"".join(SHAPES[shape].begin(reading_of(statement), options))


# One for each way to write a shape, however many readers it has.
ONCE = {(reader.shape, *reader.options.values()): reader for reader in READERS}.values()


def name_of(reader: Reader) -> str:
    return "-".join([reader.shape, *reader.options.values()])


def check_it_reads_the_same(statement: Statement, reader: Reader) -> None:
    told = reader.read(render(statement, reader.shape, reader.options))
    assert told == as_far_as_told(facts_of(statement, reader.text), told), (reader.shape, reader.options)


def test_every_shape_with_every_option_has_a_reader() -> None:
    offered = {
        (name, tuple(zip(shape.options, values, strict=True)))
        for name, shape in SHAPES.items()
        for values in itertools.product(*shape.options.values())
    }
    assert {(reader.shape, tuple(reader.options.items())) for reader in READERS} == offered


@pytest.mark.parametrize("way", ONCE, ids=name_of)
def test_nothing_is_lost_in_any_shape(way: Reader) -> None:
    """What one reader cannot tell, another one of the same file can."""
    data = render(FULL, way.shape, way.options)
    readers = [one for one in READERS if (one.shape, one.options) == (way.shape, way.options)]
    assert set.intersection(*(untold_in(reader.read(data)) for reader in readers)) == set()


@given(statement=statements())
@settings(
    max_examples=40,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink what a dozen readers read takes minutes
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
def test_all_shapes_of_a_statement_say_the_same(statement: Statement) -> None:
    for reader in READERS:
        check_it_reads_the_same(statement, reader)


@pytest.mark.parametrize("reader", READERS, ids=name_of)
@pytest.mark.parametrize("opening", ["0.00", "-1234567.89"])
@pytest.mark.parametrize("currency", ["RUB", "CNY"])
def test_a_statement_without_entries_is_whole_in_every_shape(reader: Reader, opening: str, currency: str) -> None:
    digits = {"RUB": "810", "CNY": "156"}[currency]
    account = replace(FULL.account, currency=currency, number=f"40702{digits}900000052198")
    check_it_reads_the_same(statement_of([], account=account, opening=Money.of(opening, currency)), reader)


@pytest.mark.parametrize("reader", READERS, ids=name_of)
def test_a_statement_with_every_field_is_whole_in_every_shape(reader: Reader) -> None:
    check_it_reads_the_same(FULL, reader)


def many_entries(count: int) -> StatementReading:
    """So many entries, none of which is kept anywhere."""
    of_one = statement_of([FULL.entries[0].details], account=FULL.account, opening=FULL.opening_balance)
    text = next(iter(reading_of(FULL).entry_texts))
    statement = replace(
        of_one, entries=(replace(FULL.entries[0], id=f"entry-{n}") for n in range(count)), debit_entries=count
    )
    return StatementReading(statement=statement, entry_texts=(text for _ in range(count)))


def peak_bytes(reader: Reader, count: int) -> int:
    """The most memory that Python held while the shape was written and thrown away."""
    gc.collect()
    tracemalloc.start()
    try:
        for _piece in SHAPES[reader.shape].render(many_entries(count), reader.options):
            pass
        return tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()


# A printed page needs the number of all pages, so PDF keeps its sheets; `entries_max` bounds them.
@pytest.mark.parametrize("reader", [one for one in ONCE if one.shape != "pdf"], ids=name_of)
def test_memory_does_not_grow_with_the_statement(reader: Reader) -> None:
    few, many = 200, scale(1_000, 50_000)
    peak_bytes(reader, 10)  # what is made once
    assert peak_bytes(reader, many) < peak_bytes(reader, few) * 1.2 + 100_000
