"""Sheets of A4 and what is drawn on them: texts, lines, shades, and «Страница 3 из 12» at the foot of each.

Distances are points, y goes down from the top of the sheet.  Finished sheets are kept as compressed drawing commands,
so a statement of 20,000 entries takes some megabytes.  The number of sheets is one drawing that all of them refer to:
it is made last, when it is known.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from io import BytesIO
from threading import Lock

from reportlab import rl_config
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from adapter.formats.pdf.typeface import Face, bold, plain

rl_config.useA85 = 0  # it would make the file larger by a quarter, for channels of seven bits

WIDTH, HEIGHT = A4
LEFT, RIGHT = 42.0, WIDTH - 42.0
TOP, BOTTOM = 40.0, HEIGHT - 44.0
_FOOT = HEIGHT - 26.0
_TOTAL = "sheets"  # the name of the drawing with their number
_saving = Lock()  # reportlab reads the one face of all documents by a place in its file: two saves would mix

Colour = tuple[float, float, float]
INK: Colour = (0.11, 0.15, 0.20)
GREY: Colour = (0.38, 0.43, 0.49)
LINE: Colour = (0.80, 0.83, 0.87)
SHADE: Colour = (0.945, 0.955, 0.965)
ACCENT: Colour = (0.06, 0.27, 0.42)
AMBER: Colour = (0.85, 0.55, 0.10)


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks."""

    face: Face
    size: float
    colour: Colour


Line = tuple[str, Style]

TITLE = Style(bold(), 19, INK)
SUBTITLE = Style(plain(), 11, INK)
BANK = Style(bold(), 11, ACCENT)
BALANCE = Style(bold(), 11, INK)
STRONG = Style(bold(), 8, INK)
BODY = Style(plain(), 7.4, INK)
SMALL = Style(plain(), 6.3, GREY)
VALUE = Style(plain(), 8.4, INK)
LABEL = Style(plain(), 6.6, GREY)


class Paper:
    """The sheets of one document.  `on_next` draws what stands on top of every sheet but the first."""

    def __init__(self, *, title: str, subject: str, author: str, moment: str, foot: str) -> None:
        """`moment` is the time of making as PDF writes it, `foot` the text at the foot of each sheet."""
        self._bytes = BytesIO()
        canvas = Canvas(self._bytes, pagesize=A4, pageCompression=1, invariant=1, lang="ru-RU")
        canvas.setTitle(title)
        canvas.setSubject(subject)
        canvas.setAuthor(author)
        canvas.setCreator("bank-adapter")
        canvas.setDateFormatter(lambda *_: moment)
        canvas.setViewerPreference("DisplayDocTitle", "true")
        self._canvas = canvas
        self._foot = foot
        self.on_next: Callable[[Paper], None] = lambda _: None
        self.y = TOP

    def has_room(self, height: float) -> bool:
        return self.y + height <= BOTTOM

    def text(self, x: float, y: float, text: str, style: Style) -> None:
        """Beginning at x; y is the line that the letters stand on."""
        self.lines(x, y, [(style.face.showable(text), style)], style.size)

    def lines(self, x: float, y: float, lines: Iterable[Line], leading: float) -> None:
        """One under the other, `leading` points from line to line; the first stands on y.  Only showable texts."""
        drawn = self._canvas.beginText(x, HEIGHT - y)
        look = None
        for text, style in lines:
            if style is not look:
                drawn.setFont(style.face.name, style.size, leading)
                drawn.setFillColorRGB(*style.colour)
                look = style
            drawn.textLine(text)
        self._canvas.drawText(drawn)

    def text_fitting(self, x: float, y: float, text: str, style: Style, width: float) -> None:
        """Beginning at x; smaller where it would be wider than `width`."""
        self.text(x, y, text, _fitting(text, style, width))

    def text_right(self, x: float, y: float, text: str, style: Style, width: float = WIDTH) -> None:
        """Ending at x; smaller where it would be wider than `width`."""
        style = _fitting(text, style, width)
        self.text(x - style.face.width(text, style.size), y, text, style)

    def rule(self, y: float, colour: Colour = LINE, thickness: float = 0.4) -> None:
        self.box(LEFT, y, RIGHT - LEFT, thickness, colour)

    def box(self, x: float, y: float, width: float, height: float, colour: Colour) -> None:
        """A filled rectangle; x and y are its upper left corner."""
        self._canvas.setFillColorRGB(*colour)
        self._canvas.rect(x, HEIGHT - y - height, width, height, stroke=0, fill=1)

    def next_sheet(self) -> None:
        self._finish_sheet()
        self.y = TOP
        self.on_next(self)

    def finish(self) -> bytes:
        """The document."""
        self._finish_sheet()
        total = str(self._canvas.getPageNumber() - 1)
        self._canvas.beginForm(_TOTAL, 0, 0, WIDTH, HEIGHT)
        self.text(0, HEIGHT, total, LABEL)
        self._canvas.endForm()
        with _saving:
            self._canvas.save()
        return self._bytes.getvalue()

    def _finish_sheet(self) -> None:
        self.rule(_FOOT - 10)
        self.text_right(RIGHT, _FOOT, self._foot, LABEL)
        number = f"Страница {self._canvas.getPageNumber()} из "
        self.text(LEFT, _FOOT, number, LABEL)
        self._canvas.translate(LEFT + LABEL.face.width(number, LABEL.size), HEIGHT - _FOOT)
        self._canvas.doForm(_TOTAL)
        self._canvas.showPage()


def _fitting(text: str, style: Style, width: float) -> Style:
    wide = style.face.width(text, style.size)
    return style if wide <= width else Style(style.face, style.size * width / wide, style.colour)
