"""An entry as the lines of its cells, wrapped to the widths of the columns."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache

from adapter.domain.parties import Counterparty
from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import DOCUMENT_TITLES, Direction, Entry, EntryDetails
from adapter.formats.pdf.paper import BODY, LEFT, RIGHT, SMALL, Line, Style
from adapter.formats.pdf.words import day_of, sum_of

PADDING = 4.0
_WIDTHS = (47.0, 70.0, 143.0, 119.0, 66.0, 66.0)  # date, document, counterparty, purpose, debit, credit
_STARTS = tuple(LEFT + sum(_WIDTHS[:place]) for place in range(len(_WIDTHS)))
DATE, DOCUMENT, PARTY, PURPOSE = _STARTS[:4]
DEBIT_END, CREDIT_END = RIGHT - _WIDTHS[5] - PADDING, RIGHT - PADDING
SUM_WIDTH = _WIDTHS[5] - PADDING
_NBSP = "\u00a0"


@dataclass(frozen=True, slots=True)
class EntryCells:
    """The four columns of text as (x, lines), and the sum with the end of its column."""

    columns: Sequence[tuple[float, Sequence[Line]]]
    sum: str
    sum_end: float

    @property
    def height(self) -> int:
        """In lines."""
        return max(len(lines) for _, lines in self.columns)


def lay_out(entry: Entry) -> EntryCells:
    details = entry.details
    return EntryCells(
        columns=(
            (DATE + PADDING, _date_lines(details)),
            (DOCUMENT + PADDING, _document_lines(details)),
            (PARTY + PADDING, _party_lines(details.counterparty)),
            (PURPOSE + PADDING, _purpose_lines(details)),
        ),
        sum=sum_of(details.amount),
        sum_end=DEBIT_END if details.direction is Direction.DEBIT else CREDIT_END,
    )


def _date_lines(details: EntryDetails) -> list[Line]:
    return [(day_of(details.booking_date), BODY)]


def _document_lines(details: EntryDetails) -> list[Line]:
    width = _WIDTHS[1]
    lines = _wrapped(f"№{_NBSP}{details.number}" if details.number else "без номера", BODY, width)
    lines += _wrapped(f"от{_NBSP}{day_of(details.date)}", SMALL, width)
    lines += _wrapped(DOCUMENT_TITLES[details.document_type], SMALL, width)
    if details.priority is not None:
        lines.append((f"очерёдность {details.priority}", SMALL))
    if details.value_date != details.booking_date:
        lines += _wrapped(f"валютирование {day_of(details.value_date)}", SMALL, width)
    return lines


@lru_cache(maxsize=1024)  # the same ones come again and again
def _party_lines(party: Counterparty) -> Sequence[Line]:
    width = _WIDTHS[2]
    lines = _wrapped(party.name, BODY, width)
    for row in (
        [("ИНН", party.inn), ("КПП", party.kpp)],
        [("счёт", party.account)],
        [("", party.bank_name)],
        [("БИК", party.bic), ("к/с", party.correspondent_account)],
    ):
        lines += _wrapped(_labelled(row), SMALL, width)
    return lines


def _purpose_lines(details: EntryDetails) -> list[Line]:
    width = _WIDTHS[3]
    lines = _wrapped(details.purpose, BODY, width)
    lines += _wrapped(_labelled([("УИН", details.uin)]), SMALL, width)
    if details.budget:
        lines += _wrapped(_labelled(_budget_fields(details.budget)), SMALL, width)
    return lines


def _budget_fields(budget: BudgetDetails) -> list[tuple[str, str | None]]:
    """Fields 101 and 104-110 in this order, in the words of the form of a payment order."""
    return [
        ("статус", budget.drawer_status),
        ("КБК", budget.kbk),
        ("ОКТМО", budget.oktmo),
        ("основание", budget.reason),
        ("период", budget.tax_period),
        ("№\u00a0док.", budget.basis_number),
        ("дата\u00a0док.", budget.basis_date),
        ("тип", budget.payment_type),
    ]


def _labelled(fields: Iterable[tuple[str, str | None]]) -> str:
    """«ИНН 7830002293, КПП 783001001»: a label stays on the line of its value."""
    return ", ".join(f"{label}{_NBSP}{value}" if label else value for label, value in fields if value)


def _wrapped(text: str, style: Style, width: float) -> list[Line]:
    return [(line, style) for line in style.face.wrap(text, style.size, width - 2 * PADDING)]
