"""The readers' run of half a minute; `make fuzz` is the long one."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.fuzz.readers import Reader, list_readers
from tests.fuzz.running import fuzz
from tests.fuzz.watching import watch

SECONDS = 30.0
READERS = list_readers()
KEPT = sorted((Path(__file__).parent / "kept").glob("*"))  # what once broke a reader


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_a_damaged_file_is_read_or_refused_and_costs_little(reader: Reader) -> None:
    assert fuzz(reader, SECONDS / len(READERS), seed=20261122) > 0


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_what_once_broke_a_reader_breaks_none(reader: Reader) -> None:
    for path in KEPT:
        watch(reader.read, path.read_bytes())


@pytest.mark.parametrize("reader", READERS, ids=lambda reader: reader.name)
def test_the_good_files_are_read_by_somebody(reader: Reader) -> None:
    """A reader that refuses everything would pass the others."""
    assert [data for data in reader.good_files() if _is_read(reader, data)]


def _is_read(reader: Reader, data: bytes) -> bool:
    try:
        reader.read(data)
    except Exception:
        return False
    return True
