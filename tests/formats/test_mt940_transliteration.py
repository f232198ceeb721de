"""The table of SWIFT-RUR 6, letter by letter, and what becomes of characters that it does not have."""

from __future__ import annotations

import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from adapter.formats.mt940.transliteration import restore, transliterate
from tests.formats.statement_strategies import RUSSIAN

SWIFT_X = re.compile(r"[A-Za-z0-9/\-?:().,'+ ]*").fullmatch

# As РОССВИФТ publishes it.
TABLE = """
    А A  Б B  В V  Г G  Д D  Е E  Ё o  Ж J  З Z  И I  Й i  К K  Л L  М M  Н N  О O  П P
    Р R  С S  Т T  У U  Ф F  Х H  Ц C  Ч c  Ш Q  Щ q  Ъ x  Ы Y  Ь X  Э e  Ю u  Я a
    ' j  № n  % p  & d  ! b  $ s  ; v  _ z  = r  " m  * f
"""
PAIRS = list(zip(TABLE.split()[::2], TABLE.split()[1::2], strict=True))


@pytest.mark.parametrize(("russian", "swift"), PAIRS)
def test_each_letter_and_sign_goes_there_and_back(russian: str, swift: str) -> None:
    assert transliterate(russian) == swift
    assert restore(swift) == russian


@pytest.mark.parametrize(("russian", "swift"), [pair for pair in PAIRS if pair[0].isalpha()])
def test_small_letters_come_back_as_capitals(russian: str, swift: str) -> None:
    assert transliterate(russian.lower()) == swift


def test_no_two_letters_share_a_place() -> None:
    assert len({swift for _, swift in PAIRS}) == len(PAIRS) == 44


def test_a_question_mark_takes_a_letter_that_the_table_leaves_free() -> None:
    assert transliterate("Когда?") == "KOGDAw"
    assert restore("KOGDAw") == "КОГДА?"


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("Оплата по счёту INV-7", "OPLATA PO ScoTU 'INV'-7"),
        ("Договор A", "DOGOVOR 'A'"),
        ('ООО "Ромашка" (1/2), 22%', "OOO mROMAQKAm (1/2), 22p"),
        ("Acme Ltd. GmbH", "'Acme Ltd. GmbH'"),
        ("O'Neil", "'O'j'Neil'"),
        ("Сдвиг a1b2в", "SDVIG 'a1b'2V"),
        ("12345", "12345"),
        ("", ""),
    ],
)
def test_latin_words_stand_between_apostrophes(text: str, written: str) -> None:
    assert transliterate(text) == written
    assert restore(written).casefold() == text.casefold()


@pytest.mark.parametrize("code", ["{VO10100}", "{VO10100PS13040001/1234/0000/1/1}"])
def test_the_code_of_a_currency_operation_keeps_its_braces(code: str) -> None:
    written = transliterate(f"{code}Оплата")
    assert written == f"'({code[1:-1]})'OPLATA"
    assert restore(written) == f"{code}ОПЛАТА"


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("«Ромашка»", '"РОМАШКА"'),
        ("цена – 5 ₽", "ЦЕНА - 5 РУБ."),
        ("a\\b|c", "a/b/c"),
        ("[1] {2} <3>", "(1) (2) (3)"),
        ("a@b ~ #7", "a*b * №7"),
        ("café Ōsaka", "cafe Osaka"),
        ("и\u0306", "Й"),
        ("😀 и 漢", ". И ."),
        ("а\r\n:61:б\tв\u200bг", "А :61:Б В Г"),
        ("а   б\u00a0 в", "А Б В"),
    ],
)
def test_what_the_table_lacks_is_written_as_something_like_it(text: str, read: str) -> None:
    assert restore(transliterate(text)) == read


@given(st.text())
@example("a'b")
@example("'(VO10100)'")
@example("a(VO10100)")
def test_any_text_becomes_characters_of_swift(text: str) -> None:
    written = transliterate(text)
    assert SWIFT_X(written)
    assert "?" not in written
    assert written == written.strip()
    assert written.count("'") % 2 == 0


@given(st.text())
def test_what_was_read_back_stays_the_same(text: str) -> None:
    written = transliterate(text)
    assert restore(transliterate(restore(written))) == restore(written)


@given(st.text(RUSSIAN))
def test_the_characters_of_a_payment_order_lose_nothing_but_what_is_stated(text: str) -> None:
    lost = str.maketrans("#\\|<>[]{}`@^~", "№//()()()'***")
    told = " ".join(part for part in text.split(" ") if part)
    assert restore(transliterate(told)).casefold() == (told if "{VO" in told else told.translate(lost)).casefold()
