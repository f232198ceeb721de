"""A statement → CSV: for people with Excel (`excel`), or for programs (`plain`).

Source: RFC 4180; OWASP, «CSV Injection».

`excel` is UTF-8 with a byte order mark, `;`, decimal commas and Russian titles: what is known of the statement in rows
of a name and values, an empty row, the table of entries, an empty row, totals.  `plain` is UTF-8, `,`, decimal points
and our names: one table, whose first column tells `opening_balance`, `entry`, `total_credits`, `total_debits` or
`closing_balance`.

No text may be taken for a formula, in a cell or after a separator inside it: an apostrophe stands before the sign.  In
`excel` one also stands before a text that would become another number or a date (an account, `007`, `5/11`).
`restore_cell` takes them away.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import islice
from typing import Literal

from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.statements import DOCUMENT_TITLES, Direction, Entry, Statement
from adapter.formats.printed import in_moscow, one_line

Dialect = Literal["excel", "plain"]
Row = Sequence[str]

_ROWS_IN_CHUNK = 200
_BYTE_ORDER_MARK = "\ufeff"

# The columns of both dialects, after those of the booking: our field and its Russian title.
COLUMNS = {
    "value_date": "Дата валютирования",
    "document_type": "Вид документа",
    "number": "Номер документа",
    "date": "Дата документа",
    "counterparty.name": "Контрагент",
    "counterparty.inn": "ИНН контрагента",
    "counterparty.kpp": "КПП контрагента",
    "counterparty.account": "Счёт контрагента",
    "counterparty.bic": "БИК банка контрагента",
    "counterparty.bank_name": "Банк контрагента",
    "counterparty.correspondent_account": "Корсчёт банка контрагента",
    "purpose": "Назначение платежа",
    "priority": "Очередность",
    "uin": "УИН",
    "budget.drawer_status": "Статус составителя (101)",
    "budget.kbk": "КБК (104)",
    "budget.oktmo": "ОКТМО (105)",
    "budget.reason": "Основание платежа (106)",
    "budget.tax_period": "Налоговый период (107)",
    "budget.basis_number": "Номер документа-основания (108)",
    "budget.basis_date": "Дата документа-основания (109)",
    "budget.payment_type": "Тип платежа (110)",
    "id": "Идентификатор операции",
    "payment_id": "Идентификатор платежа",
    "external_id": "Внешний идентификатор",
}
EXCEL_HEADER = ("Дата проводки", "Поступление", "Списание", *COLUMNS.values())
PLAIN_HEADER = (
    *("record", "account.number", "account.bic", "currency", "booking_date", "direction", "amount", "count"),
    *COLUMNS,
)
_PLAIN_REST = ("",) * len(COLUMNS)
_NO_BUDGET = ("",) * 8

# Cells are looked through together; before each stands a character that no text holds.
_JOINT = "\x1f"
_FORMULA_SIGNS = "=+@＝＋－＠-"
# Spaces before the sign do not stop a spreadsheet, and a list separator other than ours begins a cell of its own.
_FORMULA = re.compile(f"[;,|{_JOINT}][ \u00a0]*(?='*[{_FORMULA_SIGNS}])")
_DISARMED = re.compile(f"((?:^|[;,|])[ \u00a0]*)'(?='*[{_FORMULA_SIGNS}])")
# A number that Excel would show in another way than it stands: long, with zeros before it, or like a date.
_NUMBER = "[(.,]?[0-9][0-9 .,/:eE+()%-]*"
_SHOWN_AS_IT_IS = "(?:0|[1-9][0-9]{0,10})"
_CHANGING_NUMBER = re.compile(f"{_JOINT}(?!{_SHOWN_AS_IT_IS}(?:{_JOINT}|$))(?='*{_NUMBER}(?:{_JOINT}|$))")
_KEPT_NUMBER = re.compile(f"'+{_NUMBER}").fullmatch


def render_csv(statement: Statement, dialect: Dialect) -> Iterator[bytes]:
    """The file of a statement in chunks; entries are taken one by one, in their order."""
    if dialect == "excel":
        yield _BYTE_ORDER_MARK.encode()
        yield from _write(_excel_rows(statement), ";")
    else:
        yield from _write(_plain_rows(statement), ",")


def restore_cell(text: str, dialect: Dialect) -> str:
    """The text of a cell as the statement had it."""
    text = _DISARMED.sub(r"\1", text)
    return text[1:] if dialect == "excel" and _KEPT_NUMBER(text) else text


def _safe(texts: Row, dialect: Dialect) -> Row:
    """Texts that no spreadsheet takes for a formula, each on one line; for Excel, none that it would rewrite."""
    if not "".join(texts).isprintable():
        texts = tuple(map(one_line, texts))
    joined = _JOINT + _JOINT.join(texts)
    if dialect == "excel":
        joined = _CHANGING_NUMBER.sub(f"{_JOINT}'", joined)
    if _FORMULA.search(joined):
        joined = _FORMULA.sub(r"\g<0>'", joined)
    return joined[1:].split(_JOINT)


def _write(rows: Iterable[Row], separator: str) -> Iterator[bytes]:
    stream = iter(rows)
    while chunk := list(islice(stream, _ROWS_IN_CHUNK)):
        text = io.StringIO(newline="")
        csv.writer(text, delimiter=separator, lineterminator="\r\n").writerows(chunk)
        yield text.getvalue().encode()


def _excel_rows(statement: Statement) -> Iterator[Row]:
    account, bank = statement.account, statement.bank
    currency = account.currency
    owner = account.owner
    bank_name = ", ".join(filter(None, (bank.name, bank.place))) if bank else ""
    correspondent_account = bank.correspondent_account if bank else None
    yield "Выписка по счёту", *_safe((account.number,), "excel")
    yield "Владелец", *_safe((owner.name, "ИНН", owner.inn or "", "КПП", owner.kpp or ""), "excel")
    yield "Банк", *_safe((bank_name, "БИК", account.bic, "Корсчёт", correspondent_account or ""), "excel")
    yield "Период", _russian_date(statement.date_from), _russian_date(statement.date_to)
    yield "Сформирована", f"{in_moscow(statement.as_of):%d.%m.%Y %H:%M:%S}"
    yield "Входящий остаток", _comma(statement.opening_balance), currency
    yield ()
    yield EXCEL_HEADER
    yield from map(_excel_entry, statement.entries)
    yield ()
    yield "Итого поступило", _comma(statement.total_credits), currency, str(statement.credit_entries)
    yield "Итого списано", _comma(statement.total_debits), currency, str(statement.debit_entries)
    yield "Исходящий остаток", _comma(statement.closing_balance), currency


def _excel_entry(entry: Entry) -> Row:
    details = entry.details
    amount = _comma(details.amount)
    number, *texts = _safe(_texts(entry), "excel")
    return (
        _russian_date(details.booking_date),
        *((amount, "") if details.direction is Direction.CREDIT else ("", amount)),
        _russian_date(details.value_date),
        DOCUMENT_TITLES[details.document_type],
        number,
        _russian_date(details.date),
        *_side(details.counterparty, "excel"),
        *texts,
    )


def _plain_rows(statement: Statement) -> Iterator[Row]:
    account = statement.account
    own = _safe((account.number, account.bic, account.currency), "plain")

    def other(record: str, day: dt.date | None, direction: str, amount: Money, count: int | None) -> Row:
        date = "" if day is None else day.isoformat()
        counted = "" if count is None else str(count)
        return record, *own, date, direction, str(amount), counted, *_PLAIN_REST

    yield PLAIN_HEADER
    yield other("opening_balance", statement.date_from, "", statement.opening_balance, None)
    yield from (_plain_entry(entry, own) for entry in statement.entries)
    yield other("total_credits", None, "credit", statement.total_credits, statement.credit_entries)
    yield other("total_debits", None, "debit", statement.total_debits, statement.debit_entries)
    yield other("closing_balance", statement.date_to, "", statement.closing_balance, None)


def _plain_entry(entry: Entry, own: Row) -> Row:
    details = entry.details
    number, *texts = _safe(_texts(entry), "plain")
    return (
        *("entry", *own, _iso_date(details.booking_date), details.direction.value, str(details.amount), ""),
        _iso_date(details.value_date),
        details.document_type.value,
        number,
        _iso_date(details.date),
        *_side(details.counterparty, "plain"),
        *texts,
    )


def _texts(entry: Entry) -> Row:
    """The number, and all columns after the counterparty."""
    details = entry.details
    return (
        details.number,
        details.purpose,
        "" if details.priority is None else str(details.priority),
        details.uin or "",
        *(details.budget.texts() if details.budget else _NO_BUDGET),
        entry.id,
        entry.payment_id or "",
        entry.external_id or "",
    )


@lru_cache(maxsize=4096)
def _side(side: Counterparty, dialect: Dialect) -> Row:
    """The columns of the counterparty, who comes again and again."""
    texts = (
        side.name,
        side.inn or "",
        side.kpp or "",
        side.account or "",
        side.bic or "",
        side.bank_name or "",
        side.correspondent_account or "",
    )
    return _safe(texts, dialect)


def _comma(money: Money) -> str:
    return str(money).replace(".", ",")


@lru_cache(maxsize=4096)
def _russian_date(day: dt.date) -> str:
    return f"{day.day:02}.{day.month:02}.{day.year:04}"


@lru_cache(maxsize=4096)
def _iso_date(day: dt.date) -> str:
    return day.isoformat()
