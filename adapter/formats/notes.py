"""What a reader tells of a file beside its content: repairs with their lines, and refusals."""

from __future__ import annotations

from collections import Counter

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.statements import ReadWarning

TOLD_MAX = 1000  # repairs of one kind: what a person may want to see, and what a file of noise cannot make grow
MESSAGE_LENGTH_MAX = 300


class Notes:
    """Collects what was repaired: the first thousand of each kind one by one, the rest of the kind by its number."""

    __slots__ = ("_counts", "_last_lines", "_told")

    def __init__(self) -> None:
        self._told: list[ReadWarning] = []
        self._counts: Counter[str] = Counter()
        self._last_lines: dict[str, int] = {}

    def add(self, line: int, code: str, message: str, field: str | None = None) -> None:
        """Note a repair; `field` is the key of the file."""
        self._counts[code] += 1
        if self._counts[code] <= TOLD_MAX:
            self._told.append(ReadWarning(line=line, code=code, message=shorten(message), field=field))
        else:
            self._last_lines[code] = line

    @property
    def warnings(self) -> tuple[ReadWarning, ...]:
        """In the order in which they were met; then how many more of a kind there are, at the line of the last."""
        return (*self._told, *(self._sum_up(code, line) for code, line in self._last_lines.items()))

    def _sum_up(self, code: str, line: int) -> ReadWarning:
        message = f"таких исправлений в файле {self._counts[code]}; подробно названы первые {TOLD_MAX}"
        return ReadWarning(line=line, code=code, message=message)


def shorten(message: str) -> str:
    """A message that quotes the file, but not megabytes of it."""
    return message if len(message) <= MESSAGE_LENGTH_MAX else message[:MESSAGE_LENGTH_MAX] + "…"


def refuse(code: str, message: str, line: int | None = None) -> UnreadableFile:
    """The error for a file that cannot be read as a whole."""
    return UnreadableFile([FieldError(pointer="", code=code, message=message, line=line)])
