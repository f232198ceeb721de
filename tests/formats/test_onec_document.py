"""`api_specs/formats.md` tells what the code does."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

from adapter.domain.statements import OPERATION_CODES
from adapter.formats.onec_exchange import render_statement
from adapter.formats.onec_exchange.encoder import CP866_SUBSTITUTES, CP1251_SUBSTITUTES
from adapter.formats.onec_exchange.orders import FIELD_KEYS
from adapter.formats.onec_exchange.tags import KIND_NAMES
from tests.formats.stated import fields_of, section_of, substitutes_of
from tests.formats.statement_strategies import FULL, FULL_ENTRY, leaves

ROOT = Path(__file__).parents[2]
DOCUMENT = (ROOT / "api_specs" / "formats.md").read_text()
FORMATS = ROOT / "adapter" / "formats"
SOURCES = "".join(path.read_text() for path in (*FORMATS.glob("onec_exchange/*.py"), FORMATS / "amounts.py"))
ONLY_IN_STATEMENTS = {
    *("no_account", "no_period", "required"),
    *("account_missing", "balance_missing", "balances_differ", "booking_date_missing", "code_unclear"),
    *("date_repaired", "kind_unknown", "kpp_placeholder", "owner_unclear", "priority_unclear", "totals_differ"),
}


def test_the_key_of_every_field_of_an_order_is_stated() -> None:
    missing = {
        key
        for keys in FIELD_KEYS.values()
        for key in keys[:1]
        if key not in DOCUMENT and key.replace("Получатель", "Плательщик") not in DOCUMENT
    }
    assert missing == set()


def keys_of(text: str) -> dict[str, str]:
    """The values of a file by their keys."""
    return dict(line.split("=", 1) for line in text.split("\r\n") if "=" in line)


def written(value: object) -> str:
    """How the file writes a value."""
    text = str(value)
    return ".".join(reversed(text.split("-"))) if re.fullmatch(r"\d{4}-\d\d-\d\d", text) else text


def test_every_field_of_an_entry_stands_at_its_stated_key() -> None:
    text = b"".join(render_statement(replace(FULL, entries=(FULL_ENTRY,)), "windows-1251")).decode("cp1251")
    values = keys_of(text[text.index("СекцияДокумент") :]) | {"ДатаСписано, ДатаПоступило": "18.11.2026, "}
    stated = fields_of(section_of("1CClientBankExchange", "An entry of a statement"))
    fields = leaves(FULL_ENTRY) | {"document_type": "06", "direction": "18.11.2026, "}
    assert fields.keys() - stated.keys() == set()
    for name, place in stated.items():
        if place != "-":
            assert values[place.replace("`", "")] == written(fields[name]), name


def test_every_field_of_a_statement_stands_at_its_stated_key() -> None:
    text = b"".join(render_statement(replace(FULL, entries=(FULL_ENTRY,)), "windows-1251")).decode("cp1251")
    head = text[: text.index("КонецРасчСчет")]
    values = keys_of(text) | keys_of(head)
    values["ДатаСоздания, ВремяСоздания"] = "{ДатаСоздания} {ВремяСоздания}".format_map(values)
    stated = fields_of(section_of("1CClientBankExchange", "The statement itself"))
    fields = leaves(FULL) | {"as_of": "28.11.2026 09:07:08", "account.currency": "810"}
    del fields["entries"]
    assert fields.keys() - stated.keys() == set()
    for name, place in stated.items():
        if place != "-":
            assert written(fields[name]) in values[place.replace("`", "")], name


def test_every_kind_of_document_is_stated_with_its_code() -> None:
    for kind, name in KIND_NAMES.items():
        assert f"| `{kind}` | {name} | {OPERATION_CODES.get(kind, 'empty')} |" in DOCUMENT


def test_every_substitute_is_stated() -> None:
    title = "1CClientBankExchange"
    common = substitutes_of(section_of(title, "Characters that windows-1251 does not have"))
    besides = substitutes_of(section_of(title, "Characters that cp866 does not have besides"))
    assert common == CP1251_SUBSTITUTES
    assert common | besides == CP866_SUBSTITUTES


def test_every_code_of_an_import_is_stated() -> None:
    told = set(re.findall(r'(?:\.add\(|refuse\(|BadValue\(|_add_error\(|code=)[^"]*?"([a-z_]+)"', SOURCES))
    assert {"bad_amount", "end_missing", "no_marker", "kind_spelling"} <= told
    assert {code for code in told - ONLY_IN_STATEMENTS if f"`{code}`" not in DOCUMENT} == set()
