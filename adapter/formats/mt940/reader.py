"""Bytes of a file → messages of fields, with the lines on which they stand.

Envelopes (`{1:…}{4:` … `-}`) may be there or not; lines may end with CRLF, LF or CR; texts may be transliterated, or be
Russian in UTF-8, windows-1251 or cp866.
"""

from __future__ import annotations

import io
import re
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from adapter.formats.notes import Notes, refuse

LINES_MAX = 5_000_000
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_REPLACEMENT = "\ufffd".encode()
_TAG = re.compile(r":(NS|[0-9]{2}[A-Z]?):")
_ENVELOPE = re.compile(r"\{[1-5]:")
_TRANSLITERATED = re.compile(r"\{113:RUR")  # in the third block: the rules of SWIFT-RUR


@dataclass(slots=True, kw_only=True)
class Field:
    """One field: its tag without colons, and its lines without the tag."""

    tag: str
    line: int
    lines: list[str]

    @property
    def text(self) -> str:
        """The first line, blank ends cut off."""
        return self.lines[0].strip()


@dataclass(slots=True, kw_only=True)
class Message:
    """The fields from one :20: to the next."""

    line: int
    is_transliterated: bool
    fields: deque[Field]

    def first(self, *tags: str) -> Field | None:
        """The first field with one of these tags."""
        return next((each for each in self.fields if each.tag in tags), None)


def read_messages(data: bytes, notes: Notes) -> Iterator[Message]:
    """The messages of a file.  Raises UnreadableFile for binary content, destroyed letters, and without any :20:."""
    message: Message | None = None
    is_rur = False
    for each in _read_fields(_decode(data, notes), notes):
        if each.tag == "{":
            is_rur = _TRANSLITERATED.search(each.text) is not None
        elif each.tag == "20":
            if message:
                yield message
            is_transliterated = is_rur or each.text.startswith("+")
            message = Message(line=each.line, is_transliterated=is_transliterated, fields=deque([each]))
        elif message:
            message.fields.append(each)
        else:
            told = f"поле :{each.tag}: стоит до :20:; пропущено: {each.text}"
            notes.add(each.line, "before_reference", told, each.tag)
    if message is None:
        raise refuse("no_reference", "это не выписка MT940: в файле нет поля :20:", 1)
    yield message


def _read_fields(lines: Iterator[tuple[int, str]], notes: Notes) -> Iterator[Field]:
    """The fields in their order; an envelope comes as a field with the tag `{`."""
    current: Field | None = None
    for number, line in lines:
        match = _TAG.match(line)
        if match:
            if current:
                yield current
            current = Field(tag=match[1], line=number, lines=[line[match.end() :]])
        elif _ENVELOPE.match(line):
            if current:
                yield current
            current = None
            yield Field(tag="{", line=number, lines=[line])
        elif line.strip() in ("-", "-}", "") or line.startswith("-}"):
            if current and line.strip():
                yield current
                current = None
        elif current:
            current.lines.append(line)
        else:
            notes.add(number, "unknown_line", f"строка вне сообщения не понята: {line}")
    if current:
        yield current


def _decode(data: bytes, notes: Notes) -> Iterator[tuple[int, str]]:
    _check_content(data)
    data = data.removeprefix(_BYTE_ORDER_MARK).replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.count(b"\n") > LINES_MAX:
        raise refuse("too_many_lines", f"в файле больше {LINES_MAX} строк")
    for number, line in enumerate(io.StringIO(_decode_text(data, notes)), 1):
        yield number, line.rstrip("\n")


def _check_content(data: bytes) -> None:
    if b"\x00" in data:
        raise refuse("binary", "это не текстовый файл (двоичные данные или UTF-16)", _line_of(b"\x00", data))
    if _REPLACEMENT in data:
        message = "текст файла испорчен до отправки: вместо букв стоят знаки замены U+FFFD; выгрузите файл заново"
        raise refuse("destroyed_text", message, _line_of(_REPLACEMENT, data))


def _line_of(what: bytes, data: bytes) -> int:
    return data.count(b"\n", 0, data.index(what)) + 1


def _decode_text(data: bytes, notes: Notes) -> str:
    """ASCII and UTF-8 tell themselves; of the one-byte encodings, the one whose Russian letters are there is taken."""
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
    # What are letters in one of the two is rare in texts of the other; а-п of windows-1251 are р-я of cp866.
    is_cp866 = _count(data, range(0x80, 0xB0)) > _count(data, (*range(0xC0, 0xE0), *range(0xF0, 0x100)))
    encoding = "cp866" if is_cp866 else "windows-1251"
    notes.add(line, "encoding_guessed", f"русские буквы не в UTF-8; файл прочитан как {encoding}")
    return data.decode(encoding, "replace").replace("\ufffd", "?")


def _count(data: bytes, some: Iterable[int]) -> int:
    return len(data) - len(data.translate(None, bytes(some)))
