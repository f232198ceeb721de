"""What stands above the table: whose account, at which bank, for which period, and what the balances are."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from adapter.domain.banks import Bank
from adapter.domain.statements import Statement
from adapter.formats.xlsx.columns import CREDIT, DEBIT, PURPOSE, Kind

Cell = tuple[int, str, Kind, Any]  # column, style, kind, value
Row = Iterable[Cell]

_LEFT, _LEFT_VALUE = 0, 1  # A and B
_MIDDLE, _MIDDLE_VALUE = 4, 5  # E and F
NOT_CONFIRMED = "не подтверждено"


def heading(statement: Statement) -> list[Row]:
    """Rows of cells.  Sums stand in the columns of the sums below them."""
    account, owner = statement.account, statement.account.owner
    bank = statement.bank or Bank(bic=account.bic, name="")
    return [
        [(_LEFT, "title", Kind.TEXT, f"Выписка по счёту {account.number}")],
        [*_left("Владелец", owner.name), *_sums("Входящий остаток", credit=statement.opening_balance)],
        [
            *_left("ИНН", owner.inn),
            *_middle("КПП", owner.kpp),
            *_sums("Обороты за период", debit=statement.total_debits, credit=statement.total_credits),
        ],
        [
            *_left("Банк", ", ".join(filter(None, (bank.name, bank.place)))),
            *_counts("Количество операций", statement.debit_entries, statement.credit_entries),
        ],
        [
            *_left("БИК", bank.bic),
            *_middle("Корр. счёт", bank.correspondent_account),
            *_sums("Исходящий остаток", credit=statement.closing_balance),
        ],
        [
            *_left("Счёт", account.number),
            *_middle("Валюта", account.currency),
            *_moments("Сформирована (время московское)", Kind.MOMENT, statement.as_of),
        ],
        [
            *_left("Период с", statement.date_from, Kind.DATE),
            *_middle("по", statement.date_to, Kind.DATE),
            *_complete_through(statement),
        ],
    ]


def _left(label: str, value: Any, kind: Kind = Kind.TEXT) -> Row:
    return [(_LEFT, "label", Kind.TEXT, label), (_LEFT_VALUE, "value", kind, value)]


def _middle(label: str, value: Any, kind: Kind = Kind.TEXT) -> Row:
    return [(_MIDDLE, "label_right", Kind.TEXT, label), (_MIDDLE_VALUE, "value", kind, value)]


def _right(label: str, *cells: Cell) -> Row:
    return [(PURPOSE, "label_right", Kind.TEXT, label), *cells]


def _sums(label: str, *, credit: Any, debit: Any = None) -> Row:
    return _right(label, (DEBIT, "strong", Kind.AMOUNT, debit), (CREDIT, "strong", Kind.AMOUNT, credit))


def _counts(label: str, debits: int, credits: int) -> Row:
    return _right(label, (DEBIT, "value", Kind.NUMBER, debits), (CREDIT, "value", Kind.NUMBER, credits))


def _moments(label: str, kind: Kind, value: Any) -> Row:
    return _right(label, (CREDIT, "value_right", kind, value))


def _complete_through(statement: Statement) -> Row:
    label = "Операции учтены полностью по"
    if statement.complete_through is None:
        return _moments(label, Kind.TEXT, NOT_CONFIRMED)
    return _moments(label, Kind.DATE, statement.complete_through)
