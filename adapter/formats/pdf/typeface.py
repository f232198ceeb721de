"""The typeface of printed statements: how wide a text is, where it breaks into lines, what it can show.

DejaVu Sans Condensed 2.37 lies beside this module with its licence.  It has Russian letters, №, ₽, «» and most scripts
of Europe; what it lacks is printed as �.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

from adapter.formats.printed import one_line

_FOLDER = Path(__file__).parent / "fonts"
_UNKNOWN = "\ufffd"
_CODE_MAX = 0xFFFF  # reportlab writes no reading aid (ToUnicode) for characters beyond


@dataclass(frozen=True, slots=True)
class Face:
    """One weight; `widths` are in thousandths of the size."""

    name: str
    widths: dict[str, float]

    def width(self, text: str, size: float) -> float:
        """In points."""
        return self._measure(self.showable(text)) * size / 1000

    def showable(self, text: str) -> str:
        """The text on one line, with a sign in place of each character that the typeface lacks."""
        line = one_line(text)
        if self.widths.keys() >= set(line):
            return line
        return "".join(char if char in self.widths else _UNKNOWN for char in line)

    def wrap(self, text: str, size: float, width: float) -> list[str]:
        """Lines no wider than `width` points: broken at spaces, a longer word wherever it must."""
        limit = width * 1000 / size
        space = self.widths[" "]
        lines: list[str] = []
        line: list[str] = []
        filled = 0.0
        for piece in self._pieces(self.showable(text), limit):
            wide = self._measure(piece)
            if line and filled + space + wide > limit:
                lines.append(" ".join(line))
                line, filled = [], 0.0
            filled += wide + (space if line else 0.0)
            line.append(piece)
        return [*lines, " ".join(line)] if line else lines

    def _measure(self, text: str) -> float:
        return sum(map(self.widths.__getitem__, text))

    def _pieces(self, text: str, limit: float) -> Iterator[str]:
        for word in text.split(" "):
            if word and self._measure(word) <= limit:
                yield word
            elif word:
                yield from self._cut(word, limit)

    def _cut(self, word: str, limit: float) -> Iterator[str]:
        start, filled = 0, 0.0
        for place, char in enumerate(word):
            filled += self.widths[char]
            if filled > limit and place > start:
                yield word[start:place]
                start, filled = place, self.widths[char]
        yield word[start:]


@cache
def _load(name: str) -> Face:
    font = TTFont(name, _FOLDER / f"{name}.ttf")
    pdfmetrics.registerFont(font)
    return Face(name, {chr(code): width for code, width in font.face.charWidths.items() if code <= _CODE_MAX})


def plain() -> Face:
    return _load("DejaVuSansCondensed")


def bold() -> Face:
    return _load("DejaVuSansCondensed-Bold")
