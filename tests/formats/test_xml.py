"""XML from strangers: what is shut stays shut, at once and in little memory."""

from __future__ import annotations

import time
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from lxml import etree

from adapter.domain.errors import UnreadableFile
from adapter.formats.notes import Notes
from adapter.formats.xml import find_children, line_of, namespace_of, parse_xml, read_pieces

CLEAN = '<?xml version="1.0" encoding="{}"?>\n<Document xmlns="urn:x"><Nm>Ромашка №1</Nm></Document>'
PIECES = frozenset({"Ntry", "TxDtls"})


def read_whole(data: bytes) -> None:
    parse_xml(data)


def read_in_pieces(data: bytes) -> None:
    for _ in read_pieces(data, "Document", PIECES, Notes()):
        pass


both_readers = pytest.mark.parametrize("read", [read_whole, read_in_pieces])


@contextmanager
def quickly(seconds: float = 2.0) -> Iterator[None]:
    started = time.perf_counter()
    yield
    assert time.perf_counter() - started < seconds


def refusal(read: Callable[[bytes], object], data: bytes) -> tuple[str, int | None]:
    """The code and the line of the only error."""
    with pytest.raises(UnreadableFile) as caught:
        read(data)
    (error,) = caught.value.errors
    return error.code, error.line


def text_at(element: etree._Element, path: str) -> str:
    return next((child.text or "" for child in find_children(element, path)), "")


def name_in(data: bytes, notes: Notes | None = None) -> str:
    return text_at(parse_xml(data, notes), "Nm")


@pytest.mark.parametrize(
    ("declared", "written"),
    [
        ("UTF-8", "utf-8"),
        ("utf8", "utf-8-sig"),
        ("windows-1251", "cp1251"),
        ("CP1251", "cp1251"),
        ("UTF-16", "utf-16"),
        ("UTF-16", "utf-16-le"),
        ("UTF-16BE", "utf-16-be"),
    ],
)
def test_each_encoding_is_read_without_a_remark(declared: str, written: str) -> None:
    notes = Notes()
    assert name_in(CLEAN.format(declared).encode(written), notes) == "Ромашка №1"
    assert notes.warnings == ()


@pytest.mark.parametrize(
    ("declared", "written"),
    [("windows-1251", "utf-8"), ("UTF-8", "cp1251"), ("UTF-16", "utf-8"), ("UTF-16", "cp1251")],
)
def test_the_bytes_decide_and_a_wrong_declaration_is_told(declared: str, written: str) -> None:
    notes = Notes()
    assert name_in(CLEAN.format(declared).encode(written), notes) == "Ромашка №1"
    assert [(each.code, each.line) for each in notes.warnings] == [("encoding_differs", 1)]


def test_a_file_without_a_declaration_may_be_windows_1251() -> None:
    assert name_in("<Document><Nm>Ромашка №1</Nm></Document>".encode("cp1251")) == "Ромашка №1"


def test_a_file_that_says_utf16_and_holds_only_ascii_bytes_is_read() -> None:
    assert name_in(b'<?xml version="1.0" encoding="UTF-16"?><Document><Nm>A</Nm></Document>') == "A"


@both_readers
@pytest.mark.parametrize("declared", ["koi8-r", "utf-7", "cp037", "ebcdic-cp-us", "utf-32", "no such"])
def test_other_encodings_are_refused(read: Callable[[bytes], None], declared: str) -> None:
    assert refusal(read, CLEAN.format(declared).encode("koi8-r", "replace")) == ("encoding", 1)


@both_readers
def test_utf32_is_refused(read: Callable[[bytes], None]) -> None:
    assert refusal(read, CLEAN.format("UTF-8").encode("utf-32"))[0] in ("bad_bytes", "not_xml")


@both_readers
def test_damaged_utf8_is_refused_with_its_line_and_never_read_as_windows_1251(read: Callable[[bytes], None]) -> None:
    data = CLEAN.format("UTF-8").encode()
    assert refusal(read, data.replace("Р".encode(), b"\xd0", 1)) == ("bad_bytes", 2)
    read(data)


@both_readers
def test_half_a_surrogate_pair_in_utf16_is_refused(read: Callable[[bytes], None]) -> None:
    data = CLEAN.format("UTF-16").replace("№", "\ud83d").encode("utf-16-le", "surrogatepass")
    assert refusal(read, data)[0] == "bad_bytes"


DOCTYPE = '<!DOCTYPE Document [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;">]>'


@both_readers
@pytest.mark.parametrize("encoding", ["utf-8", "cp1251", "utf-16", "utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("before", ["", "<!-- " + "x" * 10_000 + " -->", "\n" * 9_000])
def test_a_doctype_is_refused_wherever_it_hides(read: Callable[[bytes], None], encoding: str, before: str) -> None:
    text = f"{before}{DOCTYPE}<Document><Nm>&b;</Nm></Document>"
    assert refusal(read, text.encode(encoding)) == ("doctype", before.count("\n") + 1)
    read(text.replace(DOCTYPE, "").replace("&b;", "b").replace("\n" * 9_000, "").encode(encoding))


@both_readers
def test_a_billion_laughs_cost_nothing(read: Callable[[bytes], None]) -> None:
    entities = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 30))
    with quickly(0.5):
        text = f'<!DOCTYPE z [<!ENTITY l0 "ha">{entities}]><Document>&l29;</Document>'
        assert refusal(read, text.encode())[0] == "doctype"


@both_readers
@pytest.mark.parametrize(
    "doctype",
    [
        '<!DOCTYPE d [<!ENTITY x SYSTEM "file:///etc/passwd">]>',
        '<!DOCTYPE d SYSTEM "http://127.0.0.1:9/evil.dtd">',
        '<!DOCTYPE d [<!ENTITY % p SYSTEM "file:///etc/passwd"> %p;]>',
        '<!DOCTYPE d [<!ATTLIST Document x CDATA "default">]>',
    ],
)
def test_files_and_addresses_from_outside_are_never_read(read: Callable[[bytes], None], doctype: str) -> None:
    assert refusal(read, f"{doctype}<Document>&x;</Document>".encode())[0] == "doctype"


@both_readers
@pytest.mark.parametrize(
    ("data", "told"),
    [
        ("<Document>\n<a></b></Document>", "элемент закрыт не тем именем, которым открыт"),
        ("<Document>\n<a>", "элемент не закрыт, файл обрывается"),
        ("<Document>\n<a b=1></a></Document>", "запись не по правилам XML"),
    ],
)
def test_damage_is_told_in_russian_with_its_line(read: Callable[[bytes], None], data: str, told: str) -> None:
    with pytest.raises(UnreadableFile) as caught:
        read(data.encode())
    (error,) = caught.value.errors
    assert (error.code, error.message, error.line) == ("not_xml", f"файл XML повреждён: {told}", 2)
    read(b"<Document><a></a></Document>")


@both_readers
def test_an_entity_that_nobody_declared_is_an_error_and_not_an_empty_text(read: Callable[[bytes], None]) -> None:
    assert refusal(read, b"<Document>\n<Nm>&x;</Nm></Document>") == ("not_xml", 2)
    read(b"<Document>\n<Nm>&amp;&#x41;</Nm></Document>")


def test_an_include_stays_an_element_that_nobody_follows() -> None:
    include = '<xi:include xmlns:xi="http://www.w3.org/2001/XInclude" href="file:///etc/passwd" parse="text"/>'
    root = parse_xml(f"<Document><Nm>a{include}b</Nm></Document>".encode())
    assert b"root:" not in etree.tostring(root)


def test_comments_and_instructions_vanish_and_the_text_around_them_stays_whole() -> None:
    text = '<?xml-stylesheet href="http://127.0.0.1:9/x.xsl"?><Document><Nm>а<!-- x -->б<?php y?>в</Nm></Document>'
    assert name_in(text.encode()) == "абв"


@both_readers
@pytest.mark.parametrize("data", [b"", b" \n\t ", b"\x00\x00", b"\xef\xbb\xbf", b"\xff\xfe"])
def test_an_empty_file_is_refused(read: Callable[[bytes], None], data: bytes) -> None:
    assert refusal(read, data)[0] in ("empty_file", "not_xml")


@both_readers
@pytest.mark.parametrize(
    "data",
    [
        b"<Document>\n<Nm>\x00</Nm></Document>",
        b"<Document>\n<Nm>\x01</Nm></Document>",
        b"<Document>\n<Nm></Document>",
        b"<Document>\n<Nm a='1' a='2'/></Document>",
        b"<Document>\n<p:Nm/></Document>",
        b"<Document>\n",
        b"<Document/>\n<Document/>",
    ],
)
def test_what_is_no_xml_is_refused_with_its_line(read: Callable[[bytes], None], data: bytes) -> None:
    assert refusal(read, data) == ("not_xml", 2)


@both_readers
@pytest.mark.parametrize("data", [b"1CClientBankExchange\r\n", b"{}", b"PK\x03\x04" + b"\x00" * 40, b"%PDF-1.7"])
def test_other_formats_are_refused(read: Callable[[bytes], None], data: bytes) -> None:
    assert refusal(read, data)[0] in ("not_xml", "bad_bytes", "empty_file")


def test_lines_are_right_beyond_65535_and_with_spaces_before_the_declaration() -> None:
    text = "\n\n" + CLEAN.format("UTF-8").replace("<Nm>", "\n" * 70_000 + "<a/><Nm>")
    text = text.replace("\n" * 70_000, ("\n" * 1_000 + "<b/>") * 70)
    (name,) = find_children(parse_xml(text.encode()), "Nm")
    assert line_of(name) == 2 + 2 + 70_000


def test_xml_1_1_is_read_by_the_rules_of_1_0() -> None:
    text = CLEAN.format("UTF-8").replace('version="1.0"', 'version="1.1"')
    assert name_in(text.encode()) == "Ромашка №1"
    assert refusal(read_whole, text.replace("Ромашка", "&#1;").encode())[0] == "not_xml"


@both_readers
@pytest.mark.parametrize(
    "bomb",
    [
        b"<Document>" + b"<a>" * 200_000,
        b"<Document>" + b"<a>" * 200_000 + b"</a>" * 200_000 + b"</Document>",
        b"<Document><Nm>" + b"x" * 20_000_000 + b"</Nm></Document>",
        b"<Document><Nm><![CDATA[" + b"x" * 5_000_000 + b"]]></Nm></Document>",
        b"<Document><!--" + b"x" * 5_000_000 + b"--></Document>",
        b"<Document " + b" ".join(b'a%d=""' % n for n in range(300_000)) + b"/>",
        b"<Document " + b" ".join(b'xmlns:a%d="u"' % n for n in range(200_000)) + b"/>",
        b"<Document a='" + b"x" * 5_000_000 + b"'/>",
        b"<" + b"D" * 5_000_000 + b"/>",
        b"<Document>" + b" " * 5_000_000 + b"</Document>",
        b"<?xml " + b" " * 5_000_000 + b"?><Document/>",
    ],
    ids=["open", "deep", "text", "cdata", "comment", "attributes", "namespaces", "value", "name", "spaces", "head"],
)
def test_bombs_are_refused_before_they_grow(read: Callable[[bytes], None], bomb: bytes) -> None:
    tracemalloc.start()
    with quickly():
        assert refusal(read, bomb)[0] in ("huge_text", "not_xml")
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < len(bomb) * 3 + 10_000_000


@pytest.mark.parametrize(
    "junk",
    [b"<a/>" * 1_000_000, b"<Ntry>" + b"<a/>" * 1_000_000 + b"</Ntry>", (b"<Ntry>" + b"<Btch/>" * 3) * 60],
    ids=["beside", "inside", "nested"],
)
def test_markup_between_pieces_is_bounded(junk: bytes) -> None:
    with quickly():
        code, _ = refusal(read_in_pieces, b"<Document>" + junk + b"</Document>")
    assert code in ("too_much_markup", "not_xml")


def test_pieces_come_whole_inner_ones_first_and_are_freed() -> None:
    entry = b"<Ntry><Amt>%d</Amt><NtryDtls><TxDtls><Nm>a</Nm></TxDtls><TxDtls/></NtryDtls><After/></Ntry>"
    data = b'<Document xmlns="urn:x"><B>' + b"".join(entry % n for n in range(30_000)) + b"</B></Document>"
    seen: list[str] = []
    kept = 0
    for piece in read_pieces(data, "Document", PIECES, Notes()):
        assert namespace_of(piece) == "urn:x"
        if len(seen) < 6:
            inner = next(iter(find_children(piece, "NtryDtls/TxDtls")), None)
            seen.append(f"{text_at(piece, 'Amt')}{text_at(piece, 'Nm')}{'' if inner is None else len(inner)}")
        parent = piece.getparent()
        assert parent is not None
        kept = max(kept, parent.index(piece))
    assert seen == ["a", "", "00", "a", "", "10"]
    assert kept < 5


@both_readers
def test_a_file_of_a_hundred_thousand_pieces_is_read_in_time(read: Callable[[bytes], None]) -> None:
    data = b"<Document>" + b"<Ntry><Amt>1</Amt><TxDtls/></Ntry>" * 100_000 + b"</Document>"
    with quickly(2 * len(data) / 1_000_000):
        read(data)


def test_another_root_is_refused() -> None:
    assert refusal(read_in_pieces, b"<Other>\n<Ntry/></Other>") == ("wrong_root", 1)
    assert refusal(read_in_pieces, b"<Other/>")[0] == "wrong_root"
    read_in_pieces(b"<Document>\n<Ntry/></Document>")
