"""The report beside a file that could not be read: for the person in the bank who mends it."""

from __future__ import annotations

import datetime as dt

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.moscow import MOSCOW

_ERRORS_MAX = 1000


def render_report(name: str, error: UnreadableFile, now: dt.datetime) -> bytes:
    """UTF-8 text, one line for each error with its place in the file."""
    lines = [
        f"Файл: {name}",
        f"Проверен: {now.astimezone(MOSCOW):%d.%m.%Y %H:%M:%S} МСК",
        "Из файла не взято ничего. Исправьте его и положите в папку in ещё раз.",
        "",
        *(_line(one) for one in error.errors[:_ERRORS_MAX]),
    ]
    if len(error.errors) > _ERRORS_MAX:
        lines.append(f"… всего ошибок: {len(error.errors)}")
    return ("\r\n".join(lines) + "\r\n").encode("utf-8-sig", "replace")


def _line(error: FieldError) -> str:
    place = f"строка {error.line}" if error.line else error.pointer or "файл"
    what = f", {error.field}" if error.field and error.field != error.pointer else ""
    return f"{place}{what}: {error.message} [{error.code}]"
