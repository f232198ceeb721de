"""Russian text ↔ the characters that SWIFT carries, letter for letter.

Source: SWIFT-RUR 6 (РОССВИФТ), table of transliteration.  One Russian letter is one Latin letter, so the text can be
read back; what is Latin already stands between apostrophes.  The table has no place for small Russian letters.

    Оплата по счёту INV-7  →  OPLATA PO ScoTU 'INV'-7  →  ОПЛАТА ПО СЧЁТУ INV-7
"""

from __future__ import annotations

import re
import unicodedata

LETTERS = dict(zip("АБВГДЕЁЖЗИЙКЛМНОПРСТУФХЦЧШЩЪЫЬЭЮЯ", "ABVGDEoJZIiKLMNOPRSTUFHCcQqxYXeua", strict=True))
SIGNS = dict(zip("'№%&!$;_=\"*", "jnpdbsvzrmf", strict=True)) | {
    # Not of SWIFT-RUR, but a letter that it leaves free: a bare ? would end a subfield of :86:.
    "?": "w",
}
# Several characters become one; what is read back is the one that the tables above give for it.
SUBSTITUTES = (
    dict(zip("#\\|<>[]{}`@^~", "n//()()()jfff", strict=True))
    | dict.fromkeys("«»“”„", "m")
    | dict.fromkeys("’‘", "j")
    | dict.fromkeys("–—−‑‐", "-")
    | {"₽": "RUB.", "×": "H"}
)
UNKNOWN_SUBSTITUTE = "."

_NEUTRAL = "0-9/\\-:().,+ "  # the same in both alphabets
_TABLE = {
    **{ord(letter): latin for letter, latin in LETTERS.items()},
    **{ord(letter.lower()): latin for letter, latin in LETTERS.items()},
    **{ord(sign): latin for sign, latin in (SIGNS | SUBSTITUTES).items()},
}
_BACK = {ord(latin): char for char, latin in (LETTERS | SIGNS).items()}
_LATIN_WORDS = re.compile(f"([A-Za-z](?:[A-Za-z{_NEUTRAL}]*[A-Za-z])?)")
_STRANGE = re.compile(f"[^A-Za-z{_NEUTRAL}{re.escape(''.join(map(chr, _TABLE)))}]")
_SPACES = re.compile(" {2,}")
# SWIFT-RUR writes the code of a currency operation so, which keeps its braces: {VO10100} ↔ '(VO10100)'.
_OPERATION_CODE = re.compile(r"(\{VO[0-9]{5}[A-Z0-9/-]{0,40}\})")
_WRITTEN_OPERATION_CODE = re.compile(r"'\((VO[0-9]{5}[A-Z0-9/-]{0,40})\)'")


def transliterate(text: str) -> str:
    """A text of one line in characters of SWIFT; never drops a character other than spaces at the ends and in runs."""
    if text.isascii() and text.isdigit():
        return text
    if _STRANGE.search(text):
        text = "".join(map(_known, unicodedata.normalize("NFC", text)))
    text = _SPACES.sub(" ", text).strip(" ")
    if "{VO" not in text:
        return _write(text)
    return "".join(
        f"'({part[1:-1]})'" if place % 2 else _write(part) for place, part in enumerate(_OPERATION_CODE.split(text))
    )


def restore(text: str) -> str:
    """What a transliterated text said: Russian in capitals, Latin between apostrophes as it stands there."""
    if text.isdigit():
        return text
    if "'(VO" in text:
        text = _WRITTEN_OPERATION_CODE.sub(r"'{\1}'", text)
    return "".join(part if place % 2 else part.translate(_BACK) for place, part in enumerate(text.split("'")))


def _write(text: str) -> str:
    """Latin words between apostrophes, the rest by the table."""
    return "".join(
        f"'{part}'" if place % 2 else part.translate(_TABLE) for place, part in enumerate(_LATIN_WORDS.split(text))
    )


def _known(char: str) -> str:
    """A character that the table or the Latin alphabet has, in place of one that neither has."""
    if not _STRANGE.match(char):
        return char
    if not char.isprintable():
        return " "
    basic = "".join(part for part in unicodedata.normalize("NFKD", char) if not unicodedata.combining(part))
    return basic if basic and not _STRANGE.search(basic) else UNKNOWN_SUBSTITUTE
