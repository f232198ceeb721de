"""MT940 as it is written: the golden file, references, long texts, pages that never break where they must not."""

from __future__ import annotations

import datetime as dt
import re
import tracemalloc
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import Any

import pytest

from adapter.domain.money import Money
from adapter.domain.statements import Direction, Entry, EntryDetails, Statement
from adapter.formats.mt940 import parse_statements, render_statement
from adapter.formats.mt940.transliteration import restore, transliterate
from tests.formats.statement_strategies import FULL, FULL_ENTRY, statement_of

GOLDEN = Path(__file__).parent.parent / "golden" / "mt940"


def rendered(statement: Statement) -> str:
    return b"".join(render_statement(statement)).decode("ascii")


def with_entry(**changed: Any) -> Statement:
    """The statement of one entry, changed."""
    entry = replace(FULL_ENTRY.details, **changed)
    return statement_of([entry], account=FULL.account, opening=Money.of("100.00"))


def read_entry(statement: Statement) -> EntryDetails:
    (read,) = parse_statements(rendered(statement).encode()).statements
    (entry,) = read.entries
    return entry.details


def test_a_statement_is_written_as_the_golden_file() -> None:
    assert rendered(FULL).encode() == (GOLDEN / "statement.sta").read_bytes()


def test_a_long_text_loses_nothing() -> None:
    purpose = "Оплата по договору поставки № 45/Д от 12.11.2026 за товар Widget-7, в том числе НДС 22%. " * 30
    details = read_entry(with_entry(purpose=purpose))
    assert details.purpose == purpose.strip().upper().replace("WIDGET", "Widget")


@pytest.mark.parametrize(
    "purpose", ["-" * 300, ":" * 300, " -" * 200, "- " * 200, "a-" * 150, "? " * 200, "-:? " * 100, "я" * 64 + ":61:"]
)
def test_a_text_of_signs_breaks_into_lines_that_begin_no_field(purpose: str) -> None:
    text = rendered(with_entry(purpose=purpose))
    fields = [line for line in text.split("\r\n") if line[:1] in (":", "-")]
    assert [re.split(r"(?<=:)", line, maxsplit=2)[1] if line != "-" else line for line in fields] == (
        ["20:", "25:", "28C:", "60F:", "61:", "86:", "62F:", "86:", "-"]
    )
    assert all(len(re.sub(r"^:[0-9]{2}[A-Z]?:", "", line)) <= 65 for line in text.split("\r\n"))
    assert read_entry(with_entry(purpose=purpose)).purpose == restore(transliterate(purpose))


@pytest.mark.parametrize(
    ("number", "reference"),
    [("17", "17"), ("А-17", "A-17"), ("", "NONREF"), ("1/", "NONREF"), ("a//b", "NONREF"), ("9" * 17, "NONREF")],
)
def test_the_reference_keeps_the_rules_of_swift_and_the_number_is_whole(number: str, reference: str) -> None:
    statement = with_entry(number=number)
    assert f"NCOL{reference}//entry1\r\n" in rendered(statement)
    assert read_entry(statement).number == number


def test_a_booking_date_far_from_the_value_date_is_whole() -> None:
    booked, value = dt.date(2026, 11, 18), dt.date(2024, 12, 31)
    details = read_entry(with_entry(booking_date=booked, value_date=value))
    assert (details.booking_date, details.value_date) == (booked, value)


def test_a_year_may_turn_between_value_date_and_booking_date() -> None:
    booked, value = dt.date(2026, 12, 31), dt.date(2027, 1, 1)
    assert ":61:2701011231D" in rendered(with_entry(booking_date=booked, value_date=value))
    assert read_entry(with_entry(booking_date=booked, value_date=value)).booking_date == booked


def test_words_of_the_file_inside_a_name_stay_in_the_name() -> None:
    owner = replace(FULL.account.owner, name="А/ИНН/5/PER/6")
    (read,) = parse_statements(rendered(replace(FULL, account=replace(FULL.account, owner=owner))).encode()).statements
    assert read.account.owner == owner


@pytest.mark.parametrize(("amount", "written"), [("-5.00", "D261031CNY5,00"), ("0.00", "C261031CNY0,00")])
def test_balances_carry_mark_day_and_currency(amount: str, written: str) -> None:
    account = replace(FULL.account, currency="CNY")
    statement = statement_of([], account=account, opening=Money.of(amount, "CNY"))
    assert f":60F:{written}\r\n" in rendered(statement)
    assert f":62F:{written.replace('261031', '261130')}\r\n" in rendered(statement)


def test_without_a_bic_the_account_stands_alone() -> None:
    assert ":25:40702810900000052198\r\n" in rendered(replace(FULL, account=replace(FULL.account, bic="")))


def test_both_directions_have_their_mark() -> None:
    assert ":61:2611191118C6543,21" in rendered(with_entry(direction=Direction.CREDIT))
    assert ":61:2611191118D6543,21" in rendered(with_entry(direction=Direction.DEBIT))


def test_chunks_come_before_the_last_entry_is_read() -> None:
    def endless() -> Iterator[Entry]:
        while True:
            yield FULL_ENTRY

    assert len(list(islice(render_statement(replace(FULL, entries=endless())), 5))) == 5


def test_a_long_statement_takes_no_more_memory_than_a_short_one() -> None:
    def peak(count: int) -> int:
        tracemalloc.start()
        for _ in render_statement(replace(FULL, entries=(FULL_ENTRY for _ in range(count)))):
            pass
        return tracemalloc.get_traced_memory()[1]

    try:
        peak(10)
        short, long = peak(300), peak(3_000)
    finally:
        tracemalloc.stop()
    assert long < short * 1.2
