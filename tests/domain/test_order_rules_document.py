"""`api_specs/order-rules.md` names every code with its fields, and every dated value, and nothing else."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from adapter.domain.findings import FORM_FIELDS
from adapter.formats.order_values import SHIPPED_FILE
from tests.domain.rule_sources import list_codes, list_codes_of_json

DOCUMENT = (Path(__file__).parents[2] / "api_specs/order-rules.md").read_text("utf-8")
# Told by the importing service, not by the rules of one order.
OF_THE_IMPORT = {"normalised", "looks_like_another"}


def rows(heading: str) -> list[list[str]]:
    section = DOCUMENT.split(f"\n## {heading}\n")[1].split("\n## ")[0]
    lines = [line for line in section.splitlines() if line.startswith("| ")]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]


TOLD = {row[0].strip("`"): row for row in rows("Errors") + rows("Warnings")}


def test_every_code_of_the_rules_is_in_the_document() -> None:
    assert TOLD.keys() - OF_THE_IMPORT == list_codes().keys()


def test_every_code_of_the_json_is_in_the_document() -> None:
    assert {row[0].strip("`") for row in rows("Errors of reading")} == list_codes_of_json()


def test_every_code_is_told_with_its_fields() -> None:
    for code, fields in list_codes().items():
        assert fields <= set(re.findall("`([^`]+)`", TOLD[code][1])), code


def test_the_fields_of_the_document_are_fields_of_the_form() -> None:
    for row in TOLD.values():
        assert set(re.findall("`([^`]+)`", row[1])) <= FORM_FIELDS.keys()
    for row in rows("What each kind asks of a field"):
        number = row[0].split()[0]
        assert all(FORM_FIELDS[field] == number for field in re.findall("`([^`]+)`", row[0]))


def test_every_dated_value_is_in_the_document() -> None:
    table = tomllib.loads(SHIPPED_FILE.read_text("utf-8"))
    values = [[f"`{key}`", str(one["from"]), one["source"]] for key, of_key in table.items() for one in of_key]
    assert rows("Dated values") == values
