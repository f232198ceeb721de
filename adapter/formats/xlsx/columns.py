"""The columns of the table: which field of an entry stands where, how wide, and as what.

The first ones are printed; those to the right of them are for filtering and for programs.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from operator import attrgetter
from typing import Any

from adapter.domain.payments import BudgetDetails
from adapter.domain.statements import DOCUMENT_TITLES, Direction, Entry, EntryDetails


class Kind(Enum):
    """What a cell holds."""

    TEXT = "text"
    NUMBER = "number"
    DATE = "date"
    AMOUNT = "amount"
    MOMENT = "moment"


@dataclass(frozen=True, slots=True)
class Column:
    title: str
    width: float  # in digits of the standard font
    kind: Kind
    read: Callable[[Entry], Any]  # None leaves the cell empty


def _of(name: str) -> Callable[[Entry], Any]:
    """Reads a field of the entry by its name in the JSON API."""
    return attrgetter(f"details.{name}" if name.partition(".")[0] in EntryDetails.__slots__ else name)


def _amount_if(direction: Direction) -> Callable[[Entry], Any]:
    return lambda entry: entry.details.amount if entry.details.direction is direction else None


def _of_budget(name: str) -> Callable[[Entry], Any]:
    read = attrgetter(name)

    def value(entry: Entry) -> Any:
        budget: BudgetDetails | None = entry.details.budget
        return None if budget is None else read(budget)

    return value


_NAME_WIDTH, _PURPOSE_WIDTH = 36, 56
_LOOSENESS = 1.1  # capitals are wider than digits, and lines end before a word that does not fit

PRINTED = (
    Column("Дата", 11, Kind.DATE, _of("booking_date")),
    Column("Номер", 10, Kind.TEXT, _of("number")),
    Column("Дата документа", 11, Kind.DATE, _of("date")),
    Column("Вид документа", 21, Kind.TEXT, lambda entry: DOCUMENT_TITLES[entry.details.document_type]),
    Column("Контрагент", _NAME_WIDTH, Kind.TEXT, _of("counterparty.name")),
    Column("ИНН", 14, Kind.TEXT, _of("counterparty.inn")),
    Column("Счёт контрагента", 22, Kind.TEXT, _of("counterparty.account")),
    Column("БИК", 11, Kind.TEXT, _of("counterparty.bic")),
    Column("Назначение платежа", _PURPOSE_WIDTH, Kind.TEXT, _of("purpose")),
    Column("Дебет (списано)", 21, Kind.AMOUNT, _amount_if(Direction.DEBIT)),
    Column("Кредит (зачислено)", 21, Kind.AMOUNT, _amount_if(Direction.CREDIT)),
)
COLUMNS = (
    *PRINTED,
    Column("КПП", 11, Kind.TEXT, _of("counterparty.kpp")),
    Column("Банк контрагента", 36, Kind.TEXT, _of("counterparty.bank_name")),
    Column("Корр. счёт", 22, Kind.TEXT, _of("counterparty.correspondent_account")),
    Column("Дата валютирования", 15, Kind.DATE, _of("value_date")),
    Column("Очерёдность (21)", 13, Kind.NUMBER, _of("priority")),
    Column("УИН (22)", 27, Kind.TEXT, _of("uin")),
    Column("Статус составителя (101)", 13, Kind.TEXT, _of_budget("drawer_status")),
    Column("КБК (104)", 22, Kind.TEXT, _of_budget("kbk")),
    Column("ОКТМО (105)", 13, Kind.TEXT, _of_budget("oktmo")),
    Column("Основание (106)", 11, Kind.TEXT, _of_budget("reason")),
    Column("Период (107)", 12, Kind.TEXT, _of_budget("tax_period")),
    Column("Номер основания (108)", 17, Kind.TEXT, _of_budget("basis_number")),
    Column("Дата основания (109)", 12, Kind.TEXT, _of_budget("basis_date")),
    Column("Тип платежа (110)", 9, Kind.TEXT, _of_budget("payment_type")),
    Column("Код операции", 38, Kind.TEXT, attrgetter("id")),
    Column("Версия", 8, Kind.NUMBER, attrgetter("version")),
    Column("Код платежа", 38, Kind.TEXT, attrgetter("payment_id")),
    Column("Код в учётном сервисе", 38, Kind.TEXT, attrgetter("external_id")),
)
PURPOSE, DEBIT, CREDIT = range(len(PRINTED) - 3, len(PRINTED))  # the heading and the totals stand in these too


def lines_of(entry: Entry) -> int:
    """How many lines the row of an entry takes: names and purposes are wrapped."""
    name, purpose = len(entry.details.counterparty.name), len(entry.details.purpose)
    return 1 + int(max(name / _NAME_WIDTH, purpose / _PURPOSE_WIDTH) * _LOOSENESS)
