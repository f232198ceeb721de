"""Texts that ISO 20022 cuts into elements of a bounded length, put together again."""

from __future__ import annotations

from collections.abc import Iterable

TEXT_LENGTH = 140  # of one Ustrd and of a name
LINE_LENGTH = 70  # of an address line


def join_purpose(pieces: Iterable[str]) -> str:
    """All pieces of a purpose; a full piece goes on in the next one, a shorter one ends with a word."""
    purpose, is_full = "", True
    for whole in pieces:
        piece = whole if len(whole) == TEXT_LENGTH else whole.strip("\r\n\t")
        purpose += piece if is_full or not piece else f" {piece}"
        is_full = len(piece) == TEXT_LENGTH
    return purpose.strip()


def join_name(name: str, address_lines: Iterable[str]) -> str:
    """A name, with what stands in address lines where the element of the name was full."""
    return (name + "".join(address_lines) if len(name) == TEXT_LENGTH else name).strip()
