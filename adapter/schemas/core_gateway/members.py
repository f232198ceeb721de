"""Reading JSON from the other side: typed, bounded, and exact about the place of what is wrong.

Texts never name the value: they end in logs and answers, and values are people's data.
"""

from __future__ import annotations

import datetime as dt
import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, TypeVar

from adapter.domain.limits import ID_MAX, TEXT_MAX, URL_MAX
from adapter.domain.money import Money

AMOUNT = re.compile(r"-?[0-9]{1,16}(\.[0-9]{1,2})?")
CURRENCY = re.compile(r"[A-Z]{3}")
DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
UNSTORABLE = re.compile("[\x00\ud800-\udfff]")  # neither database keeps these

LIST_MAX = 1_000_000

E = TypeVar("E", bound=Enum)


class WrongShape(ValueError):
    """The other side sent what its contract does not allow; `place` is a JSON pointer (RFC 6901)."""

    def __init__(self, place: str, what: str) -> None:
        super().__init__(f"{place or '/'}: {what}")
        self.place = place
        self.what = what


@dataclass(frozen=True, slots=True)
class Members:
    """An object of JSON and where it stands.  A member that is null is one that is absent."""

    found: Mapping[str, Any]
    place: str = ""

    @classmethod
    def of(cls, value: Any, place: str = "") -> Members:
        if not isinstance(value, dict):
            raise WrongShape(place, "not an object")
        return cls(value, place)

    def text(self, name: str, most: int = TEXT_MAX, *, may_be_empty: bool = True) -> str:
        value = self._needed(name)
        if not isinstance(value, str) or len(value) > most or UNSTORABLE.search(value):
            raise self.wrong(name, f"not a text of at most {most} characters")
        if not value and not may_be_empty:
            raise self.wrong(name, "empty")
        return value

    def text_or_none(self, name: str, most: int = TEXT_MAX) -> str | None:
        return None if self.found.get(name) is None else self.text(name, most)

    def identifier(self, name: str, most: int = ID_MAX) -> str:
        return self.text(name, most, may_be_empty=False)

    def matching(self, name: str, pattern: re.Pattern[str], what: str) -> str:
        value = self._needed(name)
        if not isinstance(value, str) or not pattern.fullmatch(value):
            raise self.wrong(name, f"not {what}")
        return value

    def address(self, name: str) -> str | None:
        """A web address, or none."""
        value = self.text_or_none(name, URL_MAX)
        if value is not None and not value.startswith(("https://", "http://")):
            raise self.wrong(name, "not a web address")
        return value

    def flag(self, name: str, default: bool | None = None) -> bool:
        value = self.found.get(name)
        if value is None and default is not None:
            return default
        if not isinstance(value, bool):
            raise self.wrong(name, "neither true nor false")
        return value

    def whole(self, name: str, least: int, most: int) -> int:
        value = self._needed(name)
        if type(value) is not int or not least <= value <= most:
            raise self.wrong(name, f"not a whole number from {least} to {most}")
        return value

    def whole_or_none(self, name: str, least: int, most: int) -> int | None:
        return None if self.found.get(name) is None else self.whole(name, least, most)

    def seconds_or_none(self, name: str) -> float | None:
        value = self.found.get(name)
        if value is None:
            return None
        if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
            raise self.wrong(name, "not a number of seconds")
        return float(value)

    def day(self, name: str) -> dt.date:
        value = self._needed(name)
        try:
            return dt.date.fromisoformat(value if DAY.fullmatch(value) else "")
        except (TypeError, ValueError):
            raise self.wrong(name, "not a date like 2026-11-21") from None

    def moment(self, name: str) -> dt.datetime:
        value = self._needed(name)
        try:
            found = dt.datetime.fromisoformat(value)
            if found.tzinfo is None:
                raise ValueError
            return found.astimezone(dt.UTC)
        except (TypeError, ValueError, OverflowError):
            raise self.wrong(name, "not a moment with an offset (RFC 3339)") from None

    def moment_or_null(self, name: str) -> dt.datetime | None:
        """None where null is told; a member that was forgotten is an error."""
        return None if name in self.found and self.found[name] is None else self.moment(name)

    def currency(self) -> str:
        return self.matching("currency", CURRENCY, "a currency code of ISO 4217")

    def money(self, name: str, currency: str) -> Money:
        return Money.of(self.matching(name, AMOUNT, 'a decimal string like "1500.00"'), currency)

    def one_of(self, name: str, kind: type[E]) -> E:
        value = self._needed(name)
        try:
            return kind(value)
        except ValueError:
            raise self.wrong(name, f"not one of {', '.join(str(one.value) for one in kind)}") from None

    def object(self, name: str) -> Members:
        return Members.of(self._needed(name), f"{self.place}/{name}")

    def object_or_none(self, name: str) -> Members | None:
        return None if self.found.get(name) is None else self.object(name)

    def objects(self, name: str, most: int = LIST_MAX) -> Sequence[Members]:
        return [Members.of(one, f"{self.place}/{name}/{place}") for place, one in enumerate(self._list(name, most))]

    def objects_or_none(self, name: str) -> Sequence[Members]:
        """The objects of a list that may be absent."""
        return [] if self.found.get(name) is None else self.objects(name)

    def identifiers(self, name: str, most: int) -> Sequence[str]:
        values = self._list(name, most)
        for place, value in enumerate(values):
            if not isinstance(value, str) or not 0 < len(value) <= ID_MAX or UNSTORABLE.search(value):
                raise WrongShape(f"{self.place}/{name}/{place}", f"not a text of 1 to {ID_MAX} characters")
        return values

    def texts_by_name(self, name: str) -> dict[str, str]:
        """An object of texts; absent is empty."""
        inner = self.object_or_none(name)
        return {one: inner.text(one) for one in inner.found} if inner else {}

    def wrong(self, name: str, what: str) -> WrongShape:
        return WrongShape(f"{self.place}/{name}", what)

    def _needed(self, name: str) -> Any:
        value = self.found.get(name)
        if value is None:
            raise self.wrong(name, "absent")
        return value

    def _list(self, name: str, most: int) -> Sequence[Any]:
        value = self._needed(name)
        if not isinstance(value, list) or len(value) > most:
            raise self.wrong(name, f"not a list of at most {most}")
        return value
