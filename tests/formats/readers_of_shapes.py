"""Readers of every shape as those who get the files have them: json, csv, openpyxl, pypdf, mt-940, pycamt, and ours.

Each gives `Facts`.  What another's program ignores is UNTOLD; another reader of the same shape tells it.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, fields, replace
from decimal import Decimal
from typing import Any

import mt940 as foreign_mt940
from openpyxl import load_workbook
from pycamt.parser import Camt053Parser
from pypdf import PdfReader

from adapter.domain.statements import ParsedStatements, Statement
from adapter.formats import camt053, mt940
from adapter.formats.mt940.transliteration import restore, transliterate
from adapter.formats.onec_exchange import parse_statements as parse_1c
from adapter.formats.statement_csv import Dialect, restore_cell

UNTOLD: Any = "untold"
Text = Callable[[str], str]


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryFacts:
    direction: str
    amount: Decimal
    booking_date: dt.date
    number: str
    account: str
    inn: str
    purpose: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    account: str
    date_from: dt.date
    date_to: dt.date
    opening: Decimal
    closing: Decimal
    credits: Decimal
    debits: Decimal
    credit_entries: int
    debit_entries: int
    entries: Sequence[EntryFacts]


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """`text` is what the shape makes of numbers and purposes, as `api_specs/formats.md` states it."""

    shape: str
    options: dict[str, str]
    read: Callable[[bytes], Facts]
    text: Text = lambda text: text


def facts_of(statement: Statement, text: Text = lambda text: text) -> Facts:
    """What a statement says, its texts as the shape writes them."""
    return Facts(
        account=statement.account.number,
        date_from=statement.date_from,
        date_to=statement.date_to,
        opening=statement.opening_balance.amount,
        closing=statement.closing_balance.amount,
        credits=statement.total_credits.amount,
        debits=statement.total_debits.amount,
        credit_entries=statement.credit_entries,
        debit_entries=statement.debit_entries,
        entries=[
            EntryFacts(
                direction=entry.details.direction.value,
                amount=entry.details.amount.amount,
                booking_date=entry.details.booking_date,
                number=text(entry.details.number),
                account=entry.details.counterparty.account or "",
                inn=entry.details.counterparty.inn or "",
                purpose=text(entry.details.purpose),
            )
            for entry in statement.entries
        ],
    )


def untold_in(facts: Facts) -> set[str]:
    """The names of what a reader cannot tell, be it of the statement or of any entry."""
    parts = [facts, *facts.entries]
    return {f"{type(one).__name__}.{f.name}" for one in parts for f in fields(one) if getattr(one, f.name) is UNTOLD}


def as_far_as_told(known: Facts, told: Facts) -> Facts:
    """`known` without what a reader cannot tell."""
    entries = [_hide_untold(mine, theirs) for mine, theirs in zip(known.entries, told.entries, strict=True)]
    return replace(_hide_untold(known, told), entries=entries)


def _hide_untold(known: Any, told: Any) -> Any:
    hidden = {field.name: UNTOLD for field in fields(known) if getattr(told, field.name) is UNTOLD}
    return replace(known, **hidden)


def without_spaces(text: str) -> str:
    return re.sub(r"\s", "", text)


def _only(parsed: ParsedStatements) -> Facts:
    (statement,) = parsed.statements
    assert parsed.warnings == (), parsed.warnings
    return facts_of(statement)


def read_json(data: bytes) -> Facts:
    found = json.loads(data)
    return Facts(
        account=found["account"]["number"],
        date_from=dt.date.fromisoformat(found["from"]),
        date_to=dt.date.fromisoformat(found["to"]),
        opening=Decimal(found["opening_balance"]),
        closing=Decimal(found["closing_balance"]),
        credits=Decimal(found["total_credits"]),
        debits=Decimal(found["total_debits"]),
        credit_entries=found["credit_entries"],
        debit_entries=found["debit_entries"],
        entries=[
            EntryFacts(
                direction=entry["direction"],
                amount=Decimal(entry["amount"]),
                booking_date=dt.date.fromisoformat(entry["booking_date"]),
                number=entry["number"],
                account=entry["counterparty"]["account"] or "",
                inn=entry["counterparty"]["inn"] or "",
                purpose=entry["purpose"],
            )
            for entry in found["entries"]
        ],
    )


def read_camt053_by_pycamt(data: bytes) -> Facts:
    parser = Camt053Parser(data)
    (statement,) = parser.get_statement_info()
    return Facts(
        account=UNTOLD,  # it knows IBAN only
        date_from=dt.date.fromisoformat(statement["OpeningBalanceDate"]),
        date_to=dt.date.fromisoformat(statement["ClosingBalanceDate"]),
        opening=UNTOLD,  # it ignores the sign
        closing=UNTOLD,
        credits=UNTOLD,
        debits=UNTOLD,
        credit_entries=UNTOLD,
        debit_entries=UNTOLD,
        entries=[
            EntryFacts(
                direction={"CRDT": "credit", "DBIT": "debit"}[one["CreditDebitIndicator"]],
                amount=Decimal(one["Amount"]),
                booking_date=dt.date.fromisoformat(one["BookingDate"]),
                number=UNTOLD,
                account=UNTOLD,
                inn=UNTOLD,
                purpose=UNTOLD,  # it joins the pieces with spaces
            )
            for one in parser.get_transactions()
        ],
    )


def read_mt940_by_another(data: bytes) -> Facts:
    found = foreign_mt940.parse(data.decode("ascii"))
    return Facts(
        account=found.data["account_identification"].partition("/")[2],
        date_from=UNTOLD,
        date_to=_plain_date(found.data["final_closing_balance"].date),
        opening=found.data["final_opening_balance"].amount.amount,
        closing=found.data["final_closing_balance"].amount.amount,
        credits=UNTOLD,
        debits=UNTOLD,
        credit_entries=UNTOLD,
        debit_entries=UNTOLD,
        entries=[
            EntryFacts(
                direction="debit" if one.data["status"] == "D" else "credit",
                amount=abs(one.data["amount"].amount),
                booking_date=_plain_date(one.data["entry_date"]),
                number=UNTOLD,
                account=UNTOLD,
                inn=UNTOLD,
                purpose=UNTOLD,
            )
            for one in found
        ],
    )


def _plain_date(date: dt.date) -> dt.date:
    return dt.date(date.year, date.month, date.day)


def read_csv_for_excel(data: bytes) -> Facts:
    assert data.startswith(b"\xef\xbb\xbf")
    rows = list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=";"))
    named = {row[0]: row[1:] for row in rows if row}
    start = next(place for place, row in enumerate(rows) if row[:1] == ["Дата проводки"])
    table = [dict(zip(rows[start], row, strict=True)) for row in rows[start + 1 : rows.index([], start)]]

    def amount(text: str) -> Decimal:
        return Decimal(text.replace(",", "."))

    return Facts(
        account=restore_cell(named["Выписка по счёту"][0], "excel"),
        date_from=_russian_date(named["Период"][0]),
        date_to=_russian_date(named["Период"][1]),
        opening=amount(named["Входящий остаток"][0]),
        closing=amount(named["Исходящий остаток"][0]),
        credits=amount(named["Итого поступило"][0]),
        debits=amount(named["Итого списано"][0]),
        credit_entries=int(named["Итого поступило"][2]),
        debit_entries=int(named["Итого списано"][2]),
        entries=[
            EntryFacts(
                direction="credit" if row["Поступление"] else "debit",
                amount=amount(row["Поступление"] or row["Списание"]),
                booking_date=_russian_date(row["Дата проводки"]),
                number=restore_cell(row["Номер документа"], "excel"),
                account=restore_cell(row["Счёт контрагента"], "excel"),
                inn=restore_cell(row["ИНН контрагента"], "excel"),
                purpose=restore_cell(row["Назначение платежа"], "excel"),
            )
            for row in table
        ],
    )


def read_plain_csv(data: bytes) -> Facts:
    rows = list(csv.DictReader(io.StringIO(data.decode(), newline="")))
    named = {row["record"]: row for row in rows if row["record"] != "entry"}
    plain: Dialect = "plain"
    return Facts(
        account=named["opening_balance"]["account.number"],
        date_from=dt.date.fromisoformat(named["opening_balance"]["booking_date"]),
        date_to=dt.date.fromisoformat(named["closing_balance"]["booking_date"]),
        opening=Decimal(named["opening_balance"]["amount"]),
        closing=Decimal(named["closing_balance"]["amount"]),
        credits=Decimal(named["total_credits"]["amount"]),
        debits=Decimal(named["total_debits"]["amount"]),
        credit_entries=int(named["total_credits"]["count"]),
        debit_entries=int(named["total_debits"]["count"]),
        entries=[
            EntryFacts(
                direction=row["direction"],
                amount=Decimal(row["amount"]),
                booking_date=dt.date.fromisoformat(row["booking_date"]),
                number=restore_cell(row["number"], plain),
                account=row["counterparty.account"],
                inn=row["counterparty.inn"],
                purpose=restore_cell(row["purpose"], plain),
            )
            for row in rows
            if row["record"] == "entry"
        ],
    )


def _russian_date(text: str) -> dt.date:
    day, month, year = map(int, text.split("."))
    return dt.date(year, month, day)


def read_xlsx(data: bytes) -> Facts:
    rows = list(load_workbook(io.BytesIO(data), read_only=True).active.iter_rows(values_only=True))
    start = next(place for place, row in enumerate(rows) if row[0] == "Дата")
    titles = rows[start]
    debit, credit = titles.index("Дебет (списано)"), titles.index("Кредит (зачислено)")
    named = {row[debit - 1]: row for row in rows[:start]}
    left = {row[0]: row for row in rows[:start]}
    turnover, counts = named["Обороты за период"], named["Количество операций"]
    return Facts(
        account=left["Счёт"][1],
        date_from=left["Период с"][1].date(),
        date_to=left["Период с"][5].date(),
        opening=_cell_amount(named["Входящий остаток"][credit]),
        closing=_cell_amount(named["Исходящий остаток"][credit]),
        credits=_cell_amount(turnover[credit]),
        debits=_cell_amount(turnover[debit]),
        credit_entries=counts[credit],
        debit_entries=counts[debit],
        entries=[_xlsx_entry(dict(zip(titles, row, strict=True))) for row in rows[start + 1 :] if row[0]],
    )


def _xlsx_entry(row: dict[str, Any]) -> EntryFacts:
    credit = row["Кредит (зачислено)"]
    return EntryFacts(
        direction="debit" if credit is None else "credit",
        amount=_cell_amount(row["Дебет (списано)"] if credit is None else credit),
        booking_date=row["Дата"].date(),
        number=row["Номер"] or "",
        account=row["Счёт контрагента"] or "",
        inn=row["ИНН"] or "",
        purpose=row["Назначение платежа"] or "",
    )


def _cell_amount(value: float) -> Decimal:
    return Decimal(f"{value:.2f}")


@dataclass(frozen=True, slots=True)
class Printed:
    """A piece of text on a sheet: where it begins and how large it is."""

    text: str
    x: float
    size: float


# Where the columns of the printed table begin, and the letters of an entry's first lines.
DATE, DOCUMENT, PARTY, PURPOSE, SUMS, CREDITS = 46, 93, 163, 306, 421, 487
BODY = 7.4


def read_pdf(data: bytes) -> Facts:
    printed = list(_printed(data))
    texts = [one.text for one in printed]

    def below(label: str, lines: int = 1) -> str:
        return texts[texts.index(label) + lines]

    period = re.findall(r"\d\d\.\d\d\.\d{4}", texts[2 + texts.index("Выписка по счёту")])
    return Facts(
        account=below("Выписка по счёту"),
        date_from=_russian_date(period[0]),
        date_to=_russian_date(period[-1]),
        opening=_printed_amount(below("Входящий остаток")),
        closing=_printed_amount(below("Исходящий остаток")),
        credits=_printed_amount(below("Зачислено (кредит)")),
        debits=_printed_amount(below("Списано (дебет)")),
        credit_entries=int(below("Зачислено (кредит)", 2).split()[0]),
        debit_entries=int(below("Списано (дебет)", 2).split()[0]),
        entries=[_pdf_entry(pieces) for pieces in _printed_entries(printed)],
    )


def _printed(data: bytes) -> Iterator[Printed]:
    found: list[Printed] = []
    for page in PdfReader(io.BytesIO(data)).pages:
        page.extract_text(
            visitor_text=lambda text, _cm, place, _font, size: found.append(Printed(text.strip(), place[4], size))
        )
    return (one for one in found if one.text)


def _printed_entries(printed: Sequence[Printed]) -> Iterator[list[Printed]]:
    """An entry begins with its date in the first column and ends where something else stands there."""
    entry: list[Printed] = []
    for piece in printed:
        if abs(piece.x - DATE) < 1:
            if entry:
                yield entry
            entry = []
        if entry or (abs(piece.x - DATE) < 1 and _is_body(piece)):
            entry.append(piece)
    if entry:
        yield entry


def _pdf_entry(pieces: Sequence[Printed]) -> EntryFacts:
    def column(start: int, is_body: bool) -> list[str]:
        return [without_spaces(one.text) for one in pieces if abs(one.x - start) < 1 and _is_body(one) is is_body]

    amount = next(one for one in pieces if one.x > SUMS)
    party = column(PARTY, is_body=False)
    number = "".join(column(DOCUMENT, is_body=True))
    return EntryFacts(
        direction="credit" if amount.x > CREDITS else "debit",
        amount=_printed_amount(amount.text),
        booking_date=_russian_date(pieces[0].text),
        number="" if number == "безномера" else number.removeprefix("№"),
        account=_first(r"счёт(\d{20})", party),
        inn=_first(r"ИНН(\d+)", party),
        purpose="".join(column(PURPOSE, is_body=True)),
    )


def _is_body(piece: Printed) -> bool:
    return abs(piece.size - BODY) < 0.05


def _first(pattern: str, lines: Sequence[str]) -> str:
    return next((found[1] for line in lines if (found := re.match(pattern, line))), "")


def _printed_amount(text: str) -> Decimal:
    return Decimal(re.sub(r"[^0-9.-]", "", text.replace(",", ".").replace("−", "-")))


def _as_mt940(text: str) -> str:
    return restore(transliterate(text))


READERS = [
    Reader(shape="json", options={}, read=read_json),
    *(
        Reader(shape="1c", options={"encoding": encoding}, read=lambda data: _only(parse_1c(data)))
        for encoding in ("windows-1251", "utf-8", "cp866")
    ),
    *(
        Reader(shape="camt053", options={"version": version}, read=read)
        for version in ("001.02", "001.08")
        for read in (lambda data: _only(camt053.parse_statements(data)), read_camt053_by_pycamt)
    ),
    Reader(shape="mt940", options={}, read=lambda data: _only(mt940.parse_statements(data)), text=_as_mt940),
    Reader(shape="mt940", options={}, read=read_mt940_by_another),
    Reader(shape="csv", options={"dialect": "excel"}, read=read_csv_for_excel),
    Reader(shape="csv", options={"dialect": "plain"}, read=read_plain_csv),
    Reader(shape="xlsx", options={}, read=read_xlsx),
    Reader(shape="pdf", options={}, read=read_pdf, text=without_spaces),
]
