"""What holds for any content: what is written reads back the same, and no bytes make the reader fail unforeseen."""

from __future__ import annotations

import contextlib
import datetime as dt
import subprocess
import sys
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from adapter.domain.accounts import AccountStatus
from adapter.domain.banks import Bank
from adapter.domain.errors import UnreadableFile
from adapter.domain.statements import Entry, Statement
from adapter.formats.camt053 import Version, parse_statements, render_statement
from tests.formats.camt053_files import GOLDEN, MESSAGE
from tests.formats.statement_strategies import FULL, FULL_ENTRY, PRINTABLE, RUSSIAN, details, statements
from tests.scale import scale

VERSIONS: tuple[Version, ...] = ("001.02", "001.08")
each_version = pytest.mark.parametrize("version", VERSIONS)


def rendered(statement: Statement, version: Version = "001.02") -> bytes:
    return b"".join(render_statement(statement, version))


def read_back(statement: Statement, version: Version = "001.02") -> Statement:
    parsed = parse_statements(rendered(statement, version))
    assert parsed.warnings == ()
    (found,) = parsed.statements
    return found


def as_files_know_it(statement: Statement) -> Statement:
    """Without what the message has no place for: our ids of the account, its status, completeness."""
    account = statement.account
    return replace(
        statement,
        account=replace(account, id=account.number, core_id=account.number, customer_id="", status=AccountStatus.OPEN),
        complete_through=None,
        made_by=statement.as_of,
        entries=tuple(replace(entry, account_id=account.number, version=1) for entry in statement.entries),
    )


@each_version
@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(statement=statements(PRINTABLE) | statements(RUSSIAN))
def test_any_statement_reads_back_as_it_was(version: Version, statement: Statement) -> None:
    assert read_back(statement, version) == as_files_know_it(statement)


@each_version
def test_every_field_reads_back(version: Version) -> None:
    assert read_back(FULL, version) == as_files_know_it(FULL)


@pytest.mark.parametrize("length", [1, 139, 140, 141, 210, 280, 281, 1000])
def test_a_purpose_of_any_length_reads_back_also_with_spaces_at_the_cuts(length: int) -> None:
    for purpose in ("я" * length, ("а б" * length)[:length].strip(), ("ab " * length)[:length].strip()):
        entry = replace(FULL_ENTRY, details=replace(FULL_ENTRY.details, purpose=purpose))
        (found,) = read_lonely(entry).entries
        assert found.details.purpose == purpose


def read_lonely(entry: Entry, bank: Bank | None = FULL.bank) -> Statement:
    """The statement of one entry; its totals are those of more, which is told and does not matter here."""
    (found,) = parse_statements(rendered(replace(FULL, entries=[entry], bank=bank))).statements
    return found


@pytest.mark.parametrize("length", [140, 141, 160, 255, 600])
def test_a_long_name_reads_back(length: int) -> None:
    name = ("ОБЩЕСТВО С ОГРАНИЧЕННОЙ ОТВЕТСТВЕННОСТЬЮ " * 20)[:length].strip()
    counterparty = replace(FULL_ENTRY.details.counterparty, name=name, bank_name=name)
    entry = replace(FULL_ENTRY, details=replace(FULL_ENTRY.details, counterparty=counterparty))
    (found,) = read_lonely(entry).entries
    assert (found.details.counterparty.name, found.details.counterparty.bank_name) == (name, name)


def test_a_long_external_id_reads_back() -> None:
    (found,) = read_lonely(replace(FULL_ENTRY, external_id="1c-" + "f" * 61)).entries
    assert found.external_id == "1c-" + "f" * 61


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("a\x00b\x1fc", "a b c"),
        ("a\r\nb\tc", "a  b c"),
        ("a\ufffeb\ud800c", "a\ufffdb\ufffdc"),
        ("<&>]]>\"'", "<&>]]>\"'"),
    ],
)
def test_what_xml_cannot_hold_is_substituted_as_stated(text: str, written: str) -> None:
    entry = replace(FULL_ENTRY, details=replace(FULL_ENTRY.details, purpose=f"x{text}x"))
    (found,) = read_lonely(entry).entries
    assert found.details.purpose == f"x{written}x"


@settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])
@given(details(st.characters()))
def test_any_text_can_be_written_and_gives_one_entry(found: object) -> None:
    entry = replace(FULL_ENTRY, details=found)
    for version in VERSIONS:
        (statement,) = parse_statements(rendered(replace(FULL, entries=[entry]), version)).statements
        assert len(list(statement.entries)) == 1


@each_version
def test_the_golden_message_is_written_byte_for_byte(version: Version) -> None:
    assert rendered(FULL, version) == (GOLDEN / f"statement.{version}.xml").read_bytes()


def test_the_message_of_another_bank_is_read_with_its_quirks_told() -> None:
    parsed = parse_statements((GOLDEN / "foreign.xml").read_bytes())
    (statement,) = parsed.statements
    assert [(each.code, each.line) for each in parsed.warnings] == [
        ("version", 1),
        ("entry_not_booked", 48),
        ("balance_sign", 19),
    ]
    first, second = statement.entries
    assert (statement.account.currency, str(statement.closing_balance)) == ("RUB", "9670.00")
    assert statement.date_from == statement.date_to == dt.date(2026, 11, 20)
    assert (first.details.number, first.details.priority, str(first.details.amount)) == ("8914", 5, "1000.00")
    assert first.details.counterparty.correspondent_account == "30101810145250000974"
    assert second.details.counterparty.name == 'АО "Банк Заря"'


def read_or_refuse(data: bytes) -> None:
    with contextlib.suppress(UnreadableFile):
        parse_statements(data)


CLEAN_FILES = (
    MESSAGE.encode(),
    MESSAGE.encode("cp1251"),
    MESSAGE.encode("utf-16"),
    rendered(FULL),
    rendered(FULL, "001.08"),
)


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A clean file with a few places cut out, doubled, moved or overwritten."""
    data = draw(st.sampled_from(CLEAN_FILES))
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 80)))
        tag = draw(
            st.sampled_from([b"<Ntry>", b"</Ntry>", b"<TxDtls/>", b"<Stmt>", b"</Stmt>", b"<Amt>", b"&x;", b"\x98"])
        )
        middle = draw(st.sampled_from([b"", data[start:end] * 2, tag]) | st.binary(max_size=8))
        data = data[:start] + middle + data[end:]
    return data


@settings(max_examples=scale(80, 5_000), suppress_health_check=[HealthCheck.too_slow], deadline=2_000)
@given(damaged_files())
def test_damaged_files_are_read_or_refused(data: bytes) -> None:
    read_or_refuse(data)


@settings(max_examples=100, deadline=2_000)
@given(st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(noise: bytes) -> None:
    read_or_refuse(noise)
    read_or_refuse(MESSAGE.encode()[:-40] + noise)


VALUES = st.sampled_from(
    ["", "0", "-1", "1e9", "9" * 40, "NaN", "RUB", "2026-11-20", "9999-12-31", "2026-11-20T24:00:00Z", "\u0661"]
)


@settings(max_examples=scale(80, 5_000), suppress_health_check=[HealthCheck.too_slow], deadline=2_000)
@given(st.data())
def test_any_values_in_any_places_are_read_or_refused(data: st.DataObject) -> None:
    pieces = MESSAGE.split(">")
    for _ in range(data.draw(st.integers(1, 5))):
        place = data.draw(st.integers(1, len(pieces) - 2))
        before, _, tag = pieces[place].rpartition("<")
        value = before if before.strip() and data.draw(st.booleans()) else data.draw(VALUES)
        pieces[place] = f"{value}<{tag}"
    read_or_refuse(">".join(pieces).encode())


MEASURE = """
import resource, sys
from adapter.domain.errors import UnreadableFile
from adapter.formats.camt053 import parse_statements
data = sys.stdin.buffer.read()
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
try:
    parse_statements(data)
except UnreadableFile:
    pass
print((resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 / len(data))
"""


@pytest.mark.parametrize(
    "data",
    [
        rendered(replace(FULL, entries=[FULL_ENTRY] * 3_000)),
        MESSAGE.replace("<Ntry>", "<a/>" * 1_000_000 + "<Ntry>", 1).encode(),
        MESSAGE.replace("<Ntry>", '<a b="" c="" d="" e="" f="" g=""/>' * 150_000 + "<Ntry>", 1).encode(),
        MESSAGE.replace("<Ntry>", "<Ntry/>" * 600_000 + "<Ntry>", 1).encode(),
        MESSAGE.replace("<TxDtls>", "<TxDtls/>" * 500_000 + "<TxDtls>", 1).encode(),
    ],
    ids=["statement", "elements", "attributes", "entries", "details"],
)
def test_reading_takes_at_most_ten_times_the_file(data: bytes) -> None:
    """Measured from outside: the memory of the parser is not Python's."""
    done = subprocess.run([sys.executable, "-c", MEASURE], input=data, capture_output=True, check=True, timeout=120)
    assert float(done.stdout) < 10
