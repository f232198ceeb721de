"""How a value becomes a cell, and how cells look.

A number in Excel holds 15 digits and a cell 32,767 characters: a longer amount becomes a text, a longer text is cut
and ends in «…».
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from adapter.domain.money import Money
from adapter.formats.printed import in_moscow, one_line
from adapter.formats.xlsx.columns import Kind

KOPECKS_MAX = 10**15 - 1
TEXT_LENGTH_MAX = 32_767
# Excel counts days from here; it also has a day that never was, 29.02.1900, so earlier dates become texts.
_DAY_ZERO, _FIRST_DAY = dt.date(1899, 12, 30), dt.date(1900, 3, 1)

_INK, _GREY, _LINE, _SHADE = "#1F2A37", "#5B6673", "#C9D0D8", "#EEF2F6"
_BASE = {"font_name": "Calibri", "font_size": 10, "font_color": _INK, "valign": "top"}
_KINDS: Mapping[Kind, Mapping[str, Any]] = {
    Kind.TEXT: {"num_format": "@", "align": "left"},
    Kind.NUMBER: {"num_format": "0", "align": "right"},
    Kind.DATE: {"num_format": "dd.mm.yyyy", "align": "left"},
    Kind.AMOUNT: {"num_format": "#,##0.00", "align": "right"},
    Kind.MOMENT: {"num_format": "dd.mm.yyyy hh:mm:ss", "align": "right"},
}
_STYLES: Mapping[str, Mapping[str, Any]] = {
    "title": {"bold": True, "font_size": 15},
    "label": {"font_color": _GREY},
    "label_right": {"font_color": _GREY, "align": "right", "indent": 1},
    "value": {},
    "value_right": {"align": "right"},
    "strong": {"bold": True},
    "header": {"bold": True, "bg_color": _SHADE, "text_wrap": True, "valign": "vcenter", "bottom": 1, "top": 1},
    "row": {"bottom": 1, "bottom_color": _LINE, "text_wrap": True},
    "total": {"bold": True, "bg_color": _SHADE, "top": 1, "bottom": 1},
}


class Looks:
    """The formats of one workbook, each made when it is first asked for."""

    def __init__(self, workbook: Workbook) -> None:
        self._workbook = workbook
        self._made: dict[tuple[str, Kind], Format] = {}

    def of(self, style: str, kind: Kind) -> Format:
        if (style, kind) not in self._made:
            look = {**_BASE, **_KINDS[kind], **_STYLES[style]}
            self._made[style, kind] = self._workbook.add_format(look)
        return self._made[style, kind]


def _put_text(sheet: Worksheet, row: int, column: int, value: str, look: Format) -> None:
    text = one_line(value)
    if len(text) > TEXT_LENGTH_MAX // 2 and len(text.encode("utf-16-le")) > 2 * TEXT_LENGTH_MAX:
        text = text[: TEXT_LENGTH_MAX // 2 - 1] + "…"
    if text.startswith("<r>") and text.endswith("</r>"):
        text += " "  # XlsxWriter would take it for markup of its own and write it as it is
    sheet.write_string(row, column, text, look)


def _put_number(sheet: Worksheet, row: int, column: int, value: int, look: Format) -> None:
    sheet.write_number(row, column, value, look)


def _put_amount(sheet: Worksheet, row: int, column: int, value: Money, look: Format) -> None:
    if abs(value.kopecks) > KOPECKS_MAX:
        sheet.write_string(row, column, str(value), look)
    else:
        sheet.write_number(row, column, value.amount, look)


def _put_date(sheet: Worksheet, row: int, column: int, value: dt.date, look: Format) -> None:
    if value < _FIRST_DAY:
        sheet.write_string(row, column, f"{value:%d.%m.%Y}", look)
    else:
        sheet.write_number(row, column, (value - _DAY_ZERO).days, look)


def _put_moment(sheet: Worksheet, row: int, column: int, value: dt.datetime, look: Format) -> None:
    sheet.write_datetime(row, column, in_moscow(value).replace(microsecond=0), look)


PUT: Mapping[Kind, Callable[[Worksheet, int, int, Any, Format], None]] = {
    Kind.TEXT: _put_text,
    Kind.NUMBER: _put_number,
    Kind.DATE: _put_date,
    Kind.AMOUNT: _put_amount,
    Kind.MOMENT: _put_moment,
}
