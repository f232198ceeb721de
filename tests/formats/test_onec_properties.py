"""What holds for any content: what is written reads back the same, and no bytes make a reader fail unforeseen."""

from __future__ import annotations

import contextlib
import datetime as dt
from dataclasses import replace

from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapter.domain.errors import UnreadableFile
from adapter.domain.money import Money
from adapter.domain.parties import Counterparty, Party
from adapter.domain.payments import BudgetDetails, PaymentOrder
from adapter.domain.statements import Direction, DocumentType, EntryDetails
from adapter.formats.onec_exchange import Encoding, parse_orders, parse_statements, render_orders
from tests.formats.onec_files import ORDERS, OWN, STATEMENT, as_bytes
from tests.formats.test_onec_writer import rendered, statement_of

CP1251 = "".join(
    char for byte in range(256) if (char := bytes([byte]).decode("cp1251", "ignore")) and char.isprintable()
)


def texts(alphabet: st.SearchStrategy[str], min_size: int = 0, max_size: int = 40) -> st.SearchStrategy[str]:
    return st.text(alphabet, min_size=min_size, max_size=max_size).map(lambda text: text.strip(" "))


def some(strategy: st.SearchStrategy[str]) -> st.SearchStrategy[str | None]:
    return strategy.map(lambda text: text or None)


CP866 = "".join(char for byte in range(256) if (char := bytes([byte]).decode("cp866")).isprintable())
cp1251 = st.sampled_from(CP1251)
cp866 = st.sampled_from(CP866)
printable = st.characters(exclude_categories=("C", "Z"), exclude_characters="\ufffd") | st.just(" ")


def digits(*lengths: int) -> st.SearchStrategy[str]:
    return st.one_of(
        *(st.integers(1, 10**length - 1).map(lambda number, length=length: f"{number:0{length}}") for length in lengths)
    )


amounts = st.integers(1, 10**17).map(Money.from_kopecks)
days = st.dates(dt.date(1990, 1, 1), dt.date(2100, 1, 1))


def counterparties(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[Counterparty]:
    return st.builds(
        Counterparty,
        name=texts(alphabet),
        inn=st.none() | digits(5, 10, 12),
        kpp=st.none() | st.from_regex(r"[1-9][0-9]{3}[A-Z]{2}[0-9]{3}", fullmatch=True),
        account=st.none() | digits(20).filter(lambda account: account != OWN),
        bic=st.none() | digits(9),
        bank_name=some(texts(alphabet)),
        correspondent_account=st.none() | digits(20),
    )


def budgets(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[BudgetDetails]:
    value = some(texts(alphabet, max_size=10))
    return st.builds(
        BudgetDetails,
        drawer_status=st.sampled_from(["01", "13", "31"]),
        kbk=value,
        oktmo=value,
        reason=value,
        tax_period=value,
        basis_number=value,
        basis_date=value,
        payment_type=value,
    )


def details(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[EntryDetails]:
    return st.builds(
        lambda booked, **fields: EntryDetails(booking_date=booked, value_date=booked, **fields),
        booked=days,
        direction=st.sampled_from(Direction),
        amount=amounts,
        document_type=st.sampled_from(DocumentType),
        number=texts(alphabet, max_size=12),
        date=days,
        counterparty=counterparties(alphabet),
        purpose=texts(alphabet, max_size=210),
        priority=st.none() | st.integers(0, 5),
        uin=st.none() | digits(20, 25),
        budget=st.none() | budgets(alphabet),
    )


def orders(alphabet: st.SearchStrategy[str]) -> st.SearchStrategy[PaymentOrder]:
    return st.builds(
        PaymentOrder,
        number=texts(alphabet, max_size=6),
        date=days,
        amount=amounts,
        payee=counterparties(alphabet),
        purpose=texts(alphabet, max_size=210),
        payer_account=digits(20),
        payer=st.none()
        | st.builds(Party, name=texts(alphabet, min_size=1).map(lambda name: name or "x"), inn=digits(12)),
        priority=st.integers(1, 5),
        uin=st.none() | digits(20, 25),
        income_type_code=st.none() | st.sampled_from("12345"),
        operation_code=st.sampled_from(["01", "02"]),
        payment_kind=some(texts(alphabet, max_size=10)),
        budget=st.none() | budgets(alphabet),
    )


def read_details(data: bytes) -> list[EntryDetails]:
    (statement,) = parse_statements(data).statements
    return [entry.details for entry in statement.entries]


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(details(cp1251), max_size=4))
def test_entries_in_windows_1251_read_back_as_they_were(entries: list[EntryDetails]) -> None:
    assert read_details(rendered(statement_of(*entries))) == entries


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(details(printable), max_size=4))
def test_entries_in_utf8_read_back_as_they_were(entries: list[EntryDetails]) -> None:
    assert read_details(rendered(statement_of(*entries), "utf-8")) == entries


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(details(cp866), max_size=4))
def test_entries_in_cp866_read_back_as_they_were(entries: list[EntryDetails]) -> None:
    assert read_details(rendered(statement_of(*entries), "cp866")) == entries


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(orders(cp1251), min_size=1, max_size=4), st.sampled_from(["windows-1251", "utf-8"]))
def test_orders_read_back_as_they_were(written: list[PaymentOrder], encoding: Encoding) -> None:
    parsed = parse_orders(render_orders(written, encoding))
    assert [line.order for line in parsed.orders] == written
    assert parsed.errors == ()


@settings(max_examples=60, suppress_health_check=[HealthCheck.too_slow])
@given(details(st.characters()))
def test_any_text_can_be_written_and_gives_one_entry(entry: EntryDetails) -> None:
    nameless = replace(entry, counterparty=replace(entry.counterparty, account=None))
    for encoding in ("windows-1251", "utf-8", "cp866"):
        data = rendered(statement_of(nameless), encoding)
        with contextlib.suppress(UnreadableFile):  # a text may hold U+FFFD itself
            assert len(read_details(data)) == 1


def read_both(data: bytes) -> None:
    for parse in (parse_orders, parse_statements):
        with contextlib.suppress(UnreadableFile):
            parse(data)


@settings(max_examples=150)
@given(st.binary(max_size=300), st.booleans())
@example(b"1CClientBankExchange", False)
@example(b"1CClientBankExchange\n=", False)
def test_any_bytes_are_read_or_refused(noise: bytes, has_marker: bool) -> None:
    read_both(b"1CClientBankExchange\r\n" + noise if has_marker else noise)


CLEAN_FILES = (as_bytes(ORDERS), as_bytes(STATEMENT), as_bytes(STATEMENT, "utf-8"), as_bytes(STATEMENT, "cp866"))


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A clean file with a few places cut out, doubled, or overwritten."""
    data = draw(st.sampled_from(CLEAN_FILES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        middle = draw(st.sampled_from([b"", data[start:end] * 2, b"\r\n", b"=", b"\x98"]) | st.binary(max_size=8))
        data = data[:start] + middle + data[end:]
    return data


@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
@given(damaged_files())
def test_damaged_files_are_read_or_refused(data: bytes) -> None:
    read_both(data)


keys = st.sampled_from(
    [line.partition("=")[0] for line in (ORDERS + STATEMENT).split("\n")] + ["КонецВыписки", "Чужой", "НОМЕР", ""]
)
lines = st.builds(
    lambda key, equals, value: f"{key}{equals}{value}", keys, st.sampled_from(["=", "", " = "]), texts(cp1251)
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(lines, max_size=40))
def test_any_lines_after_the_marker_are_read_or_refused(some_lines: list[str]) -> None:
    read_both(as_bytes("\n".join(["1CClientBankExchange", *some_lines])))
