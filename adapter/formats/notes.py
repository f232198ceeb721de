"""What a reader tells of a file beside its content: repairs with their lines, and refusals."""

from __future__ import annotations

from adapter.domain.errors import FieldError, UnreadableFile
from adapter.domain.statements import ReadWarning

# A file of noise must not fill the memory with remarks about it.
REPAIRS_MAX = 100_000
MESSAGE_LENGTH_MAX = 300


class Notes:
    """Collects what was repaired, in the order in which it was met."""

    __slots__ = ("warnings",)

    def __init__(self) -> None:
        self.warnings: list[ReadWarning] = []

    def add(self, line: int, code: str, message: str, field: str | None = None) -> None:
        """Note a repair; `field` is the key of the file.  Raises UnreadableFile when there are too many."""
        if len(self.warnings) >= REPAIRS_MAX:
            raise refuse("too_many_repairs", f"в файле больше {REPAIRS_MAX} мест, которые приходится исправлять", line)
        self.warnings.append(ReadWarning(line=line, code=code, message=shorten(message), field=field))


def shorten(message: str) -> str:
    """A message that quotes the file, but not megabytes of it."""
    return message if len(message) <= MESSAGE_LENGTH_MAX else message[:MESSAGE_LENGTH_MAX] + "…"


def refuse(code: str, message: str, line: int | None = None) -> UnreadableFile:
    """The error for a file that cannot be read as a whole."""
    return UnreadableFile([FieldError(pointer="", code=code, message=message, line=line)])
