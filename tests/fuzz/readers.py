"""Every reader of files that come from outside, with good files to damage and the words of its format."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from adapter.domain.imports import ParsedOrders
from adapter.domain.statements import ParsedStatements, Statement
from adapter.formats import camt053, ed807, mt940, onec_exchange, pain001, xml
from adapter.formats.statement_csv import render_csv

GOLDEN = Path(__file__).parents[1] / "golden"
SAMPLE = Path(ed807.__file__).parents[1] / "connectors" / "sandbox" / "sample"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reader:
    """`read` takes any bytes; the only exception that it may raise is UnreadableFile."""

    name: str
    read: Callable[[bytes], object]
    files: Sequence[Path]
    words: Sequence[str] = ()

    def good_files(self) -> list[bytes]:
        return [path.read_bytes() for path in self.files]


def list_readers() -> list[Reader]:
    onec = sorted((GOLDEN / "onec_exchange").glob("*.txt"))
    camt = sorted((GOLDEN / "camt053").glob("*.xml"))
    pain = sorted((GOLDEN / "pain001").glob("*.xml"))
    swift = sorted(path for path in (GOLDEN / "mt940").iterdir() if path.suffix != ".md")
    directory = sorted(SAMPLE.glob("*.xml"))
    return [
        Reader(name="orders of 1C", read=_read_orders(onec_exchange.parse_orders), files=onec, words=ONEC_WORDS),
        Reader(name="statements of 1C", read=_read(onec_exchange.parse_statements), files=onec, words=ONEC_WORDS),
        Reader(name="camt.053", read=_read(camt053.parse_statements), files=camt, words=XML_WORDS),
        Reader(name="MT940", read=_read(mt940.parse_statements), files=swift, words=MT940_WORDS),
        Reader(name="pain.001", read=_read_orders(pain001.parse_orders), files=pain, words=XML_WORDS),
        Reader(name="ED807", read=ed807.parse_directory, files=directory, words=XML_WORDS),
        Reader(name="XML", read=xml.parse_xml, files=[*camt, *pain, *directory], words=XML_WORDS),
    ]


ONEC_WORDS = (
    *("1CClientBankExchange", "Кодировка=DOS", "Кодировка=UTF-8", "КонецФайла", "СекцияДокумент=Платежное поручение"),
    *("КонецДокумента", "СекцияРасчСчет", "КонецРасчСчет", "РасчСчет=", "Сумма=", "Сумма=1e5", "Дата=", "ДатаСписано="),
    *("НазначениеПлатежа1=", "ПлательщикСчет=", "КонечныйОстаток=-"),
)
XML_WORDS = (
    *('<?xml version="1.0" encoding="windows-1251"?>', "<!DOCTYPE a [<!ENTITY b 'c'>]>", "<![CDATA[", "xmlns=''"),
    *("<Stmt>", "</Stmt>", "<Ntry/>", "<Amt Ccy='RUB'>1</Amt>", "<Dt>", "<CtrlSum>", "&#0;", "&#x10FFFF;"),
    *("urn:iso:std:iso:20022:tech:xsd:camt.053.001.08", "urn:iso:std:iso:20022:tech:xsd:pain.001.001.09"),
)
MT940_WORDS = (
    ":20:",
    ":25:",
    ":60F:",
    ":60M:",
    ":61:",
    ":62F:",
    ":86:",
    "{4:",
    "-}",
    "?20",
    "C9912310,",
    "2602290229D",
)


def _read(parse: Callable[[bytes], ParsedStatements]) -> Callable[[bytes], object]:
    """What was read can also be written, in every shape that streams."""

    def read(data: bytes) -> object:
        parsed = parse(data)
        for statement in parsed.statements:
            _write(statement)
        return parsed

    return read


def _write(statement: Statement) -> None:
    for render in (
        lambda one: onec_exchange.render_statement(one, "windows-1251"),
        lambda one: camt053.render_statement(one, "001.08"),
        mt940.render_statement,
        lambda one: render_csv(one, "excel"),
    ):
        for _ in render(statement):
            pass


def _read_orders(parse: Callable[[bytes], ParsedOrders]) -> Callable[[bytes], object]:
    def read(data: bytes) -> object:
        parsed = parse(data)
        assert parsed.orders or parsed.errors, "a file without an order must say why"
        return parsed

    return read
