"""pypdf, a reader written by others, finds on the pages what the statement says."""

from __future__ import annotations

import datetime as dt
import re
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from io import BytesIO
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from pypdf import PdfReader

from adapter.domain.errors import TooManyEntries
from adapter.domain.money import Money
from adapter.domain.statements import DOCUMENT_TITLES, Direction, EntryDetails, Statement
from adapter.formats.pdf import ENTRIES_MAX, render_pdf
from adapter.formats.pdf.typeface import bold, plain
from adapter.formats.pdf.words import day_of, moment_of, operations, sum_of, sum_with_sign
from tests.formats.statement_strategies import FULL, FULL_ENTRY, RUSSIAN, leaves, statement_of, statements

ROOT = Path(__file__).parents[2]
FIRST_DAY = dt.date(2026, 11, 1)
BUYER = FULL_ENTRY.details.counterparty


def opened(statement: Statement) -> PdfReader:
    return PdfReader(BytesIO(b"".join(render_pdf(statement))))


def page_texts(statement: Statement) -> list[str]:
    """The text of each page with single spaces."""
    return [" ".join(page.extract_text().split()) for page in opened(statement).pages]


def squashed(text: str) -> str:
    return "".join(text.split())


def receipt(number: int, day: int = 0, **changes: Any) -> EntryDetails:
    """An entry with its own number, which stands in its purpose too."""
    booked = FIRST_DAY + dt.timedelta(days=day)
    details = replace(
        FULL_ENTRY.details,
        direction=Direction.CREDIT,
        number=str(number),
        date=booked,
        booking_date=booked,
        value_date=booked,
        purpose=f"Начало{number} оплаты по договору поставки оборудования и материалов конец{number}",
        budget=None,
        uin=None,
    )
    return replace(details, **changes)


def statement_with(*details: EntryDetails, opening: str = "1000.00", **changes: Any) -> Statement:
    statement = statement_of(details, account=FULL.account, opening=Money.of(opening), bank=FULL.bank)
    return replace(statement, **changes)


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(statements(RUSSIAN))
def test_the_pages_hold_every_entry_both_balances_and_the_totals(statement: Statement) -> None:
    text = squashed("".join(page_texts(statement)))
    for money in (statement.opening_balance, statement.closing_balance):
        assert squashed(sum_with_sign(money)) in text
    for money in (statement.total_credits, statement.total_debits):
        assert squashed(sum_of(money)) in text
    for entry in statement.entries:
        details = entry.details
        party = details.counterparty
        number = f"№{details.number}" if details.number else "безномера"
        for told in (number, sum_of(details.amount), details.purpose, day_of(details.booking_date), party.name):
            assert squashed(told) in text
        for optional in (party.inn, party.account, party.bic, party.bank_name, details.uin):
            assert squashed(optional or "") in text


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.text(st.characters(), max_size=80))
def test_any_text_gives_pages_that_open(text: str) -> None:
    statement = statement_with(replace(receipt(1), purpose=text, number=text, counterparty=replace(BUYER, name=text)))
    assert "Страница 1 из 1" in page_texts(statement)[0]


def test_every_page_has_its_number_the_titles_and_the_account() -> None:
    texts = page_texts(statement_with(*(receipt(number, number // 3) for number in range(60))))
    assert len(texts) > 4
    for place, text in enumerate(texts, 1):
        assert f"Страница {place} из {len(texts)}" in text
        assert "Дата Документ Контрагент Назначение платежа Дебет Кредит" in text
        assert f"Выписка по счёту {FULL.account.number}" in text


def test_an_entry_is_whole_on_one_page() -> None:
    numbers = range(80)
    texts = page_texts(statement_with(*(receipt(number, number // 5) for number in numbers)))
    for number in numbers:
        (page,) = [text for text in texts if f"Начало{number} " in text]
        assert f"конец{number}" in page
        assert f"№ {number} " in page


def test_an_entry_higher_than_a_page_goes_on_over_the_next_ones_and_loses_no_word() -> None:
    words = [f"слово{place}" for place in range(2_000)]
    texts = page_texts(statement_with(receipt(1), receipt(2, purpose=" ".join(words)), receipt(3)))
    assert len(texts) > 5
    assert [word for text in texts for word in re.findall(r"слово\d+", text)] == words
    assert "конец3" in texts[-1]


def test_a_day_ends_with_its_turnovers_and_its_balance() -> None:
    out = receipt(2, 0, direction=Direction.DEBIT, amount=Money.of("300.00"))
    statement = statement_with(receipt(1, 0, amount=Money.of("50.00")), out, receipt(3, 1, amount=Money.of("0.01")))
    (text,) = page_texts(statement)
    assert "Итого за 01.11.2026 остаток на конец дня 750,00 300,00 50,00" in text
    assert "Итого за 02.11.2026 остаток на конец дня 750,01 0,01" in text


def test_a_statement_of_one_day_has_no_totals_of_the_day() -> None:
    statement = statement_with(receipt(1), date_from=FIRST_DAY, date_to=FIRST_DAY)
    (text,) = page_texts(statement)
    assert "Итого за 01.11.2026" not in text
    assert "за 01.11.2026 Владелец" in text
    assert "Итого за период" in text


def test_a_statement_without_entries_is_a_whole_page() -> None:
    (text,) = page_texts(statement_with())
    assert "За этот период операций не было" in text
    assert "Исходящий остаток на конец 30.11.2026 1 000,00 ₽" in text
    assert "Страница 1 из 1" in text


@pytest.mark.parametrize(
    ("through", "told"),
    [
        (dt.date(2026, 11, 28), "Операции по 28.11.2026 включительно учтены полностью. Операции с 29.11.2026 по 30.11"),
        (dt.date(2026, 11, 29), "Операции за 30.11.2026 могут дополниться"),
        (dt.date(2026, 10, 31), "Банк ещё не закрыл дни этого периода"),
        (None, "Банк ещё не закрыл дни этого периода"),
    ],
)
def test_days_that_are_not_complete_are_told_at_both_ends(through: dt.date | None, told: str) -> None:
    (text,) = page_texts(statement_with(receipt(1), complete_through=through))
    assert text.count(told) == 2
    assert "могут дополниться" not in page_texts(statement_with(receipt(1)))[0]


def test_markup_in_a_text_is_text() -> None:
    purpose = "<b>Оплата</b> & <para>счёта</para> &lt;1&gt; ]]> %s (а) \\n"
    (text,) = page_texts(statement_with(receipt(1, purpose=purpose)))
    assert squashed(purpose) in squashed(text)


def test_letters_signs_and_long_words_are_printed() -> None:
    purpose = "«Ёлка» № 5 — 100 ₽ … " + "ъ" * 200
    (text,) = page_texts(statement_with(receipt(1, purpose=purpose)))
    assert squashed(purpose) in squashed(text)


def test_what_the_typeface_lacks_is_marked() -> None:
    (text,) = page_texts(statement_with(receipt(1, purpose="а漢😀б\x00в\nг")))
    assert "а��б в г" in text


def test_sums_have_thin_spaces_and_a_true_minus() -> None:
    assert sum_of(Money.of("-1234567.5")) == "−1\u202f234\u202f567,50"
    assert sum_with_sign(Money.of("0.00")) == "0,00\u202f₽"
    assert sum_with_sign(Money.of("10.00", "KZT")) == "10,00\u202fKZT"


@pytest.mark.parametrize(
    ("number", "told"),
    [(0, "0 операций"), (1, "1 операция"), (3, "3 операции"), (11, "11 операций"), (12, "12 операций")],
)
def test_counts_agree_with_their_noun(number: int, told: str) -> None:
    assert operations(number) == told
    assert operations(number + 100) == f"{number + 100} {told.split()[1]}"


@settings(max_examples=150)
@given(st.text(RUSSIAN, max_size=300), st.floats(20, 200), st.sampled_from([plain(), bold()]))
def test_lines_are_no_wider_than_the_column_and_lose_no_letter(text: str, width: float, face: Any) -> None:
    lines = face.wrap(text, 7.4, width)
    assert squashed("".join(lines)) == squashed(text)
    assert all(face.width(line, 7.4) <= width + 0.01 for line in lines)
    for line, following in pairwise(lines):  # no word begins a line that had room on the one before
        assert face.width(f"{line} {following.split(' ')[0]}", 7.4) > width - 0.01


@dataclass(frozen=True, slots=True)
class Piece:
    """A text with the place where it begins and ends, in points from the left and from the bottom."""

    x: float
    end: float
    y: float
    text: str


def pieces(reader: PdfReader) -> Iterator[Piece]:
    found: list[Piece] = []

    def visit(text: str, matrix: list[float], place: list[float], font: Any, size: float) -> None:
        face = bold() if font and "Bold" in font["/BaseFont"] else plain()
        for line in filter(None, text.splitlines()):
            x, y = place[4] + matrix[4], place[5] + matrix[5]
            found.append(Piece(x, x + face.width(line, size), y, " ".join(line.split())))

    for page in reader.pages:
        page.extract_text(visitor_text=visit)
    return iter(found)


def test_nothing_is_drawn_outside_the_margins() -> None:
    large = replace(receipt(1, amount=Money.of("9999999999999999.99")), number="8" * 40)
    statement = statement_with(large, receipt(2, purpose="ш" * 500), opening="-9999999999999999.99")
    places = [piece for piece in pieces(opened(statement)) if piece.text != "1"]  # the number of sheets is a drawing
    assert min(piece.x for piece in places) >= 42
    assert max(piece.end for piece in places) <= 553.5
    assert min(piece.y for piece in places) >= 20
    assert squashed("9 999 999 999 999 999,99") in squashed("".join(page_texts(statement)))


def test_the_file_tells_what_it_is_in_russian() -> None:
    reader = opened(FULL)
    told = reader.metadata
    assert told is not None
    assert (told.title, told.author) == (f"Выписка по счёту {FULL.account.number}", 'АО "Банк Пример"')
    assert told.creation_date == dt.datetime(2026, 11, 28, 6, 7, 8, tzinfo=dt.UTC)
    assert reader.trailer["/Root"]["/Lang"] == "ru-RU"
    assert reader.trailer["/Root"]["/ViewerPreferences"]["/DisplayDocTitle"]


def test_both_fonts_are_embedded_as_subsets() -> None:
    fonts = opened(FULL).pages[0]["/Resources"]["/Font"]
    embedded = [font.get_object() for font in fonts.values() if font.get_object()["/Subtype"] == "/TrueType"]
    assert len(embedded) == 2
    for font in embedded:
        assert re.match(r"/[A-Z]{6}\+DejaVuSansCondensed", font["/BaseFont"])
        assert "/FontFile2" in font["/FontDescriptor"]
        assert "/ToUnicode" in font


def test_equal_statements_give_equal_bytes() -> None:
    assert b"".join(render_pdf(FULL)) == b"".join(render_pdf(FULL))
    other = replace(FULL, as_of=FULL.as_of + dt.timedelta(minutes=1))
    assert b"".join(render_pdf(FULL)) != b"".join(render_pdf(other))


def test_statements_that_are_made_at_once_do_not_mix() -> None:
    some = [statement_with(*(receipt(number, purpose=letter * 50) for number in range(40))) for letter in "АБВГ"]
    alone = [b"".join(render_pdf(statement)) for statement in some]
    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        with ThreadPoolExecutor(4) as pool:
            together = list(pool.map(lambda statement: b"".join(render_pdf(statement)), some))
    finally:
        sys.setswitchinterval(interval)
    assert together == alone


def test_a_statement_beyond_the_limit_is_refused_before_the_first_chunk() -> None:
    with pytest.raises(TooManyEntries) as refused:
        next(render_pdf(replace(FULL, credit_entries=ENTRIES_MAX)))
    assert (refused.value.limit, refused.value.entries) == (ENTRIES_MAX, ENTRIES_MAX + 1)
    assert next(render_pdf(FULL)).startswith(b"%PDF-1.")


def documented(part: str) -> list[tuple[list[str], list[list[str]]]]:
    """Rows of a table in the section on PDF: fields, and what stands in the other cells between backticks."""
    section = (ROOT / "api_specs" / "formats.md").read_text().split("\n## PDF")[1].split("\n## ")[0]
    rows = re.findall(r"^\| (`.+?) \| (.*) \|$", section.split(f"### {part}")[1].split("\n###")[0], re.MULTILINE)
    return [
        (re.findall("`(.+?)`", fields), [re.findall("`(.+?)`", cell) for cell in cells.split(" | ")])
        for fields, cells in rows
    ]


def printed(value: Any) -> str:
    if isinstance(value, dt.datetime):
        return moment_of(value)
    if isinstance(value, dt.date):
        return day_of(value)
    if isinstance(value, int):
        return operations(value)
    if re.fullmatch(r"-?\d+\.\d\d", str(value)):
        return " ".join(sum_of(Money.of(value)).split())
    return str(value)


def test_every_field_of_a_statement_stands_where_the_document_says() -> None:
    values = leaves(FULL)
    values.pop("entries")
    rows = documented("The statement")
    assert {field for fields, _ in rows for field in fields} == values.keys()
    (text,) = page_texts(FULL)
    for fields, (labels, *_) in rows:
        for field, label in ((field, label) for field in fields for label in labels):
            told = rf"{re.escape(label)} (?:[\d ,]+ ₽ )?{re.escape(printed(values[field]))}"  # a count follows its sum
            assert re.search(told, text), field
    assert text.startswith(f"{values['bank.name']} {values['bank.place']} ")


def test_every_field_of_an_entry_stands_where_the_document_says() -> None:
    values = leaves(FULL_ENTRY)
    values["document_type"] = DOCUMENT_TITLES[FULL_ENTRY.details.document_type]
    rows = documented("An entry")
    assert {field for fields, _ in rows for field in fields} == values.keys()
    places = list(pieces(opened(FULL)))
    titles = {
        title: next(piece for piece in places if piece.text == title) for _, (titles, *_) in rows for title in titles
    }
    below = [piece for piece in places if piece.y < titles["Дата"].y]
    for fields, (columns, labels, *_) in rows:
        for field, column in ((field, column) for field in fields for column in columns):
            if field == "direction" or column == "Кредит":
                continue
            of_column = [piece for piece in below if nearest(titles, piece) == column]
            text = " ".join(piece.text for piece in of_column).replace("\u00a0", " ")
            label = f"{labels[0]} " if labels else ""
            value = printed(values[field]) if field != "priority" else str(values[field])
            assert squashed(label + value) in squashed(text), f"{field} in {text}"


def nearest(titles: dict[str, Piece], piece: Piece) -> str:
    return min(titles, key=lambda title: abs(titles[title].x - piece.x))
