"""Every code of a single error or warning is in a document: those of the rules in one, all others in the other."""

from __future__ import annotations

import re
from pathlib import Path

from adapter.api.errors import ANSWERS
from tests.api.code_sources import list_codes

SPECS = Path(__file__).parents[2] / "api_specs"
OF_WHOLE_ANSWERS = {kind.code for kind in ANSWERS}


def told_in(document: str) -> set[str]:
    """The codes in the first column of its tables."""
    rows = re.findall(r"^\| (`[^|]+) \|", (SPECS / document).read_text("utf-8"), re.MULTILINE)
    return {code for row in rows for code in re.findall("`([^`]+)`", row)}


def test_every_code_is_told_and_no_other() -> None:
    of_rules = told_in("order-rules.md")
    assert told_in("error-codes.md") == list_codes() - of_rules - OF_WHOLE_ANSWERS


def test_no_code_is_told_in_both_documents() -> None:
    assert not told_in("error-codes.md") & told_in("order-rules.md")
