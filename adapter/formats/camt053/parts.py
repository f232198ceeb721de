"""The texts that a reader needs of one element, found in one search: dozens of single ones cost three times as much.

Paths are those of XPath without prefixes; names are looked up in the namespace of the element.

Why not the walk of `pain001/leaves.py`: an entry needs some thirty texts of all that a bank writes, and a line only
where something is repaired.  Measured on entries, this search takes half the time of that walk.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache

from lxml import etree

from adapter.formats.xml import line_of, local_name, namespace_of

_SEPARATOR = "\ue000\ue001"  # of private use: a text that holds it is read by single searches
_NAME = re.compile(r"'[^']*'|@\w+|[A-Z]\w*")


class Part:
    """An element and the texts that were fetched from it; others are searched for when they are asked for."""

    __slots__ = ("_texts", "element")

    def __init__(self, element: etree._Element, texts: Mapping[str, str]) -> None:
        self.element = element
        self._texts = texts

    def text(self, path: str) -> str:
        """The text of the first element at a path, without spaces around it; empty where there is none."""
        text = self._texts.get(path)
        return (self.raw(path) if text is None else text).strip()

    def raw(self, path: str) -> str:
        """The text as it stands."""
        text = self._texts.get(path)
        return _search((path,), namespace_of(self.element))(self.element)[0] if text is None else text

    def line(self, path: str) -> int:
        """The line of the first element at a path, or of this one where there is none."""
        found = _places(path, namespace_of(self.element))(self.element)
        return line_of(found[0] if found else self.element)

    def name_of(self, path: str) -> str:
        """How an error names the place."""
        return f"{local_name(self.element)}/{path}"


def fetch(element: etree._Element, paths: tuple[str, ...]) -> Part:
    """The element with the texts at these paths."""
    texts = _search(paths, namespace_of(element))(element)
    return Part(element, dict(zip(paths, texts, strict=True)))


class _Search:
    """One compiled expression for several paths."""

    __slots__ = ("_all", "_each")

    def __init__(self, paths: tuple[str, ...], namespace: str) -> None:
        prefixed = [_NAME.sub(_with_prefix, path) if namespace else path for path in paths]
        texts = f", '{_SEPARATOR}', ".join(f"string({path})" for path in prefixed)
        namespaces = {"n": namespace} if namespace else None
        self._all = etree.XPath(f"concat({texts}, '')", namespaces=namespaces, smart_strings=False)
        self._each = [etree.XPath(f"string({path})", namespaces=namespaces, smart_strings=False) for path in prefixed]

    def __call__(self, element: etree._Element) -> list[str]:
        found = str(self._all(element)).split(_SEPARATOR)
        return found if len(found) == len(self._each) else [str(search(element)) for search in self._each]


@lru_cache(maxsize=512)
def _places(path: str, namespace: str) -> etree.XPath:
    prefixed = _NAME.sub(_with_prefix, path) if namespace else path
    return etree.XPath(prefixed, namespaces={"n": namespace} if namespace else None)


@lru_cache(maxsize=512)
def _search(paths: tuple[str, ...], namespace: str) -> _Search:
    return _Search(paths, namespace)


def _with_prefix(match: re.Match[str]) -> str:
    return match[0] if match[0][0] in "'@" else f"n:{match[0]}"
