"""The table of entries: each one whole, the row of titles on every sheet, the turnovers and the balance of each day.

An entry is torn only where it is higher than a sheet.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from decimal import Decimal
from itertools import chain, pairwise

from adapter.domain.money import Money
from adapter.domain.statements import Direction, Entry, Statement
from adapter.formats.pdf import entry_cells as cells
from adapter.formats.pdf.entry_cells import CREDIT_END, DEBIT_END, PADDING, SUM_WIDTH, EntryCells, lay_out
from adapter.formats.pdf.paper import BODY, BOTTOM, GREY, INK, LEFT, RIGHT, SHADE, SMALL, STRONG, TOP, Paper, Style
from adapter.formats.pdf.words import day_of, sum_of

LEADING = 8.7
_ABOVE, _BELOW = 10.4, 5.0  # from the edges of a row to its first and last line
_TITLES_HEIGHT = 24.0
_DAY_HEIGHT = 14.0
_EMPTY_HEIGHT = 40.0
_LINES_MAX = int((BOTTOM - TOP - _TITLES_HEIGHT - 40 - _ABOVE - _BELOW) / LEADING)  # of one entry on one sheet
_TORN_LINES_MIN = 5
_DAY_STYLE = Style(STRONG.face, 6.8, INK)
_BALANCE_STYLE = Style(BODY.face, 6.8, INK)
_TITLES = (
    (cells.DATE, "Дата"),
    (cells.DOCUMENT, "Документ"),
    (cells.PARTY, "Контрагент"),
    (cells.PURPOSE, "Назначение платежа"),
)


def draw_table(
    paper: Paper, statement: Statement, entries: Iterable[Entry], running_head: Callable[[Paper], None], tail: float
) -> None:
    """All entries from where the paper stands; `tail` points below the last one are kept free for what follows."""

    def head_of_sheet(sheet: Paper) -> None:
        running_head(sheet)
        _draw_titles(sheet)

    paper.on_next = head_of_sheet
    _draw_titles(paper)
    days = _Days(statement)
    entry = None
    for entry, following in pairwise(chain(entries, (None,))):
        assert entry is not None
        days.add(entry)
        ends_day = following is None or following.details.booking_date != entry.details.booking_date
        below = (days.height if ends_day else 0.0) + (tail if following is None else 0.0)
        _draw_entry(paper, lay_out(entry), below)
        if ends_day:
            days.draw(paper, entry)
    if entry is None:
        _draw_empty(paper)
    paper.on_next = running_head


class _Days:
    """Turnovers of the present day and the balance at its end; not drawn for a statement of a single day."""

    def __init__(self, statement: Statement) -> None:
        self.height = _DAY_HEIGHT if statement.date_from != statement.date_to else 0.0
        self._balance = statement.opening_balance.amount
        self._sums = dict.fromkeys(Direction, Decimal("0.00"))
        self._currency = statement.account.currency

    def add(self, entry: Entry) -> None:
        amount = entry.details.amount.amount
        self._sums[entry.details.direction] += amount
        self._balance += amount if entry.details.direction is Direction.CREDIT else -amount

    def draw(self, paper: Paper, last: Entry) -> None:
        """The row below the last entry of a day."""
        if self.height:
            day = day_of(last.details.booking_date)
            paper.box(LEFT, paper.y, RIGHT - LEFT, self.height, SHADE)
            line = paper.y + 9.6
            paper.text(cells.DATE + PADDING, line, f"Итого за {day}", _DAY_STYLE)
            paper.text(cells.PARTY + PADDING, line, f"остаток на конец дня {self._sum(self._balance)}", _BALANCE_STYLE)
            for direction, end in ((Direction.DEBIT, DEBIT_END), (Direction.CREDIT, CREDIT_END)):
                if self._sums[direction]:
                    paper.text_right(end, line, self._sum(self._sums[direction]), _DAY_STYLE, SUM_WIDTH)
            paper.y += self.height
        self._sums = dict.fromkeys(Direction, Decimal("0.00"))

    def _sum(self, amount: Decimal) -> str:
        return sum_of(Money(amount, self._currency))


def _draw_titles(paper: Paper) -> None:
    paper.rule(paper.y, INK, 0.8)
    line = paper.y + 10.5
    for x, title in _TITLES:
        paper.text(x + PADDING, line, title, STRONG)
    for end, title in ((DEBIT_END, "Дебет"), (CREDIT_END, "Кредит")):
        paper.text_right(end, line, title, STRONG)
    for end, meaning in ((DEBIT_END, "списано"), (CREDIT_END, "зачислено")):
        paper.text_right(end, line + 8.5, meaning, SMALL)
    paper.y += _TITLES_HEIGHT
    paper.rule(paper.y, INK, 0.8)


def _draw_entry(paper: Paper, entry: EntryCells, below: float) -> None:
    """On this sheet if it and `below` points after it have room, else on the next; torn if no sheet can hold it."""
    needed = _height(entry.height) + below if entry.height <= _LINES_MAX else _height(_TORN_LINES_MIN)
    if not paper.has_room(needed):
        paper.next_sheet()
    first = 0
    while first < entry.height:
        last = min(entry.height, first + _lines_in_room(paper))
        _draw_lines(paper, entry, first, last)
        if last < entry.height:
            paper.next_sheet()
        first = last


def _draw_lines(paper: Paper, entry: EntryCells, first: int, last: int) -> None:
    """Lines `first` to `last` of each cell; the sum stands on the first one."""
    for x, lines in entry.columns:
        paper.lines(x, paper.y + _ABOVE, lines[first:last], LEADING)
    if first == 0:
        paper.text_right(entry.sum_end, paper.y + _ABOVE, entry.sum, BODY, SUM_WIDTH)
    paper.y += _height(last - first)
    paper.rule(paper.y)


def _draw_empty(paper: Paper) -> None:
    paper.text(cells.DATE + PADDING, paper.y + 23, "За этот период операций не было", Style(BODY.face, 9, GREY))
    paper.y += _EMPTY_HEIGHT


def _height(lines: int) -> float:
    return _ABOVE + (lines - 1) * LEADING + _BELOW


def _lines_in_room(paper: Paper) -> int:
    return int((BOTTOM - paper.y - _ABOVE - _BELOW) / LEADING) + 1
