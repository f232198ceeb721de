"""A statement → the bytes of a workbook.

Rows go to a temporary file as they come, and from there to the reader, so memory does not grow with their number.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from adapter.domain.statements import Entry, Statement
from adapter.formats.printed import at_most, in_moscow, one_line
from adapter.formats.xlsx.cells import PUT, Looks
from adapter.formats.xlsx.columns import COLUMNS, CREDIT, DEBIT, PRINTED, PURPOSE, Kind, lines_of
from adapter.formats.xlsx.heading import Row, heading

# A sheet has 1,048,576 rows, but a file part over 2 GiB needs an extension of ZIP that Excel reports as damage.
ENTRIES_MAX = 500_000
_CHUNK_BYTES = 64 * 1024
_A4 = 9
# Points.  Heights are written because not every program finds them for wrapped texts by itself (LibreOffice does not).
_LINE_HEIGHT, _ROW_PADDING, _TITLE_HEIGHT = 13.0, 2.5, 24.0
_HEIGHT_MAX = 409.0  # of Excel
_OPTIONS = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}


def render_xlsx(statement: Statement) -> Iterator[bytes]:
    """The file of a statement in chunks; it is whole on disk before the first one and gone after the last.

    Raises TooManyEntries beyond ENTRIES_MAX.
    """
    entries = at_most(ENTRIES_MAX, statement)
    with TemporaryDirectory(prefix="statement-") as folder:
        path = Path(folder) / "statement.xlsx"
        with Workbook(path, {**_OPTIONS, "tmpdir": folder}) as workbook:
            _describe(workbook, statement)
            _fill(workbook.add_worksheet("Выписка"), Looks(workbook), statement, entries)
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK_BYTES):
                yield chunk


def _describe(workbook: Workbook, statement: Statement) -> None:
    account = statement.account
    bank = one_line(statement.bank.name) if statement.bank else f"БИК {account.bic}"
    workbook.set_properties(
        {
            "title": f"Выписка по счёту {account.number}",
            "subject": f"{statement.date_from:%d.%m.%Y} - {statement.date_to:%d.%m.%Y}",
            "author": bank,
            "company": bank,
            "created": in_moscow(statement.as_of),
        }
    )


def _fill(sheet: Worksheet, looks: Looks, statement: Statement, entries: Iterable[Entry]) -> None:
    """The heading, the row of titles, the entries, the totals: from top to bottom, as the file needs it."""
    rows = heading(statement)
    sheet.set_row(0, _TITLE_HEIGHT)
    for row, cells in enumerate(rows):
        _write(sheet, looks, row, cells)
    titles_row = len(rows)
    sheet.set_row(titles_row, 2 * _LINE_HEIGHT + _ROW_PADDING)
    for at, column in enumerate(COLUMNS):
        sheet.set_column(at, at, column.width)
        sheet.write_string(titles_row, at, column.title, looks.of("header", column.kind))
    last_row = _write_entries(sheet, looks, titles_row + 1, entries)
    _write_totals(sheet, looks, last_row + 1, statement)
    sheet.freeze_panes(titles_row + 1, 0)
    sheet.autofilter(titles_row, 0, max(last_row, titles_row + 1), len(COLUMNS) - 1)
    sheet.ignore_errors({"number_stored_as_text": f"A1:XFD{last_row + 2}"})
    _set_print(sheet, statement, titles_row, last_row + 1)


def _write(sheet: Worksheet, looks: Looks, row: int, cells: Row) -> None:
    for column, style, kind, value in cells:
        if value is not None:
            PUT[kind](sheet, row, column, value, looks.of(style, kind))


def _write_entries(sheet: Worksheet, looks: Looks, first_row: int, entries: Iterable[Entry]) -> int:
    """One row each; gives the last one written.  Printed cells keep their line when they are empty."""
    plan = [(at, column.read, PUT[column.kind], looks.of("row", column.kind)) for at, column in enumerate(COLUMNS)]
    printed = len(PRINTED)
    row = first_row - 1
    for row, entry in enumerate(entries, first_row):
        sheet.set_row(row, min(lines_of(entry) * _LINE_HEIGHT + _ROW_PADDING, _HEIGHT_MAX))
        for at, read, put, look in plan:
            value = read(entry)
            if value is not None:
                put(sheet, row, at, value, look)
            elif at < printed:
                sheet.write_blank(row, at, None, look)
        _forget_row(sheet, row - 1)
    return row


def _forget_row(sheet: Worksheet, row: int) -> None:
    """A row that is on disk; XlsxWriter would keep the heights of all, which it needs only to place pictures."""
    sheet.row_info.pop(row, None)
    sheet.row_sizes.pop(row, None)


def _write_totals(sheet: Worksheet, looks: Looks, row: int, statement: Statement) -> None:
    for column in range(len(PRINTED)):
        sheet.write_blank(row, column, None, looks.of("total", Kind.TEXT))
    sums = [(DEBIT, statement.total_debits), (CREDIT, statement.total_credits)]
    _write(sheet, looks, row, [(PURPOSE, "total", Kind.TEXT, "Итого за период")])
    _write(sheet, looks, row, [(column, "total", Kind.AMOUNT, total) for column, total in sums])


def _set_print(sheet: Worksheet, statement: Statement, titles_row: int, last_row: int) -> None:
    sheet.set_landscape()
    sheet.set_paper(_A4)
    sheet.set_margins(left=0.4, right=0.4, top=0.5, bottom=0.6)
    sheet.fit_to_pages(1, 0)
    sheet.repeat_rows(titles_row)
    sheet.print_area(0, 0, last_row, len(PRINTED) - 1)
    number = statement.account.number.replace("&", "&&")
    sheet.set_footer(f"&L&8Счёт {number}&R&8Страница &P из &N")
