"""The words of the pages: numbers as people read them, plural forms, every state and event has words."""

from __future__ import annotations

import re
from datetime import UTC, datetime
from pathlib import Path

import pytest
from flask import Flask

import oauth
from adapter import services
from oauth.scopes import Scope
from oauth.web.language import plural, say_day, say_moment
from oauth.web.words import CLUSTERS, EVENTS, SCOPES, account_number, clusters, initials, say_event, say_use

RECORDED = re.compile(
    r'"((?:alarm|authorization|client|code|consent|customer_data|document|partner|refresh_token|staff|statement|token)'
    r'\.[a-z_]+)"'
)


def test_every_recorded_event_has_words() -> None:
    sources = [path for path in Path(oauth.__file__).parent.rglob("*.py") if path.name != "words.py"]
    sources += Path(services.__file__).parent.glob("*.py")
    recorded = {name for path in sources for name in RECORDED.findall(path.read_text())}
    columns_and_files = {name for name in recorded if name.endswith((".id", ".html"))}
    made_of_kinds = {"partner.resume_requested", "partner.reissue_requested"}
    assert (recorded - columns_and_files) | made_of_kinds == set(EVENTS)


def test_every_scope_has_words() -> None:
    assert set(CLUSTERS) == set(SCOPES) == set(Scope)
    assert [cluster.title for cluster in clusters([Scope.PAYMENTS])] == ["Готовить платёжные поручения"]
    assert len(clusters(Scope)) == 3


@pytest.mark.parametrize(
    ("number", "words"),
    [
        (0, "0 счетов"),
        (1, "1 счёт"),
        (2, "2 счёта"),
        (5, "5 счетов"),
        (11, "11 счетов"),
        (21, "21 счёт"),
        (112, "112 счетов"),
    ],
)
def test_russian_counts_have_three_forms(number: int, words: str) -> None:
    assert plural(number, "{n} счёт", "{n} счёта", "{n} счетов") == words


@pytest.mark.parametrize(("number", "words"), [(1, "1 account"), (2, "2 accounts"), (21, "21 accounts")])
def test_english_counts_have_two(site: Flask, number: int, words: str) -> None:
    with site.test_request_context(headers={"Accept-Language": "en"}):
        assert plural(number, "{n} счёт", "{n} счёта", "{n} счетов") == words


def test_moments_are_told_in_moscow() -> None:
    late = datetime(2026, 12, 31, 21, 30, tzinfo=UTC)
    assert say_day(late) == "1 января 2027\u00a0г."
    assert say_moment(late) == "1 января 2027\u00a0г., 00:30"


def test_account_numbers_are_grouped_for_reading() -> None:
    assert account_number("40702810400000012345") == "40702\u00a0810\u00a04\u00a00000\u00a00012345"
    assert account_number("not a number") == "not a number"


@pytest.mark.parametrize(("name", "letter"), [("«Ромашка»", "Р"), ("platrum", "P"), ("!!", "•")])
def test_a_name_has_a_letter(name: str, letter: str) -> None:
    assert initials(name) == letter


def test_unknown_names_are_shown_as_they_are() -> None:
    assert say_event("something.new") == "something.new"
    assert say_use("brand_new.call") == "brand_new.call"
    assert say_use("changes.read_changes") == "Новые операции"
    assert say_use("refused:insufficient_scope") == "Отказ: у сервиса нет такого права"
