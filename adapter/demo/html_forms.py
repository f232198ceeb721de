"""The forms, links and marked texts of an HTML page, read as a browser without scripts reads them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from html.parser import HTMLParser

VOID = frozenset({"area", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"})
CHOICES = frozenset({"checkbox", "radio"})


@dataclass(slots=True, kw_only=True)
class Field:
    """One control.  `words` is the text of the label around it; `is_set` tells ticked boxes and chosen options."""

    name: str
    kind: str  # the type of an input, or textarea, select, button
    value: str = ""
    words: str = ""
    is_set: bool = False


@dataclass(slots=True, kw_only=True)
class Form:
    action: str
    method: str
    fields: list[Field] = field(default_factory=list)

    def has(self, name: str) -> bool:
        return any(one.name == name for one in self.fields)

    def choices(self, name: str) -> list[Field]:
        """Boxes or radio buttons of this name, in the page's order."""
        return [one for one in self.fields if one.name == name and one.kind in CHOICES]

    def defaults(self) -> list[tuple[str, str]]:
        """What a browser would send if the person touched nothing; buttons are pressed separately."""
        return [(one.name, one.value) for one in self.fields if one.kind != "button" and _is_sent(one)]


@dataclass(slots=True, kw_only=True)
class Parsed:
    forms: list[Form] = field(default_factory=list)
    links: list[tuple[str, str]] = field(default_factory=list)  # address and words
    marked: dict[str, str] = field(default_factory=dict)  # text of elements that have an id
    title: str = ""
    text: str = ""


def parse_page(html: str) -> Parsed:
    """Read a page; unknown markup is passed over."""
    reader = _Reader()
    reader.feed(html)
    reader.close()
    parsed = reader.parsed
    parsed.title = squeeze(parsed.title)
    parsed.text = squeeze(parsed.text)
    parsed.marked = {name: squeeze(text) for name, text in parsed.marked.items()}
    parsed.links = [(address, squeeze(words)) for address, words in parsed.links]
    for one in (one for form in parsed.forms for one in form.fields):
        one.words = squeeze(one.words)
    return parsed


def squeeze(text: str) -> str:
    """White space folded, also the kinds that do not break."""
    return " ".join(text.split())


def _is_sent(one: Field) -> bool:
    return bool(one.name) and (one.kind not in CHOICES or one.is_set)


class _Reader(HTMLParser):
    """Keeps the open elements, so that text is told to the label, link, box and id it stands in."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.parsed = Parsed()
        self._open: list[tuple[str, str | None]] = []  # tag and id
        self._form: Form | None = None
        self._control: Field | None = None  # the textarea, select or button that is open
        self._labelled: list[Field] = []  # controls inside the open label
        self._label = ""
        self._label_for: dict[str, str] = {}
        self._link: str | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        if tag not in VOID:
            self._open.append((tag, values.get("id")))
        if tag == "form":
            self._form = Form(action=values.get("action", ""), method=values.get("method", "get").lower())
            self.parsed.forms.append(self._form)
        elif tag == "a" and "href" in values:
            self._link = values["href"]
            self.parsed.links.append((self._link, ""))
        elif tag == "label":
            self._label, self._labelled = "", []
        elif self._form is not None:
            self._open_control(tag, values)

    def handle_endtag(self, tag: str) -> None:
        while self._open and self._open.pop()[0] != tag:
            pass
        if tag == "form":
            self._form = None
        elif tag == "a":
            self._link = None
        elif tag == "label":
            for one in self._labelled:
                one.words = self._label
        elif tag in {"textarea", "select", "button"}:
            self._control = None

    def handle_data(self, data: str) -> None:
        self.parsed.text += data + " "
        if self._open and self._open[-1][0] == "title":
            self.parsed.title += data
        self._label += data + " "
        for name in self._ids_around():
            self.parsed.marked[name] = self.parsed.marked.get(name, "") + data
        if self._control is not None and self._control.kind == "textarea":
            self._control.value += data
        elif self._control is not None and self._control.kind == "button":
            self._control.words += data
        if self._link is not None:
            address, words = self.parsed.links[-1]
            self.parsed.links[-1] = (address, words + data)

    def _open_control(self, tag: str, values: dict[str, str]) -> None:
        assert self._form is not None
        if tag == "option" and self._control is not None:
            if "selected" in values or not self._control.is_set:
                self._control.value = values.get("value", "")
                self._control.is_set = True
            return
        if tag not in {"input", "textarea", "select", "button"} or "disabled" in values:
            return
        kind = values.get("type", "text") if tag == "input" else tag
        value = values.get("value", "on" if kind in CHOICES else "")
        one = Field(name=values.get("name", ""), kind=kind, value=value, is_set="checked" in values)
        self._form.fields.append(one)
        self._labelled.append(one)
        if tag != "input":
            self._control = one

    def _ids_around(self) -> Iterator[str]:
        return (name for _, name in self._open if name)
