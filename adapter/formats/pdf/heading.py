"""The first sheet down to the table: the bank, the account, its owner, the balances; and the line on later sheets."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence

from adapter.domain.banks import Bank
from adapter.domain.statements import Statement
from adapter.formats.pdf.paper import (
    ACCENT,
    AMBER,
    BALANCE,
    BANK,
    GREY,
    INK,
    LABEL,
    LEFT,
    LINE,
    RIGHT,
    SHADE,
    SUBTITLE,
    TITLE,
    VALUE,
    Paper,
    Style,
)
from adapter.formats.pdf.words import day_of, moment_of, operations, sum_with_sign

Pairs = Sequence[tuple[str, str | None]]

_MIDDLE = LEFT + 318.0  # where the right column of requisites begins
_LABEL_WIDTH = 54.0
_LINE_HEIGHT = 12.5
_PANEL_HEIGHT = 50.0
_PANEL_WIDTH = (RIGHT - LEFT) / 4
_PERIOD = Style(SUBTITLE.face, SUBTITLE.size, GREY)
_CLOSING = Style(BALANCE.face, BALANCE.size, ACCENT)


def draw_heading(paper: Paper, statement: Statement) -> None:
    _draw_bank(paper, statement.bank or Bank(bic=statement.account.bic, name=""))
    paper.y += 32
    paper.text(LEFT, paper.y, "Выписка по счёту", TITLE)
    paper.y += 18
    number = statement.account.number
    paper.text(LEFT, paper.y, number, SUBTITLE)
    paper.text(LEFT + SUBTITLE.face.width(number, SUBTITLE.size) + 12, paper.y, period_of(statement), _PERIOD)
    paper.y += 14
    _draw_requisites(paper, statement)
    _draw_balances(paper, statement)
    if note := completeness_of(statement):
        _draw_note(paper, note)
    paper.y += 14


def draw_running_head(paper: Paper, statement: Statement) -> None:
    """What later sheets begin with, so that a loose one can be told from others."""
    account = statement.account
    name = f"Выписка по счёту {account.number}, {account.owner.name}"
    first, *others = LABEL.face.wrap(name, LABEL.size, 370)
    paper.text(LEFT, paper.y + 6, f"{first} …" if others else first, LABEL)
    paper.text_right(RIGHT, paper.y + 6, period_of(statement), LABEL)
    paper.y += 14


def period_of(statement: Statement) -> str:
    if statement.date_from == statement.date_to:
        return f"за {day_of(statement.date_from)}"
    return f"с {day_of(statement.date_from)} по {day_of(statement.date_to)}"


def completeness_of(statement: Statement) -> str | None:
    """What the reader must know when the bank has not yet closed all days of the period."""
    through = statement.complete_through
    if through is not None and through >= statement.date_to:
        return None
    if through is None or through < statement.date_from:
        return "Банк ещё не закрыл дни этого периода: выписка может дополниться, остаток и обороты изменятся."
    first_open = through + dt.timedelta(days=1)
    days = f"с {day_of(first_open)} по {day_of(statement.date_to)}"
    if first_open == statement.date_to:
        days = f"за {day_of(first_open)}"
    return (
        f"Операции по {day_of(through)} включительно учтены полностью. Операции {days} могут дополниться, "
        "тогда изменятся обороты и исходящий остаток."
    )


def _draw_bank(paper: Paper, bank: Bank) -> None:
    top = paper.y
    for line in BANK.face.wrap(bank.name or "Банк", BANK.size, 340):
        paper.text(LEFT, paper.y + 9, line, BANK)
        paper.y += 13
    if bank.place:
        paper.text(LEFT, paper.y + 6, bank.place, LABEL)
        paper.y += 9
    codes = [f"БИК {bank.bic}", f"к/с {bank.correspondent_account}" if bank.correspondent_account else ""]
    for place, text in enumerate(codes):
        paper.text_right(RIGHT, top + 9 + place * 9.5, text, LABEL)
    paper.y = max(paper.y, top + 22) + 4
    paper.box(LEFT, paper.y, RIGHT - LEFT, 1.6, ACCENT)


def _draw_requisites(paper: Paper, statement: Statement) -> None:
    account, owner = statement.account, statement.account.owner
    left: Pairs = [("Владелец", owner.name), ("ИНН", owner.inn), ("КПП", owner.kpp)]
    right: Pairs = [
        ("Счёт", account.name),
        ("Валюта", account.currency),
        ("Сформирована", f"{moment_of(statement.as_of)} МСК"),
    ]
    top = paper.y
    ends = [
        _draw_pairs(paper, LEFT, left, _MIDDLE - LEFT - _LABEL_WIDTH - 14),
        _draw_pairs(paper, _MIDDLE, right, RIGHT - _MIDDLE - _LABEL_WIDTH),
    ]
    paper.y = max(top, *ends) + 4


def _draw_pairs(paper: Paper, x: float, pairs: Pairs, width: float) -> float:
    """Labels and values one under the other; gives where they end."""
    y = paper.y
    for label, value in pairs:
        lines = VALUE.face.wrap(value or "", VALUE.size, width)
        if lines:
            paper.text(x, y + _LINE_HEIGHT, label, LABEL)
        for line in lines:
            y += _LINE_HEIGHT
            paper.text(x + _LABEL_WIDTH, y, line, VALUE)
    return y


def _draw_balances(paper: Paper, statement: Statement) -> None:
    """Four panels: what there was, what went, what came, what there is."""
    paper.y += 8
    panels = (
        ("Входящий остаток", statement.opening_balance, f"на начало {day_of(statement.date_from)}", BALANCE),
        ("Списано (дебет)", statement.total_debits, operations(statement.debit_entries), BALANCE),
        ("Зачислено (кредит)", statement.total_credits, operations(statement.credit_entries), BALANCE),
        ("Исходящий остаток", statement.closing_balance, f"на конец {day_of(statement.date_to)}", _CLOSING),
    )
    paper.box(LEFT, paper.y, RIGHT - LEFT, _PANEL_HEIGHT, SHADE)
    for place, (label, money, remark, style) in enumerate(panels):
        x = LEFT + place * _PANEL_WIDTH + 9
        if place:
            paper.box(x - 9, paper.y + 9, 0.5, _PANEL_HEIGHT - 18, LINE)
        paper.text(x, paper.y + 15, label, LABEL)
        paper.text_fitting(x, paper.y + 29, sum_with_sign(money), style, _PANEL_WIDTH - 15)
        paper.text(x, paper.y + 41, remark, LABEL)
    paper.y += _PANEL_HEIGHT


def _draw_note(paper: Paper, note: str) -> None:
    style = Style(VALUE.face, 7.6, INK)
    lines = style.face.wrap(note, style.size, RIGHT - LEFT - 14)
    paper.y += 10
    paper.box(LEFT, paper.y, 2.2, 10.5 * len(lines) + 3, AMBER)
    for place, line in enumerate(lines):
        paper.text(LEFT + 9, paper.y + 9 + place * 10.5, line, style)
    paper.y += 10.5 * len(lines) + 3
