"""A statement as a workbook of Excel: one sheet to read, filter, add up and print.

Source: ECMA-376 (Office Open XML, spreadsheets), written by XlsxWriter; how fields map is in `api_specs/formats.md`.
Amounts are numbers and dates are dates; numbers of accounts, documents and taxpayers are texts, so that no zero is
lost.  Texts are never formulas or links.

    columns.py (what stands where) → cells.py (how it looks) → heading.py, sheet.py (one after the other)
"""

from __future__ import annotations

from adapter.formats.xlsx.sheet import ENTRIES_MAX, render_xlsx

__all__ = ["ENTRIES_MAX", "render_xlsx"]
