"""Feeding one reader with damaged files for some time."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from pathlib import Path

from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import seed as hypothesis_seed

from tests.fuzz.damage import damaged
from tests.fuzz.readers import Reader, list_readers
from tests.fuzz.watching import watch

FOUND = Path("var/fuzz")
EXAMPLES = 500  # between two looks at the clock


def fuzz(reader: Reader, seconds: float, seed: int) -> int:
    """How many files were read in about these seconds; raises what a reader must not raise, with the file shrunk."""
    read, until, batch = 0, time.monotonic() + seconds, 0
    while time.monotonic() < until:
        read += _run_batch(reader, seed + batch, lambda: time.monotonic() < until)
        batch += 1
    return read


def _run_batch(reader: Reader, seed: int, goes_on: Callable[[], bool]) -> int:
    counted, broken = 0, False
    words = [word.encode() for word in reader.words] + [word.encode("cp1251", "replace") for word in reader.words]

    @hypothesis_seed(seed)
    @settings(
        max_examples=EXAMPLES,
        database=None,
        deadline=None,
        phases=(Phase.generate, Phase.shrink),
        suppress_health_check=list(HealthCheck),
    )
    @given(damaged(reader.good_files(), words))
    def one(data: bytes) -> None:
        nonlocal counted, broken
        if broken or goes_on():  # shrinking is not cut short
            counted += 1
            broken = True
            _keep_if_broken(reader, data)
            broken = False

    one()
    return counted


def _keep_if_broken(reader: Reader, data: bytes) -> None:
    try:
        watch(reader.read, data)
    except BaseException:
        FOUND.mkdir(parents=True, exist_ok=True)
        name = f"{reader.name.replace(' ', '-')}-{hashlib.sha256(data).hexdigest()[:8]}"
        (FOUND / name).write_bytes(data)
        raise


def fuzz_named(name: str, seconds: float, seed: int) -> tuple[str, bool]:
    """What to tell of a reader, and whether it was broken."""
    reader = next(one for one in list_readers() if one.name == name)
    try:
        count = fuzz(reader, seconds, seed)
    except Exception as error:
        return f"{name}: {type(error).__name__}: {error}", True
    return f"{name}: {count:,} files, nothing but refusals", False
