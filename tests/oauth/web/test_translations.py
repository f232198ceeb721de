"""Every message of the pages has its English, and the catalogue has nothing that the pages no longer say."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from oauth.web.language import FOLDER
from tests.oauth.web.actors import Browser, text_of

WEB = Path(FOLDER).parent
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
KEYWORDS = {"_": None, "gettext": None, "mark": None, "plural": (2, 3, 4)}
PO = FOLDER / "en/LC_MESSAGES/messages.po"
CYRILLIC = re.compile("[А-Яа-яЁё]")


def messages_in_sources() -> set[str]:
    """What the templates and modules say; the three forms of a plural are messages of their own."""
    options = {"templates/**.html": {"trimmed": "false", "silent": "false"}}
    found: set[str] = set()
    for _file, _line, message, _comments, _context in extract_from_dir(
        WEB, METHODS, options, KEYWORDS, directory_filter=lambda folder: "translations" not in folder
    ):
        found.update([message] if isinstance(message, str) else [form for form in message if form])
    return found


def test_nothing_is_untranslated() -> None:
    with PO.open("rb") as file:
        english = {message.id: message.string for message in read_po(file) if message.id}
    assert messages_in_sources() == set(english)
    assert [message for message, text in english.items() if not text or CYRILLIC.search(text)] == []


def test_translations_keep_the_placeholders() -> None:
    with PO.open("rb") as file:
        for message in read_po(file):
            names = re.compile(r"%\(\w+\)s|\{\w+\}")
            assert sorted(names.findall(message.id)) == sorted(names.findall(message.string)), message.id


def test_the_compiled_catalogue_is_current() -> None:
    with PO.open("rb") as source, PO.with_suffix(".mo").open("rb") as compiled:
        wanted = {message.id: message.string for message in read_po(source) if message.id}
        assert {message.id: message.string for message in read_mo(compiled) if message.id} == wanted


@pytest.mark.parametrize(
    ("asked", "language"),
    [("en-US,en;q=0.9", "en"), ("ru,en;q=0.5", "ru"), ("de", "ru"), ("", "ru"), ("\x7f;;q=x", "ru")],
)
def test_the_browser_chooses_the_language(browser: Browser, asked: str, language: str) -> None:
    page = browser.open("/apply", **{"Accept-Language": asked})
    assert f'<html lang="{language}">' in page.text
    assert bool(CYRILLIC.search(text_of(page).replace("Банк «Заря»", ""))) == (language == "ru")
