"""XML from strangers, read with every door shut: no DOCTYPE, no entities, no network, bounded depth and text.

Readers of messages build on `parse_xml`; writers stream with `lxml.etree.xmlfile`.
"""

from __future__ import annotations

from lxml import etree

from adapter.formats.notes import refuse

DEPTH_MAX = 64
_DOCTYPE = b"<!DOCTYPE"


def parse_xml(data: bytes) -> etree._Element:
    """The root of a document; raises UnreadableFile with the line of what is wrong."""
    if _DOCTYPE in data[:4096].upper():
        raise refuse("doctype", "в файле есть DOCTYPE; такие файлы не принимаются")
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        raise refuse("not_xml", f"это не XML: {error.msg}", error.lineno) from error
    return root
