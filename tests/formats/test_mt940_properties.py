"""What holds for any statement and any bytes: written and read back the same, read by others, or refused."""

from __future__ import annotations

import contextlib
import dataclasses
import re
from typing import Any

import mt940
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from adapter.domain.banks import Bank
from adapter.domain.errors import UnreadableFile
from adapter.domain.statements import Direction, Statement
from adapter.formats.mt940 import parse_statements, render_statement
from adapter.formats.mt940.transliteration import restore, transliterate
from tests.formats.statement_strategies import FULL, PRINTABLE, RUSSIAN, leaves, statements

SLOW = [HealthCheck.too_slow, HealthCheck.data_too_large]
LINE = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]{0,65}").fullmatch
TAG = re.compile(r":[0-9]{2}[A-Z]?:")
# What MT940 has no place for.
NOT_CARRIED = {"id", "account_id", "version", "payment_id", "external_id"}
OF_STATEMENT = ("date_from", "date_to", "opening_balance", "closing_balance", "total_credits", "total_debits")


def rendered(statement: Statement) -> bytes:
    return b"".join(render_statement(statement))


def said(value: Any) -> Any:
    """A value as its transliteration says it."""
    return restore(transliterate(value)) or None if isinstance(value, str) else value


def entries_of(statement: Statement) -> list[dict[str, Any]]:
    told = [leaves(entry) for entry in statement.entries]
    return [{name: said(value) for name, value in each.items() if name not in NOT_CARRIED} for each in told]


def without_empty(entries: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{name: value for name, value in each.items() if value is not None} for each in entries]


NAMELESS = Bank(bic=FULL.account.bic, name="\u00b4", correspondent_account="30101810600000000987")


@settings(max_examples=60, suppress_health_check=SLOW)
@given(statements(RUSSIAN) | statements(PRINTABLE))
@example(FULL)
@example(dataclasses.replace(FULL, bank=NAMELESS))  # a name without a letter is none, and so is its bank
def test_a_statement_reads_back_as_it_was(statement: Statement) -> None:
    parsed = parse_statements(rendered(statement))
    (read,) = parsed.statements
    assert parsed.warnings == ()
    assert without_empty(entries_of(read)) == without_empty(entries_of(statement))
    for name in (*OF_STATEMENT, "credit_entries", "debit_entries", "as_of"):
        assert getattr(read, name) == getattr(statement, name)
    account = statement.account
    assert (read.account.number, read.account.bic, read.account.currency) == (
        account.number,
        account.bic,
        account.currency,
    )
    assert leaves(read.account.owner) == {
        name: said(value) or ("" if name == "name" else None) for name, value in leaves(account.owner).items()
    }
    told = statement.bank if statement.bank and said(statement.bank.name) else None
    assert (read.bank and read.bank.name) == (told and said(told.name))
    assert (read.bank and read.bank.correspondent_account) == (told and told.correspondent_account)


@settings(max_examples=60, suppress_health_check=SLOW)
@given(statements(PRINTABLE))
def test_every_line_is_of_swifts_characters_and_length(statement: Statement) -> None:
    *lines, end = rendered(statement).decode("ascii").split("\r\n")
    assert (end, lines[-1]) == ("", "-")
    for line in lines[:-1]:
        content = TAG.sub("", line, count=1)
        assert LINE(content)
        assert TAG.match(line) or line[0] not in ":- "
        assert not line.endswith(" ")


@settings(max_examples=60, suppress_health_check=SLOW)
@given(statements(RUSSIAN))
@example(FULL)
def test_the_library_mt940_reads_the_same(statement: Statement) -> None:
    told = mt940.parse(rendered(statement).decode(), options=mt940.Options.all())
    assert told.data["account_identification"] == f"{statement.account.bic}/{statement.account.number}"
    opening, closing = told.data["final_opening_balance"].amount, told.data["final_closing_balance"].amount
    assert (opening.amount, opening.currency) == (statement.opening_balance.amount, statement.account.currency)
    assert (closing.amount, closing.currency) == (statement.closing_balance.amount, statement.account.currency)
    entries = list(statement.entries)
    assert len(told) == len(entries)
    for read, entry in zip(told, entries, strict=True):
        details = entry.details
        sign = 1 if details.direction is Direction.CREDIT else -1
        assert read.data["amount"].amount == sign * details.amount.amount
        assert (read.data["date"], read.data["entry_date"]) == (details.value_date, details.booking_date)
        assert read.data["bank_reference"] == entry.id.replace("-", "")[:16]
        purpose = (read.data["purpose"] or "") + (read.data["additional_purpose"] or "")
        assert restore(purpose) == (said(details.purpose) or "")
        assert restore(read.data["applicant_name"] or "") == (said(details.counterparty.name) or "")
        assert read.data["applicant_iban"] == details.counterparty.account
        assert read.data["applicant_bin"] == details.counterparty.bic
        assert restore(read.data["prima_nota"] or "") == (said(details.number) or "")


# Bytes from anywhere


def read(data: bytes) -> None:
    with contextlib.suppress(UnreadableFile):
        parse_statements(data)


HEAD = b":20:X\r\n:25:40702810900000052198\r\n"


@settings(max_examples=200)
@given(st.binary(max_size=300), st.sampled_from([b"", b":20:\n", HEAD, HEAD + b":61:2611201120C1,NTRF\n:86:"]))
@example(b"", HEAD)
@example(b"", b":20:")
def test_any_bytes_are_read_or_refused(noise: bytes, head: bytes) -> None:
    read(head + noise)


@st.composite
def damaged_files(draw: st.DrawFn) -> bytes:
    """A clean file with a few places cut out, doubled, or overwritten."""
    data = rendered(FULL)
    for _ in range(draw(st.integers(1, 4))):
        start = draw(st.integers(0, len(data)))
        end = min(len(data), start + draw(st.integers(0, 60)))
        middle = draw(st.sampled_from([b"", data[start:end] * 2, b"\r\n", b"\r\n:86:", b"?"]) | st.binary(max_size=8))
        data = data[:start] + middle + data[end:]
    return data


@settings(max_examples=200, suppress_health_check=SLOW)
@given(damaged_files())
def test_damaged_files_are_read_or_refused(data: bytes) -> None:
    read(data)


tags = st.sampled_from(["20", "25", "28C", "60F", "60M", "61", "62F", "62M", "64", "86", "13D", "NS", "99"])
values = st.sampled_from(
    ["", "X", "C261101RUB1,", "D261130USD2,00", "2611201120C1,NTRF", "261131D1,", "9999999999RD1,"]
) | st.text("0123456789CDRUB,/?+-' ", max_size=40)


@settings(max_examples=200, suppress_health_check=SLOW)
@given(st.lists(st.builds(":{}:{}".format, tags, values), max_size=30))
def test_any_fields_are_read_or_refused(fields: list[str]) -> None:
    read("\r\n".join([":20:+X", *fields]).encode())
