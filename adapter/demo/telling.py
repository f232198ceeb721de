"""How the demo speaks: numbered steps, what was sent and what came back, and a tick for every check."""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from typing import Any

SECRETS = re.compile(r"^((?:at_|rt_|ac_|rc_|cs_|urn:ietf:params:oauth:request_uri:).{4}).{8,}$")
LONGEST = 72
LONGEST_LINE = 200

BOLD, DIM, GREEN, RED, PLAIN = "\033[1m", "\033[2m", "\033[32m", "\033[31m", "\033[0m"


class DemoFailed(Exception):
    """A step did not go as it must; the text says what was expected and what came."""


class Teller:
    """Writes the story line by line; counts the steps and the checks."""

    def __init__(self, write: Callable[[str], object] = print, *, is_coloured: bool | None = None) -> None:
        self._write = write
        self._is_coloured = sys.stdout.isatty() if is_coloured is None else is_coloured
        self.steps = 0
        self.checks = 0

    def step(self, title: str) -> None:
        self.steps += 1
        self._write("")
        self._write(self._paint(f"{self.steps}. {title}", BOLD))

    def say(self, text: str) -> None:
        self._write(f"   {text}")

    def exchange(self, request: str, sent: str, answer: str, got: str) -> None:
        """One request and its answer."""
        self._write(self._paint(f"   → {request}", DIM) + (f"  {_cut(sent)}" if sent else ""))
        self._write(self._paint(f"   ← {answer}", DIM) + (f"  {_cut(got)}" if got else ""))

    def check(self, what: str, got: object, expected: object) -> None:
        """Tick off what must be so; raises DemoFailed when it is not."""
        if got != expected:
            self._write(self._paint(f"   ✗ {what}", RED))
            raise DemoFailed(f"{what}: expected {expected!r}, got {got!r}")
        self.checks += 1
        self._write(self._paint("   ✓ ", GREEN) + what)

    def _paint(self, text: str, colour: str) -> str:
        return f"{colour}{text}{PLAIN}" if self._is_coloured else text


def tell_members(body: Any, names: tuple[str, ...]) -> str:
    """The named members of a JSON object as `name=value`; lists tell how many, secrets are cut."""
    if not isinstance(body, Mapping):
        return ""
    return ", ".join(f"{name}={shorten(body[name])}" for name in names if body.get(name) is not None)


def shorten(value: object) -> str:
    """A value that fits a line; tokens, codes and receipts keep a few characters only."""
    if isinstance(value, list):
        return f"[{len(value)}]"
    text = str(value)
    if found := SECRETS.match(text):
        return f"{found[1]}…"
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}…"


def _cut(line: str) -> str:
    return line if len(line) <= LONGEST_LINE else f"{line[:LONGEST_LINE]}…"
