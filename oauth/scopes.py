"""What a service may be allowed to do; the words for people are in oauth/web."""

from __future__ import annotations

from collections.abc import Iterable
from enum import StrEnum


class Scope(StrEnum):
    STATEMENTS = "statements"  # accounts, balances, entries, statements
    PAYMENTS = "payments"  # drafts of payment orders and their fate


def parse_scope(text: str) -> frozenset[Scope]:
    """Read a space-separated scope (RFC 6749 section 3.3); raises ValueError for an unknown or empty one."""
    words = text.split(" ")
    if not text or len(set(words)) != len(words):
        raise ValueError("scope is empty or repeats a value")
    return frozenset(Scope(word) for word in words)


def format_scope(scopes: Iterable[Scope]) -> str:
    """Write scopes in a fixed order."""
    return " ".join(sorted(scopes))
