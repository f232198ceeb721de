"""What `api_specs/formats.md` states, for tests that hold it against the code."""

from __future__ import annotations

import html
import re
from pathlib import Path

DOCUMENT = (Path(__file__).parents[2] / "api_specs" / "formats.md").read_text()


def section_of(title: str, part: str | None = None) -> str:
    """The text of a `## ` section, or of one `### ` part of it."""
    (section,) = [each for each in re.split(r"^## ", DOCUMENT, flags=re.MULTILINE) if each.startswith(title)]
    if part is None:
        return section
    (found,) = [each for each in re.split(r"^### ", section, flags=re.MULTILINE) if each.split("\n")[0] == part]
    return found


def rows_of(text: str) -> list[list[str]]:
    """The cells of all tables in a text, without titles."""
    lines = [line.strip()[1:-1] for line in text.split("\n") if line.startswith("|")]
    rows = [[html.unescape(cell.strip()) for cell in line.split("|")] for line in lines]
    return [row for place, row in enumerate(rows) if not _is_ruler(row) and not _is_ruler(_next(rows, place))]


def _is_ruler(row: list[str]) -> bool:
    return all(set(cell) <= set("-|") and cell for cell in row)


def _next(rows: list[list[str]], place: int) -> list[str]:
    return rows[place + 1] if place + 1 < len(rows) else [""]


def fields_of(text: str) -> dict[str, str]:
    """Each field that a mapping table names, with the place that it states."""
    return {
        field: row[1]
        for row in rows_of(text)
        for field in re.findall(r"`([a-z_.]+)`", row[0])
        if row[0].startswith("`")
    }


def substitutes_of(text: str) -> dict[str, str]:
    """Each character of a table of substitutes, with what is written for it."""
    found: dict[str, str] = {}
    for cells in rows_of(text):
        characters, written = cells[0].split(" "), cells[1].split(" ")
        if len(characters) > 1 and any(len(char) > 1 for char in characters):
            continue  # a row in words
        written *= len(characters) if len(written) == 1 else 1
        found |= dict(zip(characters, written, strict=True))
    return found
