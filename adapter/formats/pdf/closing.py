"""What stands below the last entry: turnovers, the closing balance, and who made the page."""

from __future__ import annotations

from adapter.domain.statements import Statement
from adapter.formats.pdf.entry_cells import CREDIT_END, DATE, DEBIT_END, PADDING, SUM_WIDTH
from adapter.formats.pdf.heading import completeness_of
from adapter.formats.pdf.paper import INK, LABEL, LEFT, RIGHT, STRONG, Paper
from adapter.formats.pdf.words import day_of, moment_of, operations, sum_of, sum_with_sign

HEIGHT = 96.0  # at most


def draw_closing(paper: Paper, statement: Statement) -> None:
    if not paper.has_room(HEIGHT):
        paper.next_sheet()
    paper.rule(paper.y, INK, 0.8)
    line = paper.y + 14
    paper.text(DATE + PADDING, line, "Итого за период", STRONG)
    counts = f"{operations(statement.debit_entries)} по дебету, {operations(statement.credit_entries)} по кредиту"
    paper.text(DATE + PADDING + STRONG.face.width("Итого за период", STRONG.size) + 8, line, counts, LABEL)
    paper.text_right(DEBIT_END, line, sum_of(statement.total_debits), STRONG, SUM_WIDTH)
    paper.text_right(CREDIT_END, line, sum_of(statement.total_credits), STRONG, SUM_WIDTH)
    line += 16
    paper.text(DATE + PADDING, line, f"Исходящий остаток на конец {day_of(statement.date_to)}", STRONG)
    paper.text_right(CREDIT_END, line, sum_with_sign(statement.closing_balance), STRONG)
    paper.y = line + 8
    paper.rule(paper.y, INK, 0.8)
    _draw_remarks(paper, statement)


def _draw_remarks(paper: Paper, statement: Statement) -> None:
    as_of = f"{moment_of(statement.as_of)} (время московское)"
    made = f"Выписка сформирована электронной системой банка по состоянию на {as_of}."
    remarks = " ".join(filter(None, (made, completeness_of(statement))))
    paper.y += 8
    for text in LABEL.face.wrap(remarks, LABEL.size, RIGHT - LEFT):
        paper.y += 9
        paper.text(LEFT, paper.y, text, LABEL)
