"""openpyxl, a reader written by others, finds in the workbook what the statement says."""

from __future__ import annotations

import datetime as dt
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from io import BytesIO
from pathlib import Path
from typing import Any

import openpyxl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from openpyxl.cell.cell import Cell
from openpyxl.worksheet.worksheet import Worksheet

from adapter.domain.errors import TooManyEntries
from adapter.domain.money import Money
from adapter.domain.statements import DOCUMENT_TITLES, Direction, Entry, Statement
from adapter.formats.printed import at_most
from adapter.formats.xlsx import ENTRIES_MAX, render_xlsx
from tests.formats.statement_strategies import FULL, FULL_ENTRY, PRINTABLE, leaves, statement_of, statements
from tests.scale import scale

ROOT = Path(__file__).parents[2]
TITLES_ROW = 8
DATE, NUMBER, INN, ACCOUNT, PURPOSE, DEBIT, CREDIT, ID = (column - 1 for column in (1, 2, 6, 7, 9, 10, 11, 26))
# Excel shows it as _x0041_; openpyxl leaves the escape in its place.
NO_ESCAPES = PRINTABLE.filter(lambda char: char != "_")


def opened(statement: Statement) -> Worksheet:
    sheet = openpyxl.load_workbook(BytesIO(b"".join(render_xlsx(statement)))).active
    assert isinstance(sheet, Worksheet)
    return sheet


def entry_rows(sheet: Worksheet) -> list[tuple[Cell, ...]]:
    """Between the titles and the totals."""
    return list(sheet.iter_rows(min_row=TITLES_ROW + 1, max_row=sheet.max_row - 1))  # type: ignore[arg-type]


def with_details(**changes: Any) -> Statement:
    """The full statement with something else in its first entry."""
    first = replace(FULL_ENTRY, details=replace(FULL_ENTRY.details, **changes))
    return replace(FULL, entries=(first,), debit_entries=1, credit_entries=0)


def first_row(sheet: Worksheet) -> tuple[Cell, ...]:
    return entry_rows(sheet)[0]


def money(value: object) -> Decimal:
    """An amount of a cell: the number that Excel shows, or the text of a longer one."""
    return Decimal(str(value)).quantize(Decimal("0.01"))


def midnight(day: dt.date) -> dt.datetime:
    """How openpyxl gives a date."""
    return dt.datetime.combine(day, dt.time())


@settings(max_examples=25, suppress_health_check=[HealthCheck.too_slow])
@given(statements(NO_ESCAPES))
def test_the_sheet_holds_the_same_entries_balances_and_totals(statement: Statement) -> None:
    sheet = opened(statement)
    assert money(sheet["K2"].value) == statement.opening_balance.amount
    assert money(sheet["K5"].value) == statement.closing_balance.amount
    for row in (3, sheet.max_row):
        assert money(sheet.cell(row, DEBIT + 1).value) == statement.total_debits.amount
        assert money(sheet.cell(row, CREDIT + 1).value) == statement.total_credits.amount
    entries = list(statement.entries)
    rows = entry_rows(sheet)
    assert len(rows) == len(entries)
    for entry, row in zip(entries, rows, strict=True):
        details = entry.details
        full, empty = (DEBIT, CREDIT) if details.direction is Direction.DEBIT else (CREDIT, DEBIT)
        assert money(row[full].value) == details.amount.amount
        assert row[empty].value is None
        assert row[DATE].value == midnight(details.booking_date)
        assert (row[NUMBER].value or "") == details.number
        assert (row[PURPOSE].value or "") == details.purpose
        assert row[INN].value == details.counterparty.inn
        assert row[ACCOUNT].value == details.counterparty.account
        assert row[ID].value == entry.id


@settings(max_examples=30, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=80))
def test_any_text_gives_a_sheet_that_opens_with_every_entry_in_it(text: str) -> None:
    sheet = opened(with_details(purpose=text, number=text))
    assert len(entry_rows(sheet)) == 1
    assert first_row(sheet)[ID].value == FULL_ENTRY.id


@pytest.mark.parametrize("text", ["=1+1", "+7 495", "-5", "@SUM(A1)", "{=A1}", "https://bank.example", "007", "1e5"])
def test_a_text_is_never_a_formula_a_link_or_a_number(text: str) -> None:
    cell = first_row(opened(with_details(purpose=text)))[PURPOSE]
    assert (cell.value, cell.data_type, cell.hyperlink) == (text, "s", None)


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("а\r\nб\tв", "а  б в"),
        ("а\x00б\x1bв", "а б в"),
        ("а\ud800б\uffffв", "а б в"),
        ("<r>а</r>", "<r>а</r> "),
        ("<r><t>а</t></r> & «б»", "<r><t>а</t></r> & «б»"),
        ("1\u00a0000 ₽ 😀", "1\u00a0000 ₽ 😀"),
        ("x" * 40_000, "x" * 16_382 + "…"),
    ],
)
def test_what_a_cell_cannot_hold_is_substituted(written: str, read: str) -> None:
    assert first_row(opened(with_details(purpose=written)))[PURPOSE].value == read


def test_numbers_of_accounts_and_taxpayers_are_texts_with_their_zeros() -> None:
    party = replace(FULL_ENTRY.details.counterparty, inn="0000000001", bic="000000002")
    row = first_row(opened(with_details(counterparty=party)))
    assert [row[column].value for column in (INN, ACCOUNT, 7)] == ["0000000001", "03100643000000019502", "000000002"]


@given(st.integers(-(10**15) + 1, 10**15 - 1))
@settings(max_examples=15)
def test_an_amount_of_fifteen_digits_is_a_number_to_the_kopeck(kopecks: int) -> None:
    balance = Money.from_kopecks(kopecks)
    cell = opened(replace(FULL, opening_balance=balance))["K2"]
    assert cell.data_type == "n"
    assert money(cell.value) == balance.amount


def test_a_longer_amount_is_a_text_and_loses_nothing() -> None:
    amount = Money.of("1234567890123456.78")
    row = first_row(opened(with_details(amount=amount)))
    assert (row[DEBIT].value, row[DEBIT].data_type) == ("1234567890123456.78", "s")
    assert opened(replace(FULL, total_credits=amount))["K3"].value == "1234567890123456.78"
    assert opened(replace(FULL, total_credits=Money.of("9999999999999.99")))["K3"].data_type == "n"


def test_a_date_that_excel_does_not_have_is_a_text() -> None:
    assert first_row(opened(with_details(date=dt.date(1900, 2, 28))))[2].value == "28.02.1900"
    assert first_row(opened(with_details(date=dt.date(1900, 3, 1))))[2].value == midnight(dt.date(1900, 3, 1))


def test_dates_and_amounts_look_like_dates_and_amounts() -> None:
    row = first_row(opened(FULL))
    assert row[DATE].number_format == "dd.mm.yyyy"
    assert row[DEBIT].number_format == "#,##0.00"


def test_titles_stay_in_view_can_be_filtered_and_stand_on_every_printed_page() -> None:
    sheet = opened(FULL)
    assert sheet.freeze_panes == "A9"
    assert sheet.auto_filter.ref == "A8:AC10"  # without the totals
    assert sheet.print_title_rows == "$8:$8"
    assert sheet.print_area == "'Выписка'!$A$1:$K$11"
    assert (sheet.page_setup.orientation, sheet.page_setup.paperSize) == ("landscape", 9)
    assert sheet.sheet_properties.pageSetUpPr.fitToPage
    assert sheet.page_setup.fitToHeight == 0  # as many pages as it takes, one wide
    assert sheet.oddFooter.right.text == "Страница &P из &N"


def test_a_long_purpose_makes_its_row_higher_for_programs_that_do_not_fit_rows_themselves() -> None:
    short, long = (
        opened(with_details(purpose=purpose)).row_dimensions[TITLES_ROW + 1].height for purpose in ("Аванс", "Ж" * 200)
    )
    assert short < 17
    assert 4 * 13 <= long <= 5 * 13


def test_the_totals_stand_below_the_last_entry() -> None:
    last = [cell.value for cell in next(opened(FULL).iter_rows(min_row=11, max_row=11))]
    assert last[PURPOSE : CREDIT + 1] == ["Итого за период", 6543.21, 777.12]


def test_an_empty_statement_is_a_whole_sheet() -> None:
    sheet = opened(statement_of([], account=FULL.account, opening=Money.of("5.00")))
    assert entry_rows(sheet) == []
    assert (sheet["K2"].value, sheet["K5"].value, sheet.cell(9, PURPOSE + 1).value) == (5, 5, "Итого за период")


def test_a_period_that_no_day_of_is_complete_says_so() -> None:
    assert opened(replace(FULL, complete_through=None))["K7"].value == "не подтверждено"


def test_the_file_tells_what_it_is_and_is_the_same_for_the_same_statement() -> None:
    data = b"".join(render_xlsx(FULL))
    told = openpyxl.load_workbook(BytesIO(data)).properties
    assert (told.title, told.creator) == ("Выписка по счёту 40702810900000052198", 'АО "Банк Пример"')
    assert str(told.created) == "2026-11-28 09:07:08"
    assert b"".join(render_xlsx(FULL)) == data


def test_a_statement_beyond_the_limit_is_refused_before_anything_is_written() -> None:
    with pytest.raises(TooManyEntries) as refused:
        next(render_xlsx(replace(FULL, credit_entries=ENTRIES_MAX)))
    assert (refused.value.limit, refused.value.entries) == (ENTRIES_MAX, ENTRIES_MAX + 1)
    assert "500000" in refused.value.errors[0].message
    assert entry_rows(opened(FULL))


def test_a_stream_longer_than_it_told_is_refused_too() -> None:
    told_less = replace(FULL, credit_entries=0)
    with pytest.raises(TooManyEntries):
        list(at_most(1, told_less))
    assert len(list(at_most(2, told_less))) == 2


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def test_the_temporary_file_goes_with_the_last_chunk(folder: Path) -> None:
    chunks = render_xlsx(FULL)
    assert next(chunks)
    assert list(folder.iterdir())
    list(chunks)
    assert list(folder.iterdir()) == []


def test_the_temporary_file_goes_with_a_reader_who_goes_away(folder: Path) -> None:
    chunks = render_xlsx(FULL)
    next(chunks)
    chunks.close()  # type: ignore[attr-defined]
    assert list(folder.iterdir()) == []


def test_the_temporary_file_goes_when_the_entries_break_off(folder: Path) -> None:
    def broken() -> Iterator[Entry]:
        yield FULL_ENTRY
        raise ConnectionError

    with pytest.raises(ConnectionError):
        next(render_xlsx(replace(FULL, entries=broken())))
    assert list(folder.iterdir()) == []


PEAK_PROGRAM = """
import re, sys
from pathlib import Path
from dataclasses import replace
from adapter.formats.xlsx import render_xlsx
from tests.formats.statement_strategies import FULL, FULL_ENTRY
count = int(sys.argv[1])
entries = (FULL_ENTRY for _ in range(count))
for _ in render_xlsx(replace(FULL, entries=entries, debit_entries=count - 1)):
    pass
print(re.search(r"VmHWM:\\s*(\\d+)", Path("/proc/self/status").read_text())[1])
"""


def test_a_long_statement_takes_no_more_memory_than_a_short_one() -> None:
    def peak_kib(count: int) -> int:
        program = [sys.executable, "-c", PEAK_PROGRAM, str(count)]
        return int(subprocess.run(program, cwd=ROOT, capture_output=True, check=True).stdout)

    assert peak_kib(scale(2_500, 100_000)) < peak_kib(400) + 3_000


def documented(part: str) -> dict[str, list[str]]:
    """Field → places in that part of the section on XLSX."""
    section = (ROOT / "api_specs" / "formats.md").read_text().split("\n## XLSX")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.+?) \|", section.split(f"### {part}")[1].split("###")[0], re.MULTILINE)
    places: dict[str, list[str]] = {}
    for fields, place in rows:
        for field in re.findall("`(.+?)`", fields):
            places.setdefault(field, []).extend(re.findall("`(.+?)`", place))
    return places


def shown(value: Any) -> Any:
    """A value of the model as openpyxl gives it."""
    if isinstance(value, dt.datetime):
        return value.astimezone(dt.timezone(dt.timedelta(hours=3))).replace(tzinfo=None)
    if isinstance(value, dt.date):
        return midnight(value)
    return value


def stands_in(value: Any, cell: Any) -> bool:
    if isinstance(cell, float):
        return f"{cell:.2f}" == value
    return cell == shown(value) or value in str(cell).split(", ", 1)


def test_every_field_of_a_statement_stands_where_the_document_says() -> None:
    places, sheet = documented("The statement"), opened(FULL)
    values = leaves(FULL)
    values.pop("entries")
    assert places.keys() == values.keys()
    wrong = [field for field, cells in places.items() for at in cells if not stands_in(values[field], sheet[at].value)]
    assert wrong == []


def test_every_field_of_an_entry_stands_where_the_document_says() -> None:
    places, sheet = documented("An entry"), opened(FULL)
    values = leaves(FULL_ENTRY) | {"document_type": DOCUMENT_TITLES[FULL_ENTRY.details.document_type]}
    assert places.keys() == values.keys()
    assert places.pop("amount") == places.pop("direction") == ["J", "K"]
    assert stands_in(values["amount"], sheet["J9"].value)
    assert sheet["K9"].value is None
    wrong = [
        field for field, cells in places.items() for at in cells if not stands_in(values[field], sheet[f"{at}9"].value)
    ]
    assert wrong == []


def test_the_titles_are_those_of_the_document() -> None:
    section = (ROOT / "api_specs" / "formats.md").read_text().split("\n## XLSX")[1].split("\n## ")[0]
    told = re.findall(r"^\| `.+?` \| `([A-Z]+)` \|.*\| ([^|]+?) \|$", section.split("### An entry")[1], re.MULTILINE)
    assert len(told) == 29
    sheet = opened(FULL)
    assert [at for at, title in told if not title.startswith(str(sheet[f"{at}{TITLES_ROW}"].value))] == []
