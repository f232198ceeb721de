"""Zips from outside: one plain file of bounded size, or a clear refusal."""

from __future__ import annotations

import io
import tracemalloc
import zipfile

import pytest

from adapter.domain.errors import UnreadableFile
from adapter.formats.archives import is_zip, unpack_only_file
from tests.formats.ed807_files import zipped

SIZE_MAX = 1024 * 1024
CONTENT = b"<ED807/>" * 10


def unpack(data: bytes) -> bytes:
    return unpack_only_file(data, ending=".xml", size_max=SIZE_MAX)


def code(data: bytes) -> str:
    with pytest.raises(UnreadableFile) as refused:
        unpack(data)
    (error,) = refused.value.errors
    assert unpack(zipped(CONTENT)) == CONTENT
    return error.code


def test_the_one_file_is_unpacked() -> None:
    assert is_zip(zipped(CONTENT))
    assert not is_zip(CONTENT)
    assert unpack(zipped(CONTENT)) == CONTENT
    assert unpack(zipped(CONTENT, name="ED807.XML")) == CONTENT


def test_several_files_and_none_are_refused() -> None:
    assert code(zipped(CONTENT, CONTENT)) == "not_one_file"
    assert code(zipped()) == "not_one_file"


@pytest.mark.parametrize(
    "name", ["../bank.xml", "/etc/bank.xml", "folder/bank.xml", "bank.exe", "folder/", "a\\..\\b.x"]
)
def test_paths_and_other_files_are_refused(name: str) -> None:
    assert code(zipped(CONTENT, name=name)) == "unexpected_name"


def test_a_zip_in_a_zip_is_refused() -> None:
    assert code(zipped(zipped(CONTENT), name="inner.zip")) == "unexpected_name"


def test_an_encrypted_file_is_refused() -> None:
    data = bytearray(zipped(CONTENT))
    for signature, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        data[data.index(signature) + offset] |= 1
    assert code(bytes(data)) == "zip_encrypted"


def test_unusual_packings_are_refused() -> None:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_LZMA) as archive:
        archive.writestr("bank.xml", CONTENT)
    assert code(packed.getvalue()) == "zip_packing"


def test_a_bomb_is_refused_before_it_is_unpacked() -> None:
    bomb = zipped(b" " * (SIZE_MAX - 1))
    assert code(bomb) == "zip_ratio"
    assert code(zipped(b" " * (50 * SIZE_MAX))) == "too_big"


def test_a_bomb_that_lies_about_its_size_takes_no_memory() -> None:
    data = bytearray(zipped(b" " * (50 * SIZE_MAX)))
    for signature, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        place = data.index(signature) + offset
        data[place : place + 4] = (1000).to_bytes(4, "little")
    tracemalloc.start()
    assert code(bytes(data)) == "bad_zip"
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 8 * SIZE_MAX


def test_broken_zips_are_refused() -> None:
    good = zipped(CONTENT)
    assert code(good[:40]) == "bad_zip"
    assert code(b"PK\x03\x04" + b"\xff" * 100) == "bad_zip"
    damaged = bytearray(good)
    damaged[60] ^= 0xFF
    assert code(bytes(damaged)) == "bad_zip"
