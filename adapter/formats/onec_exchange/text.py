"""Bytes of a file → its lines.

The header declares an encoding, but real files declare the wrong one or none.  The keys of the format are known words:
the encoding in which they stand in the file is the true one, so nothing is guessed from letter frequencies.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator

from adapter.formats.notes import Notes, refuse
from adapter.formats.onec_exchange.tags import CP866, CP1251, ENCODING_NAMES, MARKER, UTF8

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_REPLACEMENT = "\ufffd".encode()
_UTF8_SIGNS = tuple(word.encode() for word in ("Конец", "Секция", "Плательщик", "Получатель", "Назначение"))
LINES_MAX = 5_000_000  # more than a hundred thousand documents have
_PIECE_BYTES = 65_536
_BLANK = " \t\n\x1a\x0c"  # a DOS file may end with ^Z
# КонецФайла is asked last: it was met in another encoding than the rest of the file.
_PROBES = ("Кодировка", "ВерсияФормата", "РасчСчет", "СекцияДокумент", "КонецДокумента", "КонецФайла")


def read_lines(data: bytes, notes: Notes) -> tuple[Iterator[str], str]:
    """The lines of a file one by one, blank ends stripped, and the encoding of the file.

    Raises UnreadableFile for binary content, for destroyed letters, and where the marker of the format is missing.
    """
    _check_content(data)
    if data.startswith(_BYTE_ORDER_MARK):
        notes.add(1, "byte_order_mark", "в начале файла стоит метка порядка байтов UTF-8; пропущена")
        data = data[len(_BYTE_ORDER_MARK) :]
    encoding = _find_encoding(data)
    data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    if data.count(b"\n") > LINES_MAX:
        raise refuse("too_many_lines", f"в файле больше {LINES_MAX} строк")
    # Never a list: one of short lines takes twenty times the file.
    _check_marker(_decode(data, encoding, Notes()))
    return (line.strip(_BLANK) for line in _decode(data, encoding, notes)), encoding


def _check_content(data: bytes) -> None:
    if b"\x00" in data:
        raise refuse(
            "binary", "это не текстовый файл обмена с 1С (двоичные данные или UTF-16)", _line_of(b"\x00", data)
        )
    if _REPLACEMENT in data:
        message = "текст файла испорчен до отправки: вместо букв стоят знаки замены U+FFFD; выгрузите файл заново"
        raise refuse("destroyed_text", message, _line_of(_REPLACEMENT, data))


def _line_of(what: bytes, data: bytes) -> int:
    return data.count(b"\n", 0, data.index(what)) + 1


def _check_marker(lines: Iterable[str]) -> None:
    first = next((found for line in lines if (found := line.strip(_BLANK))), "")
    if first.casefold() != MARKER.casefold():
        raise refuse("no_marker", f"это не файл обмена с 1С: первая строка должна быть {MARKER}", 1)


def _find_encoding(data: bytes) -> str:
    for probe in _PROBES:
        for encoding in (UTF8, CP1251, CP866):
            if any(spelling.encode(encoding) in data for spelling in (probe, probe.upper(), probe.lower())):
                return encoding
    return CP1251


def _decode(data: bytes, encoding: str, notes: Notes) -> Iterator[str]:
    """All lines at once, or one by one where some are written in another encoding than the rest."""
    if encoding == UTF8 or not any(sign in data for sign in _UTF8_SIGNS):
        try:
            data.decode(encoding)
        except UnicodeDecodeError:
            pass
        else:
            return _decode_pieces(data, encoding)
    return (_decode_line(raw, encoding, number, notes) for number, raw in enumerate(io.BytesIO(data), 1))


def _decode_pieces(data: bytes, encoding: str) -> Iterator[str]:
    file = io.BytesIO(data)
    while lines := file.readlines(_PIECE_BYTES):
        yield from b"".join(lines).decode(encoding).removesuffix("\n").split("\n")


def _decode_line(raw: bytes, encoding: str, number: int, notes: Notes) -> str:
    if raw.isascii():
        return raw.decode("ascii")
    # Two Russian letters in a row are never valid UTF-8 in a one-byte encoding, so trying UTF-8 first does no harm.
    for candidate in dict.fromkeys((UTF8, encoding, CP1251)):
        try:
            text = raw.decode(candidate)
        except UnicodeDecodeError:
            continue
        if candidate != encoding:
            notes.add(
                number,
                "line_encoding",
                f"строка записана в {ENCODING_NAMES[candidate]}, а файл - в {ENCODING_NAMES[encoding]}",
            )
        return text
    notes.add(number, "bad_byte", "в строке есть байты, которых нет в кодировке файла; заменены на ?")
    return raw.decode(encoding, "replace").replace("\ufffd", "?")
