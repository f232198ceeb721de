"""CSV for Excel and for programs: what is written reads back, and no text becomes a formula or another number."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from itertools import islice
from typing import Any

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapter.domain.money import Money
from adapter.domain.parties import Counterparty
from adapter.domain.statements import DOCUMENT_TITLES, Direction, Entry, Statement
from adapter.formats.statement_csv import COLUMNS, EXCEL_HEADER, PLAIN_HEADER, Dialect, render_csv, restore_cell
from tests.formats.stated import fields_of, section_of
from tests.formats.statement_strategies import FULL, FULL_ENTRY, PRINTABLE, leaves, statement_of, statements

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
DIALECTS: tuple[Dialect, ...] = ("excel", "plain")
FORMULA_SIGNS = "=+-@＝＋－＠\t\r\n"


def rendered(statement: Statement, dialect: Dialect) -> bytes:
    return b"".join(render_csv(statement, dialect))


def rows_of(data: bytes, separator: str) -> list[list[str]]:
    return list(csv.reader(io.StringIO(data.decode("utf-8-sig"), newline=""), delimiter=separator))


def excel_rows(statement: Statement) -> list[list[str]]:
    return rows_of(rendered(statement, "excel"), ";")


def plain_rows(statement: Statement) -> list[dict[str, str]]:
    data = rendered(statement, "plain").decode()
    return list(csv.DictReader(io.StringIO(data, newline="")))


def with_purpose(purpose: str) -> Statement:
    entry = replace(FULL_ENTRY, details=replace(FULL_ENTRY.details, purpose=purpose))
    return replace(FULL, entries=(entry,))


def purpose_cell(purpose: str, dialect: Dialect) -> str:
    if dialect == "plain":
        return plain_rows(with_purpose(purpose))[1]["purpose"]
    rows = excel_rows(with_purpose(purpose))
    header = rows.index(list(EXCEL_HEADER))
    return rows[header + 1][EXCEL_HEADER.index("Назначение платежа")]


def test_excel_gets_a_byte_order_mark_semicolons_commas_and_russian_titles() -> None:
    text = rendered(FULL, "excel").decode()
    assert text.startswith("\ufeffВыписка по счёту;'40702810900000052198\r\n")
    assert "\r\nВходящий остаток;90001,10;RUB\r\n\r\nДата проводки;Поступление;Списание;" in text
    assert "\r\n18.11.2026;;6543,21;19.11.2026;Инкассовое поручение;880017;" in text
    assert text.endswith(
        "\r\n\r\nИтого поступило;777,12;RUB;1\r\nИтого списано;6543,21;RUB;1\r\nИсходящий остаток;84235,01;RUB\r\n"
    )


def test_programs_get_one_table_without_a_byte_order_mark() -> None:
    data = rendered(FULL, "plain")
    assert data.startswith(b"record,account.number,")
    assert {len(row) for row in rows_of(data, ",")} == {len(PLAIN_HEADER)}
    records = [row["record"] for row in plain_rows(FULL)]
    assert records == ["opening_balance", "entry", "entry", "total_credits", "total_debits", "closing_balance"]


@pytest.mark.parametrize("dialect", DIALECTS)
def test_every_line_ends_with_crlf(dialect: Dialect) -> None:
    data = rendered(FULL, dialect)
    assert data.count(b"\n") == data.count(b"\r") == data.count(b"\r\n")


# What was written reads back


def amount_of(text: str) -> Decimal:
    return Decimal(text.replace(",", "."))


@settings(max_examples=50, suppress_health_check=SLOW)
@given(statements(PRINTABLE))
@example(FULL)
def test_the_plain_dialect_reads_back_as_it_was(statement: Statement) -> None:
    opening, *entries, credits, debits, closing = plain_rows(statement)
    assert (opening["booking_date"], closing["booking_date"]) == (str(statement.date_from), str(statement.date_to))
    assert (opening["amount"], closing["amount"]) == (str(statement.opening_balance), str(statement.closing_balance))
    assert (credits["amount"], credits["count"]) == (str(statement.total_credits), str(statement.credit_entries))
    assert (debits["amount"], debits["count"]) == (str(statement.total_debits), str(statement.debit_entries))
    read = [{name: restore_cell(row[name], "plain") for name in COLUMNS} for row in entries]
    assert read == [told_of(entry) for entry in statement.entries]
    assert [(row["direction"], row["amount"]) for row in entries] == [
        (entry.details.direction.value, str(entry.details.amount)) for entry in statement.entries
    ]


def told_of(entry: Entry) -> dict[str, str]:
    told = leaves(entry)
    return {name: "" if told.get(name) is None else str(told[name]) for name in COLUMNS}


@settings(max_examples=50, suppress_health_check=SLOW)
@given(statements(PRINTABLE))
@example(FULL)
def test_the_excel_dialect_reads_back_as_it_was(statement: Statement) -> None:
    rows = excel_rows(statement)
    named = {row[0]: row[1:] for row in rows if row}
    assert restore_cell(named["Выписка по счёту"][0], "excel") == statement.account.number
    assert restore_cell(named["Владелец"][0], "excel") == statement.account.owner.name
    assert amount_of(named["Входящий остаток"][0]) == statement.opening_balance.amount
    assert amount_of(named["Исходящий остаток"][0]) == statement.closing_balance.amount
    assert amount_of(named["Итого поступило"][0]) == statement.total_credits.amount
    assert amount_of(named["Итого списано"][0]) == statement.total_debits.amount
    start = rows.index(list(EXCEL_HEADER)) + 1
    table = [dict(zip(EXCEL_HEADER, row, strict=True)) for row in rows[start : rows.index([], start)]]
    entries = list(statement.entries)
    assert len(table) == len(entries)
    for row, entry in zip(table, entries, strict=True):
        filled = "Поступление" if entry.details.direction is Direction.CREDIT else "Списание"
        assert amount_of(row[filled]) == entry.details.amount.amount
        texts = {name: title for name, title in COLUMNS.items() if "date" not in name and name != "document_type"}
        assert {name: restore_cell(row[title], "excel") for name, title in texts.items()} == {
            name: told_of(entry)[name] for name in texts
        }
        assert row["Вид документа"] == DOCUMENT_TITLES[entry.details.document_type]


# No formula, no other number

INJECTIONS = [
    "=1+1",
    "+7 495 000-00-00",
    "-5",
    "@SUM(A1)",
    "=cmd|'/C calc'!A0",
    "  =1",
    "\u00a0=1",
    "\t=1",
    "\r\n=1",
    "'=1",
    "''-1",
    "＝1+1",
    "скидка;=1",
    "скидка,  -5",
    'скидка";=1',
    "a|=1",
]
A_SEPARATOR_BEFORE_A_SIGN = re.compile(f"(?:^|[;,|])[ \u00a0]*[{re.escape(FORMULA_SIGNS)}]")


@pytest.mark.parametrize("dialect", DIALECTS)
@pytest.mark.parametrize("text", INJECTIONS)
def test_no_text_is_taken_for_a_formula(text: str, dialect: Dialect) -> None:
    cell = purpose_cell(text, dialect)
    assert not A_SEPARATOR_BEFORE_A_SIGN.search(cell)
    assert restore_cell(cell, dialect) == re.sub(r"[\t\r\n]", " ", text)


dangerous = st.text(st.sampled_from("=+-@'; ,|\u00a0\t\n1a\"＝") | st.characters(), max_size=30)


@settings(max_examples=150)
@given(dangerous, st.sampled_from(DIALECTS))
def test_no_cell_that_holds_a_text_begins_a_formula(text: str, dialect: Dialect) -> None:
    side = Counterparty(name=text, inn=text, account=text, bank_name=text)
    owner = replace(FULL.account, owner=replace(FULL.account.owner, name=text), number=text, bic=text)
    entry = replace(
        FULL_ENTRY, id=text, details=replace(FULL_ENTRY.details, number=text, counterparty=side, purpose=text)
    )
    statement = replace(FULL, account=owner, entries=(entry,))
    separator = ";" if dialect == "excel" else ","
    amounts = {"-5,00", "6543,21", "90001,10", "84235,01", "777,12"}
    for row in rows_of(rendered(statement, dialect), separator):
        for cell in row:
            assert cell in amounts or not A_SEPARATOR_BEFORE_A_SIGN.search(cell)


@settings(max_examples=150)
@given(dangerous, st.sampled_from(DIALECTS))
def test_any_text_reads_back_but_for_what_does_not_print(text: str, dialect: Dialect) -> None:
    shown = "".join(char if char.isprintable() or char == "\u00a0" else " " for char in text)
    assert restore_cell(purpose_cell(text, dialect), dialect) == shown


@pytest.mark.parametrize(
    ("text", "cell"),
    [
        ("40702810900000052198", "'40702810900000052198"),
        ("044525987", "'044525987"),
        ("500100732259", "'500100732259"),
        ("5/11", "'5/11"),
        ("25.10.2026", "'25.10.2026"),
        ("1E5", "'1E5"),
        ("(5)", "'(5)"),
        ("00", "'00"),
        ("7707083893", "7707083893"),
        ("0", "0"),
        ("5", "5"),
        ("5 штук", "5 штук"),
    ],
)
def test_excel_shows_numbers_as_they_stand(text: str, cell: str) -> None:
    assert purpose_cell(text, "excel") == cell
    assert purpose_cell(text, "plain") == text


@pytest.mark.parametrize("dialect", DIALECTS)
def test_negative_balances_stay_numbers(dialect: Dialect) -> None:
    statement = replace(FULL, opening_balance=Money.of("-5.00"))
    text = rendered(statement, dialect).decode("utf-8-sig")
    expected = "Входящий остаток;-5,00;" if dialect == "excel" else ",RUB,2026-11-02,,-5.00,"
    assert expected in text


def test_the_currency_of_the_account_is_told() -> None:
    account = replace(FULL.account, currency="CNY")
    statement = statement_of([], account=account, opening=Money.of("1.00", "CNY"))
    assert "Входящий остаток;1,00;CNY" in rendered(statement, "excel").decode()
    assert {row["currency"] for row in plain_rows(statement)} == {"CNY"}


@pytest.mark.parametrize("dialect", DIALECTS)
def test_chunks_come_before_the_last_entry_is_read(dialect: Dialect) -> None:
    def endless() -> Iterator[Entry]:
        while True:
            yield FULL_ENTRY

    assert len(list(islice(render_csv(replace(FULL, entries=endless()), dialect), 5))) == 5


# The document


def test_every_field_of_an_entry_has_its_stated_title() -> None:
    stated = fields_of(section_of("CSV", "`excel`").split("The table of entries")[1])
    told = {name: place.strip("`") for name, place in stated.items() if name in COLUMNS}
    assert told == COLUMNS
    assert leaves(FULL_ENTRY).keys() - stated.keys() == set()


def written(value: Any) -> str:
    """As the Excel dialect writes it."""
    text = str(value)
    if match := re.fullmatch(r"(\d{4})-(\d\d)-(\d\d)", text):
        return ".".join(reversed(match.groups()))
    return text.replace(".", ",") if re.fullmatch(r"-?\d+\.\d\d", text) else text


def test_every_field_of_a_statement_stands_where_it_is_stated() -> None:
    named = {row[0]: row for row in excel_rows(FULL) if row}
    plain = {row["record"]: row for row in plain_rows(FULL)}
    fields = leaves(FULL) | {"as_of": "28.11.2026 09:07:08"}
    del fields["entries"]
    for_excel = fields_of(section_of("CSV", "`excel`").split("The table of entries")[0])
    for_programs = fields_of(section_of("CSV", "`plain`"))
    assert fields.keys() - for_excel.keys() == fields.keys() - for_programs.keys() == set()
    for name, place in for_excel.items():
        if match := re.fullmatch(r"`(.*)` (\d)", place):
            cell = restore_cell(named[match[1]][int(match[2])], "excel")
            assert cell == written(fields[name]) or (name.startswith("bank.") and fields[name] in cell)
    for name, place in for_programs.items():
        if place != "-":
            row = plain[name] if name in plain else plain["closing_balance" if name == "date_to" else "opening_balance"]
            row = plain["total_credits"] if name == "credit_entries" else row
            row = plain["total_debits"] if name == "debit_entries" else row
            assert row[place.strip("`")] == str(fields[name])
