"""Elements of XML as text, for messages that are written as a stream of prepared pieces."""

from __future__ import annotations

import re
from collections.abc import Iterator

_SPECIAL = re.compile("[&<>\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}


def escape(text: str) -> str:
    """Text as XML holds it: control characters become spaces, what XML 1.0 cannot hold otherwise becomes U+FFFD."""
    return _SPECIAL.sub(_substitute, text) if _SPECIAL.search(text) else text


def element(name: str, text: str | None) -> str:
    """`<name>text</name>`; nothing for an empty text, which ISO 20022 does not allow."""
    return f"<{name}>{escape(text)}</{name}>" if text else ""


def wrap(name: str, content: str) -> str:
    """`<name>content</name>` around written elements; nothing around nothing."""
    return f"<{name}>{content}</{name}>" if content else ""


def pieces_of(text: str, length: int) -> Iterator[str]:
    """The text cut after every `length` characters."""
    for start in range(0, len(text), length):
        yield text[start : start + length]


def _substitute(match: re.Match[str]) -> str:
    char = match[0]
    return _ENTITIES.get(char) or (" " if char <= "\x7f" else "\ufffd")
