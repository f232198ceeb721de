"""The table of `api_specs/formats.md` and the code say the same: each field stands where the table says."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from lxml import etree

from adapter.domain.statements import OPERATION_CODES
from adapter.formats.camt053 import Version, parse_statements, render_statement
from tests.formats.camt053_files import MESSAGE
from tests.formats.stated import fields_of, section_of
from tests.formats.statement_strategies import FULL, FULL_ENTRY, leaves

SECTION = section_of("camt.053")


def rows(part: str) -> dict[str, list[str]]:
    """Fields of a table and their places; no place for a dash."""
    fields = fields_of(section_of("camt.053", part))
    return {field: re.findall(r"`([^`]+)`", place) for field, place in fields.items()}


STATEMENT_ROWS, ENTRY_ROWS = rows("The statement"), rows("An entry")
# The first text in small letters of a call that notes or refuses something is its code.
CODE = r'(?:refuse|BadValue|add|note)\((?:[^()"]|"[A-Z][^"]*"|f"[^"]*"|\([a-z_]*\))*?"([a-z_]+)"'


def stated(rows_: dict[str, list[str]]) -> Iterator[tuple[str, str]]:
    return ((field, place) for field, places in rows_.items() for place in places)


def texts_at(root: str, place: str, version: Version) -> list[str]:
    tree = etree.fromstring(b"".join(render_statement(FULL, version)))
    if version == "001.08":
        place = place.replace("RltdPties/Cdtr/", "RltdPties/Cdtr/Pty/").replace("AdmstnZn", "AdmstnZone")
    (first, *_) = tree.findall(".//" + "/".join(f"{{*}}{name}" for name in root.split("/")))
    return [each.text or "" for each in first.findall("/".join(f"{{*}}{name}" for name in place.split("/")))]


def written(field: str, value: object) -> str:
    """A value as the message spells it."""
    if field == "id":
        return str(value).replace("-", "")
    if field == "direction":
        return "DBIT"
    if field == "document_type":
        return OPERATION_CODES[FULL_ENTRY.details.document_type]
    if field == "as_of":
        return "2026-11-28T09:07:08+03:00"
    if field in ("date_from", "date_to"):
        return f"{value}T{'00:00:00' if field == 'date_from' else '23:59:59'}+03:00"
    return value.isoformat() if isinstance(value, dt.date) else str(value)


@pytest.mark.parametrize("version", ["001.02", "001.08"])
@pytest.mark.parametrize(("field", "place"), list(stated(STATEMENT_ROWS)))
def test_each_field_of_a_statement_stands_where_the_table_says(field: str, place: str, version: Version) -> None:
    assert written(field, leaves(FULL)[field]) in texts_at("Stmt", place, version)


@pytest.mark.parametrize("version", ["001.02", "001.08"])
@pytest.mark.parametrize(("field", "place"), list(stated(ENTRY_ROWS)))
def test_each_field_of_an_entry_stands_where_the_table_says(field: str, place: str, version: Version) -> None:
    assert written(field, leaves(FULL_ENTRY)[field]) in texts_at("Ntry", place, version)


def test_the_tables_name_every_field_of_the_model() -> None:
    assert set(STATEMENT_ROWS) == set(leaves(FULL)) - {"entries"}
    assert set(ENTRY_ROWS) == set(leaves(FULL_ENTRY))


def test_a_field_without_a_place_is_not_in_the_message() -> None:
    text = b"".join(render_statement(FULL, "001.08")).decode()
    nowhere = {field: leaves(FULL)[field] for field, places in STATEMENT_ROWS.items() if not places}
    assert nowhere["account.customer_id"] == "cus_full"
    assert not [field for field, value in nowhere.items() if value and str(value) in text]


def test_every_warning_and_error_is_listed() -> None:
    sources = Path(__file__).parents[2] / "adapter" / "formats"
    modules = [*sources.glob("camt053/*.py"), sources / "xml.py", sources / "amounts.py"]
    code = "".join(module.read_text() for module in modules)
    told = set(re.findall(CODE, code))
    assert {"wrong_namespace", "huge_text", "totals_differ", "local_time", "bad_date"} <= told
    assert told <= set(re.findall(r"`([a-z_]+)`", SECTION))


def test_the_clean_message_has_the_words_that_the_document_names() -> None:
    assert parse_statements(MESSAGE.encode()).warnings == ()
    assert all(word in SECTION for word in ("RUCBC", "TXID", "POD", "UIN", "EXTERNAL_ID/"))
