"""Readers written by others agree with what is written: pyiso20022 on the structure, pycamt on the content."""

from __future__ import annotations

import importlib
from dataclasses import replace
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from lxml import etree
from pycamt.parser import Camt053Parser
from xsdata.formats.dataclass.parsers import XmlParser
from xsdata.formats.dataclass.parsers.config import ParserConfig
from xsdata.formats.dataclass.serializers import XmlSerializer

from adapter.domain.statements import Direction, Statement
from adapter.formats.camt053 import Version, render_statement
from tests.formats.statement_strategies import FULL, PRINTABLE, statements

VERSIONS: tuple[Version, ...] = ("001.02", "001.08")
STRICT = ParserConfig(fail_on_unknown_properties=True, fail_on_unknown_attributes=True, fail_on_converter_warnings=True)

PARSER = XmlParser(config=STRICT)

each_version = pytest.mark.parametrize("version", VERSIONS)


def rendered(statement: Statement, version: Version) -> bytes:
    return b"".join(render_statement(statement, version))


def structure_of(data: bytes, version: Version) -> Any:
    """The message as classes made from ISO's schema; fails on an unknown element, a wrong order of types or values."""
    module = importlib.import_module(f"pyiso20022.camt.camt_053_{version.replace('.', '_')}")
    return PARSER.from_bytes(data, module.Document).bk_to_cstmr_stmt


@each_version
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(statement=statements(PRINTABLE))
def test_any_statement_has_the_structure_of_the_standard(version: Version, statement: Statement) -> None:
    (found,) = structure_of(rendered(statement, version), version).stmt
    assert found.acct.id.othr.id == statement.account.number
    assert [entry.amt.value for entry in found.ntry] == [entry.details.amount.amount for entry in statement.entries]
    assert found.txs_summry.ttl_cdt_ntries.sum == statement.total_credits.amount


@each_version
def test_the_order_of_elements_is_that_of_the_schema(version: Version) -> None:
    """xsdata takes elements in any order: what it writes from the classes is in the order of the schema."""
    data = rendered(replace(FULL, entries=FULL.entries[:1]), version)
    assert order_of(data) == schema_order_of(data, version)


def order_of(data: bytes) -> list[str]:
    return [etree.QName(element).localname for element in etree.fromstring(data).iter()]


def schema_order_of(data: bytes, version: Version) -> list[str]:
    module = importlib.import_module(f"pyiso20022.camt.camt_053_{version.replace('.', '_')}")
    document = PARSER.from_bytes(data, module.Document)
    return order_of(XmlSerializer().render(document).encode())


@each_version
def test_texts_keep_the_lengths_of_the_schema(version: Version) -> None:
    long = replace(
        FULL.entries[0],
        external_id="x" * 64,
        details=replace(
            FULL.entries[0].details,
            purpose="п" * 210,
            counterparty=replace(FULL.entries[0].details.counterparty, name="н" * 400, bank_name="б" * 200),
        ),
    )
    check_lengths(structure_of(rendered(replace(FULL, entries=[long]), version), version))


def check_lengths(value: Any) -> None:
    for name, field in getattr(value, "__dataclass_fields__", {}).items():
        for each in found if isinstance(found := getattr(value, name), list) else [found]:
            assert not isinstance(each, str) or len(each) <= field.metadata.get("max_length", len(each)), name
            check_lengths(each)


@each_version
@settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])
@given(statement=statements(PRINTABLE))
def test_pycamt_reads_the_same_entries_and_balances(version: Version, statement: Statement) -> None:
    parser = Camt053Parser(rendered(statement, version))
    assert parser.version == f"camt.053.{version}"
    entries = parser.get_transactions()
    assert [
        (each["CreditDebitIndicator"], each["Amount"], each["BookingDate"], each["ValueDate"]) for each in entries
    ] == [
        (
            "CRDT" if entry.details.direction is Direction.CREDIT else "DBIT",
            str(entry.details.amount),
            entry.details.booking_date.isoformat(),
            entry.details.value_date.isoformat(),
        )
        for entry in statement.entries
    ]
    assert all(each["Status"] == "BOOK" and each["Currency"] == statement.account.currency for each in entries)
    (info,) = parser.get_statement_info()
    assert Decimal(info["OpeningBalance"]) == statement.opening_balance.amount
    assert Decimal(info["ClosingBalance"]) == statement.closing_balance.amount


@each_version
def test_pycamt_reads_names_and_purposes(version: Version) -> None:
    debit, credit = Camt053Parser(rendered(FULL, version)).get_transactions()
    assert (debit["CreditorName"], debit["DebtorName"]) == ("Казначейство Ромашковое", "Общество Василёк")
    assert debit["RemittanceInformationFull"] == "Единый налоговый платёж"
    assert debit["EndToEndId"] == "EXT-4411"
    assert (credit["CreditorName"], credit["DebtorName"]) == ("Общество Василёк", "Покупатель")
