"""The texts of one element by path, each with its line: one walk in place of dozens of searches.

What has a kind is told apart by it: `Cdtr/Id/OrgId/Othr[TXID]/Id`, `RmtInf/Strd/RfrdDocInf[POD]/Nb`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import takewhile
from typing import NamedTuple

from lxml import etree

from adapter.formats.xml import child_text, line_of, local_name

# Where the kind of an element stands; other identifications, such as those of an account, need none.
_KIND_PATHS = {
    ("OrgId", "Othr"): ("SchmeNm/Cd", "SchmeNm/Prtry"),
    ("PrvtId", "Othr"): ("SchmeNm/Cd", "SchmeNm/Prtry"),
    ("Strd", "RfrdDocInf"): ("Tp/CdOrPrtry/Prtry", "Tp/CdOrPrtry/Cd"),
    ("Strd", "CdtrRefInf"): ("Tp/CdOrPrtry/Prtry", "Tp/CdOrPrtry/Cd"),
}
_KIND_SPELLINGS = {"INN": "TXID", "ИНН": "TXID", "КПП": "KPP"}


class Leaf(NamedTuple):
    """A text as it was written, and its line."""

    text: str
    line: int


class Leaves:
    """The texts below an element; `line` is where it begins, `repeated` are the paths with more than one text."""

    __slots__ = ("_found", "line", "repeated")

    def __init__(self, element: etree._Element, without: str = "", before: str = "") -> None:
        """`without` names children that are no part of it, `before` the child at which it ends."""
        self.line = line_of(element)
        self._found: dict[str, list[Leaf]] = {}
        self.repeated: set[str] = set()
        children: Iterable[etree._Element] = takewhile(lambda child: _name_of(str(child.tag)) != before, element)
        if without:
            children = [child for child in children if _name_of(str(child.tag)) != without]
        self._walk(children, "", local_name(element))

    def text(self, *paths: str) -> str:
        """The first text at the first path that has one, without spaces around it; empty where there is none."""
        for path in paths:
            for leaf in self._found.get(path, ()):
                if text := leaf.text.strip():
                    return text
        return ""

    def all(self, *paths: str) -> list[Leaf]:
        """Every text at the paths."""
        return [leaf for path in paths for leaf in self._found.get(path, ())]

    def find_line(self, *paths: str) -> int | None:
        """The line of the first of the paths that is there, even if it is empty."""
        for path in paths:
            if found := self._found.get(path):
                return found[0].line
        return None

    def items(self) -> Iterator[tuple[str, Sequence[Leaf]]]:
        """All paths and what stands there."""
        return iter(self._found.items())

    def _walk(self, children: Iterable[etree._Element], path: str, name: str) -> None:
        for child in children:
            child_name = _name_of(str(child.tag))
            child_path = path + child_name
            if kind_paths := _KIND_PATHS.get((name, child_name)):
                child_path += f"[{_kind_of(child, kind_paths)}]"
            if len(child):
                self._walk(child, child_path + "/", child_name)
                continue
            self._add(child_path, Leaf(child.text or "", line_of(child)))
            if currency := child.get("Ccy"):
                self._add(f"{child_path}@Ccy", Leaf(currency, line_of(child)))

    def _add(self, path: str, leaf: Leaf) -> None:
        found = self._found.get(path)
        if found is None:
            self._found[path] = [leaf]
        else:
            found.append(leaf)
            self.repeated.add(path)


@lru_cache(maxsize=4096)
def _name_of(tag: str) -> str:
    return tag.rpartition("}")[2]


def _kind_of(element: etree._Element, paths: tuple[str, ...]) -> str:
    """An identification of nothing but digits that names no scheme is an INN: many programs write it so."""
    for path in paths:
        if kind := child_text(element, path):
            return _KIND_SPELLINGS.get(kind, kind)
    return "TXID" if local_name(element) == "Othr" and child_text(element, "Id").isdigit() else ""
