"""Files in which the bank tells what became of drafts, requests to withdraw, and ordered statements.

CSV with semicolons, UTF-8 or windows-1251; the first line names the columns: `document_id;status;at;reason;
core_reference;sign_url`, and `edited.<field>` for a field that a person changed in the bank.  The id is ours.  A
file is taken whole or not at all.
"""

from __future__ import annotations

import csv
import datetime as dt
import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.moscow import MOSCOW
from adapter.domain.payments import TOLD_BY_CORE, PaymentStatus
from adapter.formats.notes import refuse

LINES_MAX = 1_000_000
_ERRORS_MAX = 100
_REQUIRED = ("document_id", "status", "at")
_OPTIONAL = ("reason", "core_reference", "sign_url")
_LENGTHS = {"document_id": 80, "core_reference": 80, "reason": 500, "sign_url": 2000}
_EDITED = "edited."


class Refusal(StrEnum):
    """Words that are no state of a document."""

    DOCUMENT = "not_received"  # the draft never came, and will not be imported: it may be sent again
    WITHDRAWAL = "withdrawal_refused"
    STATEMENT = "statement_refused"


# DirectBank's codes beside our own words.
STATUSES: Mapping[str, PaymentStatus] = {
    "01": PaymentStatus.AWAITING_SIGNATURE,  # accepted
    "02": PaymentStatus.EXECUTED,
    "03": PaymentStatus.REJECTED,
    "04": PaymentStatus.IN_PROCESS,  # suspended: not enough money
    "05": PaymentStatus.CANCELLED,  # annulled
    "06": PaymentStatus.AWAITING_SIGNATURE,
    **{status.value: status for status in TOLD_BY_CORE},
}
_NEEDS_REASON = frozenset({PaymentStatus.REJECTED, *Refusal})


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusLine:
    """One word of the bank; `document_id` is the id of what it speaks of, also of a request or an order."""

    line: int
    document_id: str
    status: PaymentStatus | Refusal
    at: dt.datetime
    reason: str | None = None
    core_reference: str | None = None
    sign_url: str | None = None
    edited: Mapping[str, str] = field(default_factory=dict)


def parse_statuses(data: bytes) -> Sequence[StatusLine]:
    """The lines of a file in their order.  Raises UnreadableFile with every wrong line."""
    rows = csv.reader(io.StringIO(_decode(data), newline=""), delimiter=";")
    try:
        reader = _StatusReader(columns=_read_columns(next(rows, [])))
        for row in rows:
            if any(row):
                reader.take(row, rows.line_num)
    except csv.Error as error:
        raise refuse("bad_csv", f"строка не читается: {error}", rows.line_num) from error
    if reader.errors:
        raise UnreadableFile(reader.errors)
    return reader.lines


class _StatusReader:
    def __init__(self, columns: Sequence[str]) -> None:
        self.columns = columns
        self.lines: list[StatusLine] = []
        self.errors: list[FieldError] = []

    def take(self, row: Sequence[str], line: int) -> None:
        if line > LINES_MAX:
            raise refuse("too_many_lines", f"в файле больше {LINES_MAX} строк", line)
        if len(row) != len(self.columns):
            self._refuse(line, "wrong_columns", f"значений в строке {len(row)}, а столбцов {len(self.columns)}")
            return
        values = {name: value.strip() for name, value in zip(self.columns, row, strict=True)}
        self._check(values, line)
        status, at = self._status(values, line), self._moment(values["at"], line)
        if status is None or at is None:
            return
        if status in _NEEDS_REASON and not values.get("reason"):
            self._refuse(line, "reason_missing", "у отказа не названа причина", "reason")
        self.lines.append(
            StatusLine(
                line=line,
                document_id=values["document_id"],
                status=status,
                at=at,
                reason=values.get("reason") or None,
                core_reference=values.get("core_reference") or None,
                sign_url=values.get("sign_url") or None,
                edited={name.removeprefix(_EDITED): value for name, value in values.items() if _is_edit(name, value)},
            )
        )

    def _check(self, values: Mapping[str, str], line: int) -> None:
        if not values["document_id"]:
            self._refuse(line, "required", "не назван документ", "document_id")
        for name, length in _LENGTHS.items():
            if len(values.get(name, "")) > length:
                self._refuse(line, "too_long", f"{name} длиннее {length} знаков", name)

    def _status(self, values: Mapping[str, str], line: int) -> PaymentStatus | Refusal | None:
        text = values["status"].lower()
        if text in set(Refusal):
            return Refusal(text)
        status = STATUSES.get(text.rjust(2, "0")) or STATUSES.get(text)
        if status is None:
            self._refuse(line, "unknown_status", f"состояние не известно: {values['status']}", "status")
        return status

    def _moment(self, text: str, line: int) -> dt.datetime | None:
        """RFC 3339; without an offset it is Moscow time."""
        try:
            moment = dt.datetime.fromisoformat(text)
            return (moment if moment.tzinfo else moment.replace(tzinfo=MOSCOW)).astimezone(dt.UTC)
        except (ValueError, OverflowError):
            self._refuse(line, "bad_moment", f"дата и время не читаются, нужно 2026-11-20T12:30:00+03:00: {text}", "at")
            return None

    def _refuse(self, line: int, code: str, message: str, name: str | None = None) -> None:
        self.errors.append(FieldError(pointer="", code=code, message=message, field=name, line=line))
        if len(self.errors) >= _ERRORS_MAX:
            raise UnreadableFile(self.errors)


def _decode(data: bytes) -> str:
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError:
        return data.decode("windows-1251", "replace")


def _read_columns(names: Sequence[str]) -> list[str]:
    columns = [name.strip() for name in names]
    missing = [name for name in _REQUIRED if name not in columns]
    if missing or len(set(columns)) != len(columns):
        raise refuse("wrong_columns", f"в первой строке нужны столбцы {';'.join(_REQUIRED)}, каждый один раз", 1)
    unknown = [name for name in columns if name not in (*_REQUIRED, *_OPTIONAL) and not name.startswith(_EDITED)]
    if unknown:
        raise refuse("unknown_column", f"столбец не известен: {', '.join(unknown)}", 1)
    return columns


def _is_edit(name: str, value: str) -> bool:
    return name.startswith(_EDITED) and bool(value)
