"""Lines of a file → sections of keys and values, in the order of the file.

Reads whatever can be read: every repair is a note with its line.  A file that breaks off inside a section is refused,
because what it lost cannot be known.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from dataclasses import dataclass, field

from adapter.formats.notes import Notes, refuse
from adapter.formats.onec_exchange import tags
from adapter.formats.onec_exchange.text import read_lines

# Header accounts repeat, so they are no plain value of the header.
# Each key stands for itself: a section keeps this one, not the copy that stood in the file, which is half its memory.
_SECTION_KEYS = {
    name: {key: key for key in keys}
    for name, keys in {
        "": tags.HEADER_KEYS - {tags.HEADER_ACCOUNT},
        tags.BALANCES_START: tags.BALANCES_KEYS,
        tags.DOCUMENT_START: tags.DOCUMENT_KEYS,
    }.items()
}
_SPACES = (" ", "\t")
_TORN_TEXT_MAX = 10_000  # characters of a text up to which lines are joined to it; the form holds 210
_COMMENT_MARKS = ("//", "#", ";", "--")


@dataclass(slots=True, kw_only=True)
class Section:
    """The header, the balances of an account, or a document; filled while the file is read."""

    name: str  # opening key, "" for the header
    kind: str = ""  # for a document: what stood after the equals sign
    line: int = 1
    values: dict[str, str] = field(default_factory=dict)
    numbers: array[int] = field(default_factory=lambda: array("L"))  # lines of the values, in their order
    repeated: dict[str, int] = field(default_factory=dict)  # keys that came again with another value, and where

    def text(self, *keys: str) -> str:
        """The first value that is not empty; empty when there is none."""
        for key in keys:
            if value := self.values.get(key):
                return value
        return ""

    @property
    def lines(self) -> dict[str, int]:
        """Where each key stood, made only when something must be told: kept, it would be a third of the memory."""
        return dict(zip(self.values, self.numbers, strict=True))

    def put(self, key: str, value: str, line: int) -> None:
        """Keep a value; it takes the place of one that was empty."""
        if key in self.values:
            self.numbers[list(self.values).index(key)] = line
        else:
            self.numbers.append(line)
        self.values[key] = value

    def line_of(self, *keys: str) -> int:
        """The line of the first of these keys that has a value, or of the section."""
        found = next((key for key in keys if self.values.get(key)), None)
        return self.lines[found] if found else self.line


@dataclass(slots=True, kw_only=True)
class ExchangeFile:
    """The sections of a file."""

    header: Section
    accounts: dict[str, int] = field(default_factory=dict)  # accounts named in the header, with their lines
    balances: list[Section] = field(default_factory=list)
    documents: list[Section] = field(default_factory=list)


def read_file(data: bytes, notes: Notes, documents_max: int) -> ExchangeFile:
    """The sections of a file.  Raises UnreadableFile only for the file as a whole."""
    lines, encoding = read_lines(data, notes)
    file = _Reader(notes, documents_max).read(lines)
    _check_encoding(file.header, encoding, notes)
    _check_version(file.header, notes)
    return file


class _Reader:
    """Keeps the section that is being read."""

    def __init__(self, notes: Notes, documents_max: int) -> None:
        self.notes = notes
        self.documents_max = documents_max
        self.file = ExchangeFile(header=Section(name=""))
        self.has_marker = False
        self.has_end = False
        self.after_blank = False
        self._enter(self.file.header)

    def _enter(self, section: Section) -> None:
        self.section = section
        self.keys = _SECTION_KEYS[section.name]
        self.last_key: str | None = None  # the key whose value the next line may continue

    def read(self, lines: Iterable[str]) -> ExchangeFile:
        number = 0
        for number, line in enumerate(lines, 1):
            name, equals, value = line.partition("=")
            key = self.keys.get(name)
            values = self.section.values
            # Nearly all lines of a file are this first case, so it stands here in full and calls nothing.
            if key and key not in values and equals and value[:1] not in _SPACES:
                values[key] = value
                self.section.numbers.append(number)
                self.last_key = key
            elif line:
                self._take_odd_line(number, line)
            self.after_blank = not line
        self._check_end(number)
        return self.file

    def _take_odd_line(self, number: int, line: str) -> None:
        spelling, equals, value = line.partition("=")
        spelling = spelling.strip()
        key = tags.known_key(spelling)
        if key in tags.MARKS:
            self._take_mark(key, spelling, value.strip(), number)
        elif equals and (key or spelling.isidentifier() or not self._has_open_text()):
            self._take_value(key or spelling, spelling, value, number)
        else:
            self._take_loose_line(line, number)

    def _check_end(self, last_line: int) -> None:
        if not self.has_end:
            if self.section.name:
                message = f"файл обрывается внутри раздела {self.section.name}, начатого в строке {self.section.line}"
                raise refuse("unexpected_end", message, last_line)
            self.notes.add(last_line, "end_missing", f"в конце файла нет {tags.FILE_END}")

    def _take_mark(self, key: str, spelling: str, value: str, number: int) -> None:
        if key != spelling:
            self.notes.add(number, "key_spelling", f"ключ {spelling} прочитан как {key}", key)
        if key in (tags.BALANCES_START, tags.DOCUMENT_START):
            self._open(Section(name=key, kind=value, line=number))
        elif key in (tags.FILE_END, tags.FILE_END_OF_SOME_BANKS):
            self._end_file(key, number)
        else:
            self._close(key, number)

    def _open(self, section: Section) -> None:
        self._close_unclosed()
        if self.has_end:
            self.notes.add(section.line, "after_end", f"раздел стоит после {tags.FILE_END}; прочитан")
        self._enter(section)
        if section.name == tags.BALANCES_START:
            self.file.balances.append(section)
            return
        if len(self.file.documents) >= self.documents_max:
            raise refuse("too_many_documents", f"в файле больше {self.documents_max} документов", section.line)
        self.file.documents.append(section)
        if not section.kind:
            self.notes.add(section.line, "kind_missing", "у документа не назван вид", section.name)

    def _close(self, key: str, number: int) -> None:
        opened_by = tags.BALANCES_START if key == tags.BALANCES_END else tags.DOCUMENT_START
        if self.section.name != opened_by:
            self.notes.add(number, "end_without_start", f"{key} без {opened_by}", key)
        else:
            self._enter(self.file.header)

    def _close_unclosed(self) -> None:
        if self.section.name:
            end = tags.BALANCES_END if self.section.name == tags.BALANCES_START else tags.DOCUMENT_END
            self.notes.add(self.section.line, "section_not_closed", f"у раздела нет {end}", self.section.name)
            self._enter(self.file.header)

    def _end_file(self, key: str, number: int) -> None:
        self._close_unclosed()
        self.has_end = True
        if key == tags.FILE_END_OF_SOME_BANKS:
            self.notes.add(number, "end_spelling", f"файл заканчивается строкой {key} вместо {tags.FILE_END}", key)

    def _take_value(self, key: str, spelling: str, value: str, number: int) -> None:
        if value[:1] in _SPACES:
            self.notes.add(number, "value_trimmed", "пробелы в начале значения отброшены", key)
        value = value.strip(" \t")
        if key == tags.HEADER_ACCOUNT and not self.section.name:
            self._take_account(value, number)
            return
        self._note_key(key, spelling, value, number)
        self.last_key = key if tags.known_key(key) and self._store(key, value, number) else None

    def _take_account(self, number_of_account: str, number: int) -> None:
        self.last_key = None
        if number_of_account:
            self.file.accounts.setdefault(number_of_account, number)

    def _note_key(self, key: str, spelling: str, value: str, number: int) -> None:
        if key in self.keys:
            if key != spelling:
                self.notes.add(number, "key_spelling", f"ключ {spelling} прочитан как {key}", key)
        elif tags.known_key(key):
            self.notes.add(number, "wrong_section", f"ключ {spelling} не из этого раздела: {value}", spelling)
        else:
            self.notes.add(number, "unknown_key", f"неизвестный ключ {spelling}: {value}", spelling)

    def _store(self, key: str, value: str, number: int) -> bool:
        """Keep the first value that is not empty; answers whether it is this one."""
        before = self.section.values.get(key)
        if not before:
            self.section.put(key, value, number)
            return True
        if value and value != before and key != "Документ":
            self.section.repeated.setdefault(key, number)
            self.notes.add(number, "repeated_key", f"{key} повторяется с другим значением: {value}", key)
        return False

    def _has_open_text(self) -> bool:
        """Whether the last value is a text of a document, which a raw line break may have torn."""
        if self.last_key not in tags.FREE_TEXT_KEYS or self.section.name != tags.DOCUMENT_START:
            return False
        return len(self.section.values[self.last_key]) < _TORN_TEXT_MAX

    def _take_loose_line(self, line: str, number: int) -> None:
        """A line that is no `Ключ=Значение`: the marker, a comment, or the rest of a text that was broken in two."""
        is_comment = line.startswith(_COMMENT_MARKS)
        if self.last_key and self._has_open_text() and not (is_comment and self.after_blank):
            self.section.values[self.last_key] = f"{self.section.values[self.last_key]} {line}".strip()
            self.notes.add(number, "broken_line", "строка продолжает предыдущую; соединены через пробел", self.last_key)
        elif line.casefold() == tags.MARKER.casefold() and not self.has_marker:
            self.has_marker = True
        else:
            code, what = ("comment", "комментарий пропущен") if is_comment else ("unknown_line", "строка не понята")
            self.notes.add(number, code, f"{what}: {line}")


def _check_encoding(header: Section, encoding: str, notes: Notes) -> None:
    declared = header.text("Кодировка")
    line = header.line_of("Кодировка")
    name = tags.ENCODING_NAMES[encoding]
    if not declared:
        notes.add(line, "encoding_missing", f"кодировка не указана; файл прочитан как {name}", "Кодировка")
    elif tags.ENCODING_BY_NAME.get(declared.casefold()) != encoding:
        notes.add(line, "encoding_differs", f"указана кодировка {declared}, файл записан в {name}", "Кодировка")
    elif declared not in ("Windows", "DOS", "UTF-8"):
        notes.add(line, "encoding_spelling", f"кодировка {declared} прочитана как {name}", "Кодировка")


def _check_version(header: Section, notes: Notes) -> None:
    version = header.text("ВерсияФормата")
    if version not in tags.VERSIONS_READ:
        told = f"версия формата {version}" if version else "версия формата не указана"
        notes.add(
            header.line_of("ВерсияФормата"), "version", f"{told}; файл прочитан как {tags.VERSION}", "ВерсияФормата"
        )
