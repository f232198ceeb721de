"""XML from strangers, read with every door shut: no DOCTYPE, no entities, no network, bounded depth, text and memory.

A message is read whole (`parse_xml`), or piece by piece (`read_pieces`), which needs memory for one piece only.  Names
are asked for without their namespace, so that one reader serves all versions of an ISO 20022 message.  Encodings are
UTF-8, windows-1251 and UTF-16.  Many files declare another one than they are written in: the bytes decide.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from typing import Any

from lxml import etree

from adapter.domain.errors import UnreadableFile
from adapter.formats.notes import Notes, refuse

# No name, purpose or signature is as long; a stretch without a tag this long is a bomb of text or attributes.
TEXT_BYTES_MAX = 64 * 1024
# One piece has some hundred elements and attributes; more than this between two pieces is a bomb of markup.
NODES_BETWEEN_PIECES_MAX = 20_000
_CHUNK_BYTES = 64 * 1024
_ENCODINGS = {  # how a file may name the one in which it is written
    **dict.fromkeys(("utf-8", "utf8", "us-ascii"), "utf-8"),
    **dict.fromkeys(("windows-1251", "win-1251", "cp1251"), "windows-1251"),
    **dict.fromkeys(("utf-16", "utf-16le", "utf-16be"), "utf-16"),
}
_NAMES = {"utf-8": "UTF-8", "windows-1251": "windows-1251"}
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARATION = re.compile(rb"[ \t\r\n]*+<\?xml\s([^>]{0,200}?)\?>").match
_ENCODING = re.compile(rb"encoding\s*=\s*[\"']([^\"']*)").search
_HIGH_BYTES = bytes(range(0x80, 0x100))
_DAMAGES: Mapping[int, str] = {
    etree.ErrorTypes.ERR_DOCUMENT_EMPTY: "он не начинается с элемента",
    etree.ErrorTypes.ERR_DOCUMENT_END: "за концом сообщения стоит что-то ещё или файл обрывается",
    etree.ErrorTypes.ERR_TAG_NAME_MISMATCH: "элемент закрыт не тем именем, которым открыт",
    etree.ErrorTypes.ERR_TAG_NOT_FINISHED: "элемент не закрыт, файл обрывается",
    etree.ErrorTypes.ERR_INVALID_CHAR: "в тексте есть знак, которого в XML не бывает",
    etree.ErrorTypes.ERR_UNDECLARED_ENTITY: "сущность, которой нет в XML",
}
_SAFE: Any = {  # of a parser
    "encoding": "utf-8",
    "resolve_entities": False,
    "no_network": True,
    "load_dtd": False,
    "huge_tree": False,
    "remove_comments": True,
    "remove_pis": True,
}
_count_nodes = etree.XPath("count(descendant::*) + count(descendant::*/@*)")


def parse_xml(data: bytes, notes: Notes | None = None) -> etree._Element:
    """The root of a document that fits into memory; a tree takes about ten times the bytes of the file.

    A wrong declaration of the encoding is noted.  Raises UnreadableFile with the line of what is wrong.
    """
    content = _read_content(data, notes or Notes())
    parser = etree.XMLParser(**_SAFE)
    try:
        root: etree._Element = etree.fromstring(content, parser)
    except etree.XMLSyntaxError as error:
        raise _not_xml(error) from error
    return root


def read_pieces(data: bytes, root: str, pieces: frozenset[str], notes: Notes) -> Iterator[etree._Element]:
    """Every element named in `pieces`, whole, in the order of their ends; it is emptied when the next one is asked for.

    `root` is the name that the outermost element must have.  A piece may lie in another one: the inner comes first, and
    only its empty shell is left when the outer one comes.  Raises UnreadableFile with the line of what is wrong.
    """
    content = _read_content(data, notes)
    parser = etree.XMLPullParser(
        events=("start", "end"),
        tag=[f"{{*}}{name}" for name in (root, *pieces)],
        **_SAFE,
    )
    outermost: etree._Element | None = None
    for chunk in _chunks(content):
        _feed(parser, chunk)
        for event, element in parser.read_events():
            if outermost is None:
                outermost = element.getroottree().getroot()
                check_root(outermost, root)
            if event == "end" and local_name(element) in pieces:
                yield element
                _empty(element)
        if outermost is not None and _count_nodes(outermost) > NODES_BETWEEN_PIECES_MAX:
            raise refuse("too_much_markup", "в файле слишком много элементов на одну операцию")
    _close(parser)
    if outermost is None:
        raise refuse("wrong_root", f"в файле нет элемента {root}")


def local_name(element: etree._Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def namespace_of(element: etree._Element) -> str:
    """The namespace of an element; empty where it has none."""
    return str(element.tag).rpartition("}")[0][1:]


def line_of(element: etree._Element) -> int:
    """The line in which an element begins, counted from 1."""
    return element.sourceline or 1


def check_root(root: etree._Element, name: str) -> None:
    """Raise UnreadableFile unless the outermost element has this name, in whatever namespace."""
    if local_name(root) != name:
        raise refuse("wrong_root", f"ожидался элемент {name}, а файл начинается с {local_name(root)}", line_of(root))


def find_children(element: etree._Element, path: str) -> list[etree._Element]:
    """All elements at a path, in their order."""
    return element.findall(_in_any_namespace(path))


@lru_cache(maxsize=1024)
def _in_any_namespace(path: str) -> str:
    return "/".join(f"{{*}}{name}" for name in path.split("/"))


def _chunks(content: bytes) -> Iterator[bytes]:
    for start in range(0, len(content), _CHUNK_BYTES):
        yield content[start : start + _CHUNK_BYTES]


def _feed(parser: etree.XMLPullParser, chunk: bytes) -> None:
    try:
        parser.feed(chunk)
    except etree.XMLSyntaxError as error:
        raise _not_xml(error, parser.feed_error_log) from error


def _close(parser: etree.XMLPullParser) -> None:
    try:
        parser.close()
    except etree.XMLSyntaxError as error:
        raise _not_xml(error, parser.feed_error_log) from error


def _not_xml(error: etree.XMLSyntaxError, log: Iterable[etree._LogEntry] = ()) -> UnreadableFile:
    """A parser that is fed tells some errors with their line only in its log."""
    line = error.lineno or next((entry.line for entry in log), None)
    told = _DAMAGES.get(error.code, "запись не по правилам XML")
    return refuse("not_xml", f"файл XML повреждён: {told}", line)


def _empty(piece: etree._Element) -> None:
    """Free what a piece held.  Its shell goes when the next one comes: lxml may still write behind the last one."""
    piece.clear()
    shell, parent = piece.getprevious(), piece.getparent()
    if shell is not None and parent is not None and shell.tag == piece.tag:
        parent.remove(shell)


def _read_content(data: bytes, notes: Notes) -> bytes:
    """The document in UTF-8 without its declaration, checked for what the parser would notice only after the harm."""
    content = _without_declaration(_read_utf8(data, notes))
    if b"<!DOCTYPE" in content:
        line = _line_at(content, content.index(b"<!DOCTYPE"))
        raise refuse("doctype", "в файле есть DOCTYPE; такие файлы не принимаются", line)
    window = TEXT_BYTES_MAX // 2
    for start in range(0, len(content) - window, window):
        if content.find(b"<", start, start + window) < 0:
            raise refuse("huge_text", "в файле слишком длинный текст или элемент", _line_at(content, start))
    return content


def _line_at(content: bytes, place: int) -> int:
    return content.count(b"\n", 0, place) + 1


def _without_declaration(content: bytes) -> bytes:
    """Spaces may stand before it, which XML forbids; line breaks stay, so that lines are counted right."""
    declaration = _DECLARATION(content)
    if not declaration:
        return content
    return b"\n" * declaration[0].count(b"\n") + content[declaration.end() :]


def _read_utf8(data: bytes, notes: Notes) -> bytes:
    if not data.strip(b" \t\r\n\x00"):
        raise refuse("empty_file", "файл пуст")
    if wide := _wide_encoding(data):
        return _recode(data, wide)
    content = data.removeprefix(_BYTE_ORDER_MARK)
    if content.isascii():
        return content
    declared, written = _declared_encoding(content), _written_encoding(content)
    if declared not in (None, written):
        name = _NAMES[written]
        notes.add(
            1, "encoding_differs", f"объявлена кодировка {declared}, а файл записан в {name}; прочитан как {name}"
        )
    return content if written == "utf-8" else _recode(content, written)


def _wide_encoding(data: bytes) -> str | None:
    """UTF-16, by its mark or by the zero byte that every ASCII character has there."""
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        return "utf-16"
    if data[1:2] == b"\x00" != data[:1]:
        return "utf-16-le"
    return "utf-16-be" if data[:1] == b"\x00" != data[1:2] else None


def _declared_encoding(content: bytes) -> str | None:
    declaration = _DECLARATION(content)
    encoding = _ENCODING(declaration[1]) if declaration else None
    if not encoding:
        return None
    name = encoding[1].decode("ascii", "replace").lower()
    if name not in _ENCODINGS:
        raise refuse("encoding", f"кодировка {name} не читается; нужна UTF-8, windows-1251 или UTF-16", 1)
    return _ENCODINGS[name]


def _written_encoding(content: bytes) -> str:
    """Two Russian letters in a row are never valid UTF-8 in windows-1251, so trying UTF-8 first does no harm."""
    try:
        content.decode("utf-8")
    except UnicodeDecodeError as error:
        ascii_length = len(content.translate(None, _HIGH_BYTES))
        high = len(content) - ascii_length
        valid = len(content.decode("utf-8", "ignore").encode()) - ascii_length
        if valid * 2 > high:
            message = "файл записан в UTF-8, но в нём есть испорченные байты"
            raise refuse("bad_bytes", message, _line_at(content, error.start)) from error
        return "windows-1251"
    return "utf-8"


def _recode(content: bytes, encoding: str) -> bytes:
    try:
        return content.decode(encoding).encode()
    except UnicodeError as error:
        line = _line_at(content, error.start) if isinstance(error, UnicodeDecodeError) else None
        raise refuse("bad_bytes", f"в файле есть байты, которых нет в кодировке {encoding}", line) from error
