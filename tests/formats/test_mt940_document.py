"""`api_specs/formats.md` tells where MT940 holds every field, and what becomes of every character."""

from __future__ import annotations

import re
from pathlib import Path

from adapter.formats.mt940 import render_statement, transliteration
from adapter.formats.mt940.transliteration import restore, transliterate
from adapter.formats.mt940.words import POSTING_CODES, TRANSACTION_TYPES
from tests.formats.stated import fields_of, rows_of, section_of, substitutes_of
from tests.formats.statement_strategies import FULL, FULL_ENTRY, leaves

TITLE = "MT940"
SOURCES = "".join(path.read_text() for path in (Path(transliteration.__file__).parent).glob("*.py"))
SOURCES += (Path(transliteration.__file__).parents[1] / "amounts.py").read_text()
FILE = b"".join(render_statement(FULL)).decode("ascii").replace("\r\n", "\n")


def places_of_statement() -> dict[str, str]:
    """What stands at each place of the file that the document names."""
    bic, account = re.search(r"^:25:(\d+)/(\d+)$", FILE, re.MULTILINE).groups()
    opening = re.search(r"^:60F:C\d{6}([A-Z]{3})([\d,]+)$", FILE, re.MULTILINE)
    closing = re.search(r"^:62F:C\d{6}[A-Z]{3}([\d,]+)$", FILE, re.MULTILINE)
    facts = FILE[FILE.index(":86:/") + 4 :].removesuffix("\n-\n").replace("\n", "")
    words = dict(re.findall(r"/([A-Z]{3})/(.*?)(?=/[A-Z]{3}/|$)", facts))
    first, last = words["PER"].split("-")
    credits, debits = (re.fullmatch(r"(\d+)[A-Z]{3}(.*)", words[word]) for word in ("CRD", "DEB"))
    return {
        ":25: after the slash": account,
        ":25: before the slash": bic,
        ":60F: currency": opening[1],
        ":60F: amount": opening[2],
        ":62F: amount": closing[1],
        "/PER/ first day": first,
        "/PER/ last day": last,
        "/CRD/ count": credits[1],
        "/CRD/ amount": credits[2],
        "/DEB/ count": debits[1],
        "/DEB/ amount": debits[2],
        **{f"/{word}/": restore(value) for word, value in words.items()},
    }


def places_of_entry() -> dict[str, str]:
    line, details = re.search(r"^:61:(.*)\n:86:((?:.|\n)*?)\n:61:", FILE, re.MULTILINE).groups()
    head, *subfields = re.split(r"\?(\d\d)", details.replace("\n", ""))
    value, entry, mark, amount, _, _, bank = re.fullmatch(
        r"(\d{6})(\d{4})([CD])([\d,]+)N([A-Z]{3})(.*)//(.*)", line
    ).groups()
    return {
        ":61: value date": value,
        ":61: entry date": entry,
        ":61: mark": mark,
        ":61: amount": amount,
        ":61: bank reference": bank,
        ":86: first three digits": head,
        **{f"?{code}": restore(text) for code, text in zip(subfields[::2], subfields[1::2], strict=True)},
    }


def written(name: str, value: object) -> str:
    """How the file writes the value of a field."""
    special = {
        "value_date": "261119",
        "booking_date": "1118",
        "direction": "D",
        "document_type": "006",
        "as_of": "20261128090708+0300",
        "id": "7d1c9f5e0c555c11",
    }
    if name in special:
        return special[name]
    if re.fullmatch(r"\d{4}-\d\d-\d\d", str(value)):
        return str(value).replace("-", "")
    if re.fullmatch(r"-?\d+\.\d\d", str(value)):
        return str(value).replace(".", ",")
    return str(value).upper()


def check(part: str, fields: dict[str, object], places: dict[str, str]) -> None:
    stated = fields_of(section_of(TITLE, part))
    assert fields.keys() - stated.keys() == set()
    for name, place in stated.items():
        if place == "-" or name not in fields:
            continue
        assert places[place.replace("`", "")] == written(name, fields[name]), name


def test_every_field_of_a_statement_stands_where_it_is_stated() -> None:
    fields = leaves(FULL)
    del fields["entries"]
    check("The statement", fields, places_of_statement())


def test_every_field_of_an_entry_stands_where_it_is_stated() -> None:
    check("An entry", leaves(FULL_ENTRY), places_of_entry())


def test_every_kind_of_document_is_stated_with_its_codes() -> None:
    rows = rows_of(section_of(TITLE, "An entry"))
    stated = {row[0].strip("`"): row[1:] for row in rows if row[1].isdigit()}
    assert stated == {kind: [POSTING_CODES[kind], TRANSACTION_TYPES[kind]] for kind in POSTING_CODES}


def test_the_table_of_transliteration_is_stated() -> None:
    stated = substitutes_of(section_of(TITLE, "Transliteration"))
    assert stated.pop("{VO10100}") == transliterate("{VO10100}")
    assert stated == transliteration.LETTERS | transliteration.SIGNS | transliteration.SUBSTITUTES


def test_every_code_is_stated() -> None:
    before_a_code = r"(?:notes\.add\(|refuse\(|BadValue\(|repairs\.append\(|repairs = \[)"
    told = set(re.findall(f'{before_a_code}[^"]*?"([a-z_]+)"', SOURCES))
    assert {"bad_amount", "no_reference", "reversal", "date_repaired", "page_missing"} <= told
    assert {code for code in told if f"`{code}`" not in section_of(TITLE)} == set()
