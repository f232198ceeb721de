from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapter.domain.characters import describe, find_forbidden, normalise_text


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("ООО «Ромашка»", 'ООО "Ромашка"'),
        ("„Ромашка“ и ”Лютик”", '"Ромашка" и "Лютик"'),
        ("счёт — 5 – 6 − 7", "счёт - 5 - 6 - 7"),
        ("НДС\u00a022%\tи\r\nпрочее", "НДС 22% и прочее"),
        ("  два   слова ", "два слова"),
        ("D’Artagnan", "D'Artagnan"),
        ("№ 5", "№ 5"),
    ],
)
def test_typographic_signs_become_what_the_form_can_hold(before: str, after: str) -> None:
    assert normalise_text(before) == after


def test_a_clean_text_stays_the_same_object() -> None:
    text = "Оплата по счёту"
    assert normalise_text(text) is text


@given(st.text())
def test_normalising_twice_changes_nothing_more(text: str) -> None:
    once = normalise_text(text)
    assert normalise_text(once) == once


def test_forbidden_characters_are_named_once_in_their_order() -> None:
    assert find_forbidden("цена 5 € и 6 € 😀") == ["€", "😀"]
    assert find_forbidden("ёЁ № ~ az") == []


def test_invisible_characters_are_told_by_their_number() -> None:
    assert describe(["€", "\u200b"]) == "€, U+200B"
    assert describe(list("abcdefghijk")) == "a, b, c, d, e, f, g, h, i, j …"
