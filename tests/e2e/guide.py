"""Reads api_specs/guide.md as a reader would follow it: commands, what they print, and what people do in between."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

GUIDE = Path(__file__).parents[2] / "api_specs" / "guide.md"
PART = re.compile(r"^<!-- person: (?P<deed>.+?) -->$|^```(?P<kind>sh|text)\n(?P<body>.*?)^```$", re.M | re.S)
DONE = "--- end of block ---"


@dataclass(frozen=True, slots=True)
class Deed:
    """Something that people do at a browser."""

    name: str


@dataclass(frozen=True, slots=True)
class Block:
    """Commands, and the lines that they print; `…` stands for anything."""

    line: int
    commands: str
    printed: str | None


def read_guide(text: str) -> Iterator[Deed | Block]:
    """Deeds and blocks in the order of the guide."""
    parts = list(PART.finditer(text))
    for part, after in zip(parts, [*parts[1:], None], strict=True):
        if part["deed"]:
            yield Deed(part["deed"])
        elif part["kind"] == "sh":
            printed = after["body"] if after and after["kind"] == "text" else None
            yield Block(text.count("\n", 0, part.start()) + 1, part["body"], printed)


class Shell:
    """One shell for the whole guide, so that variables and functions live on from block to block."""

    def __init__(self, folder: Path) -> None:
        self._process = subprocess.Popen(
            ["bash", "--norc"],
            cwd=folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            encoding="utf-8",
        )

    def run(self, commands: str) -> str:
        """What the commands print, errors included."""
        assert self._process.stdin
        assert self._process.stdout
        self._process.stdin.write(f"{commands}\necho; echo '{DONE}'\n")
        self._process.stdin.flush()
        lines = list(iter(self._process.stdout.readline, f"{DONE}\n"))
        return "".join(lines).strip("\n")

    def close(self) -> None:
        assert self._process.stdin
        self._process.stdin.close()
        self._process.wait(10)


def matches(printed: str, expected: str) -> bool:
    """Whether the output is what the guide shows."""
    pattern = re.escape(expected.strip("\n")).replace("…", ".+")
    return re.fullmatch(pattern, printed) is not None


def fill_in(commands: str, values: Mapping[str, str]) -> str:
    """Put the reader's own values in place of the guide's samples."""
    for sample, value in values.items():
        commands = commands.replace(sample, value)
    return commands
